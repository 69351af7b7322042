"""001-27: information stations: calls totalled per station and customer, amounts owed that add up."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from billing_site.jobs.work import drain
from rating.domain.premium_shares import Share, ShareKind
from rating.models import PremiumDay, PremiumNumber, PremiumStation, PremiumTotal, RatedUsage, Rerating
from rating.operations.premium_stations import (
    AccessNumberTaken,
    ShareUnsound,
    StationCodeTaken,
    StationEndUnsound,
    StationNeedsNumber,
    create_premium_station,
    end_premium_station,
    total_premium_calls,
    total_premium_day,
)
from rating.queries.premium import (
    premium_days_due,
    station_customers,
    station_months,
    station_sums,
    stations_of,
    stations_of_line,
)
from rating.queries.premium_invariants import PREMIUM_INVARIANTS
from tests.factories.records import Call, make_records
from tests.factories.tariffs import make_bill_item, make_zone

NEWS, WEATHER, MORE = "99990011111", "99990022222", "99990033333"
MARCH = {"first": date(2026, 3, 1), "last": date(2026, 3, 31)}
TODAY, NOW = date(2026, 3, 5), datetime(2026, 3, 5, 2, tzinfo=UTC)
HALF = Share(kind=ShareKind.PERCENT, percent=Decimal("50.5"))


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def make_station(
    actor, *, code="NEWS", numbers=(NEWS, MORE), share=HALF, valid_from=date(2026, 3, 1)
) -> PremiumStation:
    return create_premium_station(
        code=code,
        names={"en": code.title(), "ar": "أخبار"},
        provider="Provider of news",
        contact_phone="99910777777",
        contact_address="Tower street 1",
        numbers=numbers,
        share=share,
        valid_from=valid_from,
        actor=actor,
    )


@pytest.fixture
def called(ani, najla, specialist):
    """Two stations and their calls; one call lies before the station, one goes elsewhere, one was taken back."""
    news = make_station(specialist)
    weather = make_station(
        specialist, code="WEATHER", numbers=[WEATHER], share=Share(kind=ShareKind.MINUTE, amount_micro=1_000_001)
    )
    premium = make_zone(code="PREMIUM", item=make_bill_item(code="PREMIUM"))
    told: dict[str, Any] = {"zone": premium, "micro": 10_000_001}
    make_records(
        [
            Call(line=ani.line, called=NEWS, **told),
            Call(line=ani.line, called=MORE, **told),
            Call(line=najla.line, called=NEWS, **told),
            Call(line=najla.line, called=WEATHER, seconds=90, **told),
            Call(line=najla.line, called=NEWS, key=3, revision=1, seconds=-60, zone=premium, micro=-10_000_001),
            Call(line=ani.line, called=NEWS, start_at=datetime(2026, 2, 28, 19, 59, tzinfo=UTC), **told),
            Call(line=ani.line),
        ]
    )
    total_premium_calls(today=TODAY, at=NOW)
    drain("rating.total_premium_day")
    return news, weather


def test_calls_are_totalled_per_station_and_customer(called, ani):
    news, weather = called
    sums = {
        one.station.code: (one.customers, one.calls, one.seconds, one.billed_micro) for one in station_sums(**MARCH)
    }

    assert sums == {"NEWS": (2, 2, 120, 20_000_002), "WEATHER": (1, 1, 90, 10_000_001)}
    customers = {one.account.number: one.calls for one in station_customers(station=news, **MARCH)}
    assert customers[ani.account.number] == 2
    assert [(one.month, one.calls) for one in station_months(weather)] == [(date(2026, 3, 1), 1)]


def test_amounts_owed_add_up_and_come_from_the_lines_billed(called):
    """001-27: amounts due to each station add up to the lines billed."""
    sums = station_sums(**MARCH)
    billed = RatedUsage.objects.filter(
        called__in=[NEWS, MORE, WEATHER], start_at__gte=datetime(2026, 2, 28, 20, tzinfo=UTC)
    )

    assert sum(one.billed_micro for one in sums) == sum(billed.values_list("amount_micro", flat=True))
    assert {one.station.code: one.owed_micro for one in sums} == {"NEWS": 10_100_001, "WEATHER": 1_500_002}
    for one in sums:
        customers = station_customers(station=one.station, **MARCH)
        assert sum(part.owed_micro for part in customers) == one.owed_micro
        assert sum(part.billed_micro for part in customers) == one.billed_micro


def test_call_that_nobody_answered_is_owed_nothing(ani, specialist):
    """001-27: a sum for each call is owed for calls that were billed, not for those that only rang; messages count."""
    news = make_station(specialist, share=Share(kind=ShareKind.CALL, amount_micro=2_000_000))
    make_records(
        [
            Call(line=ani.line, called=NEWS),
            Call(line=ani.line, called=NEWS, key=2, seconds=0, micro=0),
            Call(line=ani.line, called=NEWS, key=3, seconds=0, more={"service": 1}),
        ]
    )
    total_premium_calls(today=TODAY, at=NOW)
    drain("rating.total_premium_day")

    (sums,) = station_sums(**MARCH)
    assert (sums.calls, sums.owed_micro, sums.billed_micro) == (2, 4_000_000, 10_000_000)
    assert [one.calls for one in station_customers(station=news, **MARCH)] == [2]
    assert [found for one in PREMIUM_INVARIANTS for found in one.findings()] == []


def test_station_is_named_with_its_contact_for_numbers_and_for_a_line_of_a_bill(called, ani):
    """001-27: access number and contact on the bill's detail."""
    found = stations_of(called=[NEWS, "99910555123"], on=TODAY)
    assert (found[NEWS].code, found[NEWS].numbers) == ("NEWS", (NEWS, MORE))
    assert stations_of(called=[NEWS], on=date(2026, 2, 28)) == {}

    item = make_bill_item(code="PREMIUM")
    (line,) = stations_of_line(subscription_id=ani.line.pk, bill_period=date(2026, 3, 1), bill_item_id=item.pk)
    assert (line.contact.contact_phone, line.calls, line.billed_micro) == ("99910777777", 2, 20_000_002)


