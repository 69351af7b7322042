"""The fraud rules over whole runs give what the plain form gives, call by call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from billing_site.core import clock
from billing_site.core.money import MICRO_PER_MAJOR
from billing_site.db.copying import copy_rows
from billing_site.db.sql import fetch_sql
from rating.domain.fraud import SeenCall, calls_to_zone, simultaneous_calls, sums_per_hour
from rating.domain.limits import due_percents, lower_limit
from rating.models import FraudHit, FraudRule, LimitNotice, UsageLimit
from rating.operations.limit_checks import FINDERS, check_accounts
from rating.queries.limits import as_array
from tests.factories.tariffs import make_zone

BEGIN = datetime(2026, 3, 4, 18, tzinfo=UTC)
COLUMNS = [
    "subscription_id",
    "start_at",
    "duplicate_key",
    "revision",
    "account_id",
    "file_id",
    "line_number",
    "calling",
    "called",
    "duration_seconds",
    "zone_id",
    "bill_item_id",
    "plan_version_id",
    "charged_units",
    "allowance_units",
    "unit_price_micro",
    "amount_micro",
    "bill_period",
]
CALLS = st.lists(
    st.tuples(
        st.integers(0, 6 * 60).map(lambda at: at * 60),  # seconds after the beginning: over a midnight of the operator
        st.sampled_from([0, 60, 1800, 3599, 3600, 3601]),
        st.integers(0, 30),
        st.sampled_from(["99910200000", "99910200001"]),
        st.booleans(),
    ),
    max_size=12,
)
quick = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A line and two zones, with their ids."""

    line: int
    account: int
    zones: tuple[int, int]


@pytest.fixture
def world(ani):
    zones = (make_zone(code="NEAR").pk, make_zone(code="FAR").pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rating_make_partition(d::date) FROM generate_series('2026-03-03'::date, '2026-03-06', '1 day') d"
        )
    return World(line=ani.line.pk, account=ani.account.pk, zones=zones)


def calls_of(world: World, drawn: Sequence[tuple[Any, ...]]) -> list[SeenCall]:
    return [
        SeenCall(
            started_at=BEGIN + timedelta(seconds=at),
            duration_seconds=duration,
            amount_micro=amount * MICRO_PER_MAJOR,
            number=number,
            zone_id=world.zones[is_far],
        )
        for at, duration, amount, number, is_far in drawn
    ]


def write(world: World, calls: Sequence[SeenCall]) -> None:
    rows = [
        (
            world.line,
            one.started_at,
            at,
            0,
            world.account,
            1,
            at,
            one.number,
            "1",
            one.duration_seconds,
            one.zone_id,
            1,
            1,
            one.duration_seconds,
            0,
            0,
            one.amount_micro,
            "2026-03-01",
        )
        for at, one in enumerate(calls, start=1)
    ]
    copy_rows(table="rating_ratedusage", columns=COLUMNS, rows=rows)


def take_back(world: World) -> None:
    """Take every record back, as a later rating does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rating_ratedusage SELECT (jsonb_populate_record(r, jsonb_build_object('revision', 1,"
            " 'amount_micro', -r.amount_micro, 'duration_seconds', -r.duration_seconds,"
            " 'charged_units', -r.charged_units))).* FROM rating_ratedusage r"
            " WHERE revision = 0 AND subscription_id = %s",
            [world.line],
        )


def found(world: World, kind: str, calls: Sequence[SeenCall]) -> list[tuple[Any, ...]]:
    parameters = {
        "lines": as_array([world.line]),
        "first_at": min(one.started_at for one in calls),
        "last_at": max(one.started_at for one in calls),
        "zone": str(clock.operator_zone()),
        "job": None,
        "at": BEGIN,
    }
    fetch_sql("rating", FINDERS[FraudRule.Kind(kind)], parameters)
    fetch_sql("rating", FINDERS[FraudRule.Kind(kind)], parameters)
    hits = FraudHit.objects.order_by("day")
    return [(one.day, one.window.lower, one.window.upper, one.figure, one.record_count, one.number) for one in hits]


def rule(kind: str, threshold: int, **fields) -> FraudRule:
    return FraudRule.objects.create(code=kind, kind=kind, threshold=threshold, effect="NOTICE", **fields)


def expected(world: World, kind: str, calls: Sequence[SeenCall], threshold: int) -> list[tuple[Any, ...]]:
    zone = clock.operator_zone()
    if kind == "SUM_PER_HOUR":
        hits = sums_per_hour(calls, threshold=threshold, zone=zone)
    elif kind == "SIMULTANEOUS":
        hits = simultaneous_calls(calls, threshold=threshold, zone=zone)
    else:
        hits = calls_to_zone(calls, threshold=threshold, zone_ids=frozenset({world.zones[1]}), zone=zone)
    return [(one.day, one.first_at, one.last_at, one.figure, one.record_count, one.number) for one in hits]


@pytest.mark.parametrize("kind", sorted(FINDERS))
@given(drawn=CALLS, limit=st.integers(0, 4), is_taken_back=st.sampled_from([False, False, False, True]))
@quick
def test_fraud_rule_in_bulk_is_the_plain_one(world, kind, drawn, limit, is_taken_back):
    calls = calls_of(world, drawn)
    if not calls:
        return
    threshold = limit * 15 * MICRO_PER_MAJOR if kind == "SUM_PER_HOUR" else limit
    with transaction.atomic():
        rule(kind, threshold, zone_id=world.zones[1] if kind == "CALLS_TO_ZONE" else None)
        write(world, calls)
        if is_taken_back:
            take_back(world)
        hits = found(world, kind, calls)
        transaction.set_rollback(True)

    assert hits == ([] if is_taken_back else expected(world, kind, calls, threshold))


AMOUNTS = st.one_of(st.none(), st.integers(1, 40))


@given(operator=AMOUNTS, subscriber=AMOUNTS, once=AMOUNTS, used=st.lists(st.integers(-5, 60), min_size=1, max_size=3))
@quick
def test_limit_that_holds_and_notices_in_bulk_are_the_plain_ones(ani, operator, subscriber, once, used):
    """The statement over all accounts against the two functions of the core."""
    held = lower_limit(operator_micro=operator, subscriber_micro=subscriber, once_micro=once)
    at = datetime(2026, 3, 5, tzinfo=UTC)
    with transaction.atomic():
        for kind, amount in {"OPERATOR": operator, "SUBSCRIBER": subscriber, "ONCE": once}.items():
            if amount is not None:
                UsageLimit.objects.create(
                    account=ani.account, kind=kind, amount_micro=amount, during=("2026-03-01", "2026-04-01"), reason="x"
                )
        copy_rows(
            table="rating_usagetotal",
            columns=[
                "account_id",
                "bill_period",
                "subscription_id",
                "bill_item_id",
                "record_count",
                "duration_seconds",
                "charged_units",
                "allowance_units",
                "amount_micro",
            ],
            rows=[(ani.account.pk, "2026-03-01", ani.line.pk, at, 1, 1, 1, 0, one) for at, one in enumerate(used)],
        )
        check_accounts(account_ids=[ani.account.pk], at=at, today=at.date())
        percents = list(LimitNotice.objects.order_by("pk").values_list("percent", flat=True))
        is_barred = ani.line.restrictions.filter(state="RESTRICTED").exists()
        transaction.set_rollback(True)

    due = due_percents(used_micro=sum(used), limit_micro=held) if held is not None else ()
    assert percents == list(due)
    assert is_barred == (100 in due)
