from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tariffs.domain.allowances import AllowanceUnit
from tariffs.operations.calendars import NewWindow, create_window_scheme
from tariffs.operations.draft_inputs import NewAllowance, NewRate, NewStep
from tariffs.operations.plans import VersionDraft, create_plan, draft_plan_version
from tariffs.queries.price_books import bill_items_by_zone, get_price_book
from tests.factories.tariffs import (
    LONG_AGO,
    make_bill_item,
    make_draft,
    make_plan,
    make_zone,
    publish,
)

pytestmark = pytest.mark.django_db


def test_price_book_holds_published_versions_and_prefixes_only():
    plan = make_plan(valid_from=LONG_AGO)
    make_draft(plan=plan, valid_from=date(2026, 7, 1), price=Decimal(9))
    zone = make_zone(prefixes=["99910"])
    book = get_price_book()
    assert [prices.plan_id for prices in book.plans] == [plan.pk]
    prices = book.plan_on(plan_id=plan.pk, on=date(2026, 8, 1))
    assert prices is not None
    rate = prices.rate_for(zone_id=zone.pk, window=None)
    assert rate is not None
    assert rate.steps[0].price_micro == 5_000_000
    assert book.prefixes.zone_of("99910555555", on=date(2026, 3, 5)) == zone.pk
    assert bill_items_by_zone() == {zone.pk: make_bill_item().pk}


def test_price_book_window_that_opens_twice_a_day_has_one_rate_in_both():
    zone = make_zone()
    every_day = (1, 2, 3, 4, 5, 6, 7)
    windows = [
        NewWindow(code=code, names={"en": code}, weekdays=every_day, opens_at_minute=minute)
        for code, minute in (("PEAK", 480), ("QUIET", 720), ("PEAK", 840), ("QUIET", 1200))
    ]
    create_window_scheme(code="LUNCH", names={"en": "Quiet at noon"}, windows=windows, actor=None)
    plan = create_plan(code="NOON", kind="FIXED", names={"en": "Noon"}, actor=None)
    rates = [
        NewRate(code=code, zone_code=zone.code, window_code=code, steps=[NewStep(price=Decimal(price))])
        for code, price in (("PEAK", 10), ("QUIET", 2))
    ]
    free = NewAllowance(code="FREE", names={"en": "Free"}, unit="SECONDS", quantity=600, zone_codes=[zone.code])
    draft = VersionDraft(
        valid_from=LONG_AGO, window_scheme_code="LUNCH", currency="AMD", rates=rates, prices=[], allowances=[free]
    )
    version = draft_plan_version(plan_id=plan.pk, draft=draft, actor=None)
    publish(version)
    (prices,) = get_price_book().plans
    found = []
    for hour in (5, 9, 11, 17):
        window = prices.scheme.window_at(datetime(2026, 3, 5, hour, tzinfo=UTC))
        rate = prices.rate_for(zone_id=zone.pk, window=window)
        assert rate is not None
        found.append(rate.steps[0].price_micro // 1_000_000)
    assert found == [10, 2, 10, 2]
    assert [(a.unit, a.quantity, a.zone_ids) for a in prices.allowances] == [
        (AllowanceUnit.SECONDS, 600, frozenset({zone.pk}))
    ]


@pytest.mark.parametrize("plans", [1, 4])
def test_price_book_takes_the_same_queries_however_many_plans(django_assert_num_queries, plans):
    for _ in range(plans):
        make_plan()
    with django_assert_num_queries(11):
        get_price_book()