def test_totals_made_again_are_the_same_and_take_in_what_was_corrected(called, ani):
    before = list(PremiumTotal.objects.order_by("pk").values())
    with transaction.atomic():
        total_premium_day(day=date(2026, 3, 3), at=NOW)
    assert list(PremiumTotal.objects.order_by("pk").values()) == before

    make_records([Call(line=ani.line, called=NEWS, key=1, revision=1, seconds=-60, micro=-10_000_001)])
    total_premium_calls(today=TODAY, at=datetime(2026, 3, 6, 2, tzinfo=UTC))
    drain("rating.total_premium_day")
    assert {one.station.code: one.calls for one in station_sums(**MARCH)} == {"NEWS": 1, "WEATHER": 1}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"code": "NEWS", "numbers": ["99990044444"]}, StationCodeTaken),
        ({"numbers": [NEWS]}, AccessNumberTaken),
        ({"numbers": []}, StationNeedsNumber),
        ({"numbers": ["9999x"]}, StationNeedsNumber),
        ({"numbers": ["99990044444"], "share": Share(kind=ShareKind.PERCENT, percent=Decimal(101))}, ShareUnsound),
    ],
)
def test_station_that_cannot_be_is_refused(db, specialist, change, refusal):
    make_station(specialist)
    with pytest.raises(refusal):
        make_station(specialist, **{"code": "OTHER", **change})
    assert PremiumStation.objects.count() == 1
    assert PremiumNumber.objects.count() == 2


def test_another_share_is_another_row_from_its_day_on(db, specialist):
    first = make_station(specialist)
    end_premium_station(station_id=first.pk, until=date(2026, 4, 1), actor=specialist)
    second = make_station(specialist, valid_from=date(2026, 4, 1))

    assert stations_of(called=[NEWS], on=date(2026, 3, 31))[NEWS].station_id == first.pk
    assert stations_of(called=[NEWS], on=date(2026, 4, 1))[NEWS].station_id == second.pk
    with pytest.raises(StationEndUnsound):
        end_premium_station(station_id=first.pk, until=date(2026, 5, 1), actor=specialist)
    with pytest.raises(StationEndUnsound):
        end_premium_station(station_id=second.pk, until=date(2026, 4, 1), actor=specialist)


def test_day_around_which_usage_was_priced_again_is_totalled_again(called, specialist, approver):
    """001-27: what is owed follows a correction, however old the day is by then."""
    late = date(2026, 6, 20)
    PremiumDay.objects.update(totalled_at=datetime(2026, 6, 1, tzinfo=UTC))
    days = [date(2026, 3, 3) + timedelta(days=at) for at in range(60)]
    PremiumDay.objects.bulk_create(
        [PremiumDay(day=day, totalled_at=datetime(2026, 6, 19, tzinfo=UTC)) for day in days], ignore_conflicts=True
    )
    assert date(2026, 3, 10) not in premium_days_due(today=late)

    Rerating.objects.create(
        used_from=date(2026, 3, 10),
        used_until=date(2026, 3, 11),
        reason="a price put right",
        state=Rerating.State.DONE,
        proposed_by=specialist,
        approved_by=approver,
        approved_at=datetime(2026, 6, 20, tzinfo=UTC),
        done_at=datetime(2026, 6, 20, tzinfo=UTC),
    )

    assert date(2026, 3, 10) in premium_days_due(today=late)
