"""004-10, 001-22, 001-23: traffic is added up while rating, and equals the records."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from django.db import connection, transaction

from rating.engine.traffic import add_traffic
from rating.models import KeyAccountDay, TrafficDay, TrafficServiceDay
from rating.operations.key_accounts import follow_key_account
from rating.operations.staff_lines import follow_staff_lines
from rating.queries.invariants import INVARIANTS
from rating.queries.traffic import key_account_days, traffic_by, traffic_by_hour
from subscribers.operations.staff_lines import give_staff_line
from tests.factories.records import Call, make_records, make_usage_file
from tests.factories.tariffs import make_zone
from tests.reports.asking import rows_of

Row = dict[str, Any]
DAY = date(2026, 3, 3)
NUMBER = (DAY - date(1970, 1, 1)).days


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def frame(*rows: Row) -> pl.DataFrame:
    usual = {
        "day_local": NUMBER,
        "hour": 14,
        "source_id": 1,
        "trunk_in": "T1",
        "trunk_out": "",
        "category": "HOME",
        "service": 0,
        "zone_id": 0,
        "account_id": 1,
        "subscription_id": 1,
        "duration": 60,
        "volume": 0,
        "amount_micro": 5_000_000,
        "sign": 1,
    }
    kinds = {"day_local": pl.Int32, "hour": pl.Int8, "service": pl.Int8, "sign": pl.Int8}
    return pl.DataFrame([{**usual, **row} for row in rows], schema_overrides=kinds)


def findings(name: str) -> tuple[str, ...]:
    (invariant,) = [one for one in INVARIANTS if one.name == name]
    return tuple(f"{found.subject}: {found.detail}" for found in invariant.findings())


def add(*rows: Row) -> None:
    with transaction.atomic():
        add_traffic(frame(*rows))


def test_records_are_added_to_their_hour_and_a_reversal_is_taken_off(db):
    """004-10: minutes and money by exchange, trunk group, customer type."""
    zone = make_zone()
    add({"zone_id": zone.pk}, {"zone_id": zone.pk, "trunk_in": "T\t2", "category": "BUSINESS"})
    back = {"sign": -1, "duration": -60, "amount_micro": -5_000_000}
    add({"zone_id": zone.pk, **back}, {"zone_id": zone.pk, "amount_micro": 4_000_000, "hour": 23, "volume": 7})

    whole: Row = {"first": DAY, "last": DAY, "only": {}}
    by_trunk = {one.key: (one.record_count, one.amount_micro) for one in traffic_by(dimension="trunk_in", **whole)}
    assert by_trunk == {"T1": (1, 4_000_000), "T\t2": (1, 5_000_000)}
    (business,) = traffic_by(dimension="category", first=DAY, last=DAY, only={"category": "BUSINESS"})
    assert (business.key, business.duration_seconds) == ("BUSINESS", 60)
    assert traffic_by_hour(dimension="source", **whole) == {1: {14: 1, 23: 1}}
    assert TrafficDay.objects.get(hour=23).volume_bytes == 7
    assert findings("rating.service_days_equal_traffic") == ()
    assert [(one.record_count, one.amount_micro) for one in TrafficServiceDay.objects.all()] == [(2, 9_000_000)]
    assert set(TrafficDay.objects.values_list("usage_category_id", flat=True)) == {zone.usage_category_id}


def records_and_rows(person) -> list[Row]:
    """Ten calls over two days of the operator, as records and as the rows that rating adds."""
    begin = datetime(2026, 3, 3, 19, 55, tzinfo=UTC)
    calls = [Call(line=person.line, start_at=begin + timedelta(minutes=n), micro=n + 1) for n in range(10)]
    file = make_records(calls)
    rows = []
    for call in calls:
        local = call.start_at + timedelta(hours=4)
        day = (local.date() - date(1970, 1, 1)).days
        told = {"source_id": file.source_id, "zone_id": make_zone().pk, "account_id": person.account.pk}
        told["subscription_id"] = person.line.pk
        rows.append(
            {**told, "day_local": day, "hour": local.hour, "duration": call.seconds, "amount_micro": call.micro}
        )
    return rows


def test_traffic_equals_the_rated_records(ani):
    """004-10, 001-22: sums equal the rated records; what differs is named."""
    rows = records_and_rows(ani)
    assert findings("rating.traffic_equals_records") == ()
    add(*rows[:9])
    source = make_usage_file().source_id
    assert findings("rating.traffic_equals_records") == (
        f"traffic 2026-03-04 of source {source}: millionths: kept 30, records sum to 40",
        f"traffic 2026-03-04 of source {source}: records: kept 4, records sum to 5",
        f"traffic 2026-03-04 of source {source}: seconds: kept 240, records sum to 300",
    )

    add(rows[9])
    assert findings("rating.traffic_equals_records") == ()


def test_key_account_is_followed_from_its_first_record_on(ani, najla, specialist):
    """001-23: key accounts' traffic, also that of before."""
    rows = records_and_rows(ani)
    follow_key_account(account_id=ani.account.pk, is_key=True, actor=specialist)
    assert findings("rating.key_accounts_equal_records") == ()
    days = key_account_days(account_id=ani.account.pk, first=DAY, last=DAY + timedelta(days=1))
    assert [(one.key.day, one.record_count, one.amount_micro) for one in days] == [(3, 5, 15), (4, 5, 40)]

    extra = Call(line=ani.line, start_at=datetime(2026, 3, 3, 12, tzinfo=UTC), micro=100, key=77)
    make_records([extra])
    assert findings("rating.key_accounts_equal_records") != ()
    add({**rows[0], "amount_micro": 100, "hour": 16}, {**rows[0], "account_id": najla.account.pk})
    assert findings("rating.key_accounts_equal_records") == ()
    assert set(KeyAccountDay.objects.values_list("account_id", flat=True)) == {ani.account.pk}


def test_line_of_staff_is_followed_from_its_first_record_on(ani, najla):
    """000-16: the report of staff over their minutes reads days, never records; what was there before is in them."""
    rows = records_and_rows(ani)
    for person in (ani, najla):
        give_staff_line(
            subscription_id=person.line.pk, employee="E", allowance_seconds=540, from_on=date(2026, 3, 2), actor=None
        )
    before = rows_of("staff-use", DAY, DAY)
    assert [(row[1], row[5]) for row in before] == [("E", 600)]

    assert (follow_staff_lines(most=1), follow_staff_lines(most=1), follow_staff_lines()) == (1, 1, 0)
    assert (rows_of("staff-use", DAY, DAY), findings("rating.staff_days_equal_records")) == (before, ())

    make_records([Call(line=ani.line, start_at=datetime(2026, 3, 3, 12, tzinfo=UTC), micro=100, key=77)])
    assert findings("rating.staff_days_equal_records") != ()
    assert rows_of("staff-use", DAY, DAY) == before
    add({**rows[0], "amount_micro": 100}, {**rows[0], "subscription_id": 4711})
    assert findings("rating.staff_days_equal_records") == ()
    assert [row[5] for row in rows_of("staff-use", DAY, DAY)] == [660]


def test_two_workers_add_to_one_hour(fresh_database):
    """Spools end side by side: neither loses what the other added."""
    barrier = threading.Barrier(2)

    def work() -> None:
        try:
            barrier.wait()
            for hour in range(24):
                add(*({"usage_category_id": 1, "hour": hour, "trunk_in": f"T{n}"} for n in range(5)))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert set(TrafficDay.objects.values_list("record_count", flat=True)) == {2}
    assert TrafficServiceDay.objects.get().record_count == 2 * 24 * 5
    assert TrafficDay.objects.count() == 24 * 5
