"""000-09, 004-14: what a person writes down for a plan is what the core prices with, to the last digit."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from billing_site.core.quantities import Unit
from rating.domain.allowances import Holder, Pots, charge_with_allowances
from rating.domain.charges import Counter
from rating.domain.pricing import price_usage
from tariffs.domain.charge_models import ChargeModel, RateScope, Tier
from tariffs.domain.relations import Relation
from tariffs.models import PlanVersion
from tariffs.operations.draft_inputs import NewAllowance, NewRate, NewStep
from tariffs.operations.plans import VersionDraft, create_plan, draft_plan_version
from tariffs.operations.zone_points import load_zone_points
from tariffs.operations.zones import create_zone
from tariffs.queries.price_books import get_price_book, get_version_prices
from tests.factories.tariffs import LONG_AGO, make_scheme, make_zone, publish

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db

TIERS = [
    NewStep(price=Decimal("0.5"), per_units=1024, increment_units=1024, up_to_units=5_000_000_000),
    NewStep(price=Decimal("0.25"), per_units=1024, increment_units=None, from_units=5_000_000_000, flat_fee=Decimal(3)),
]
EACH = NewStep(price=Decimal(2), per_units=1, increment_units=1)
DATA: dict[str, Any] = {"unit": "BYTES", "model": "GRADUATED", "scope": "PERIOD", "counter_code": "D"}
RATES = [
    NewRate(code="ALL", zone_code="LOCAL", steps=[NewStep(price=Decimal(6))]),
    NewRate(code="STATE", zone_code="LOCAL", steps=[NewStep(price=Decimal(3))], category="STATE"),
    NewRate(code="SMS", zone_code="LOCAL", unit="EVENTS", steps=[EACH]),
    NewRate(code="D1", zone_code="LOCAL", steps=TIERS, **DATA),
    NewRate(code="D2", zone_code="WEB", steps=TIERS, **DATA),
    NewRate(
        code="QUIZ",
        zone_code="WEB",
        unit="MONEY",
        model="PERCENTAGE",
        scope="PERIOD",
        steps=[NewStep(percent=Decimal("12.345678"))],
        connect_fee=Decimal("0.1"),
        free_events=2,
        free_units=5_000_000,
    ),
]


def published(**more):
    for code in ("LOCAL", "WEB"):
        make_zone(code=code)
    plan = create_plan(code="CITY", kind="MOBILE", names={"en": "City"}, actor=None)
    draft = VersionDraft(
        valid_from=LONG_AGO, window_scheme_code=make_scheme().code, currency="AMD", rates=RATES, **more
    )
    version = draft_plan_version(plan_id=plan.pk, draft=draft, actor=None)
    assert get_version_prices(version.pk).rates
    publish(version)
    (prices,) = get_price_book().plans
    return prices


def price(prices, zone, unit, quantity, **more):
    return price_usage(
        prices=prices, zone_id=make_zone(code=zone).pk, unit=unit, started_at=NOON, quantity=quantity, **more
    )


def test_rates_of_every_model_come_back_as_they_were_written():
    prices = published()
    found = {rate.rate_id: rate for one in prices.variants() for rate in one.rates.values()}
    of_data = [rate for rate in found.values() if rate.unit is Unit.BYTES]

    assert [rate.model for rate in of_data] == [ChargeModel.GRADUATED] * 2
    assert of_data[0].tiers == (
        Tier(price_micro=500_000, per=1024, block=1024, up_to=5_000_000_000),
        Tier(price_micro=250_000, per=1024, from_units=5_000_000_000, flat_micro=3_000_000),
    )
    assert {rate.counter for rate in of_data} == {min(rate.rate_id for rate in of_data)}
    (share,) = (rate for rate in found.values() if rate.unit is Unit.MONEY)
    assert (share.scope, share.tiers[0].percent_millionths) == (RateScope.PERIOD, 12_345_678)
    assert (share.free_events, share.free_units, share.counter) == (2, 5_000_000, share.rate_id)


def test_prices_by_category_unit_and_period():
    prices = published()

    assert price(prices, "LOCAL", Unit.SECONDS, 90).amount_micro == 12_000_000
    assert price(prices.for_category("STATE"), "LOCAL", Unit.SECONDS, 90).amount_micro == 6_000_000
    assert price(prices, "LOCAL", Unit.EVENTS, 3).amount_micro == 6_000_000
    beyond = price(prices, "WEB", Unit.BYTES, 2048, counter=Counter(5_000_000_000, 9))
    assert beyond.amount_micro == 3_500_000
    assert price(prices, "WEB", Unit.MONEY, 6_000_000).amount_micro == 220_000


def test_allowance_with_days_and_roll_over_comes_back():
    free = NewAllowance(
        code="MIN",
        names={"en": "Minutes"},
        unit="SECONDS",
        quantity=600,
        zone_codes=["LOCAL", "LOCAL"],
        valid_from=date(2026, 2, 1),
        valid_until=date(2026, 4, 1),
        rolls_over=True,
        rollover_limit=100,
    )
    prices = published(allowances=[free])
    holder = Holder(subscription_id=1, account_id=1, period_start=date(2026, 3, 1), previous_start=date(2026, 2, 1))

    allowed = charge_with_allowances(
        prices=prices,
        zone_id=make_zone().pk,
        started_at=NOON,
        quantity=760,
        holder=holder,
        pots=Pots(),
    )
    assert (allowed.allowance_units, allowed.uses[0].carried, allowed.amount_micro) == (700, 100, 6_000_000)


def test_book_has_free_zones_points_and_relations():
    published()
    zones = {
        code: create_zone(code=code, names={"en": code}, usage_category_code="LOCAL", actor=None, **more).pk
        for code, more in (("SOS", {"is_free": True}), ("FRIENDS", {"relation": "FAVOURITE"}))
    }
    load_zone_points(points={("DATA", "Internet"): "WEB"}, valid_from=LONG_AGO, actor=None)

    book = get_price_book()
    (prices,) = book.plans
    assert prices.free_zones == {zones["SOS"]}
    assert book.relation_zones == {Relation.FAVOURITE: zones["FRIENDS"]}
    assert book.zone_of_point("INTERNET", service="DATA", on=NOON.date()) == make_zone(code="WEB").pk


def test_version_that_does_not_exist_has_no_prices():
    with pytest.raises(PlanVersion.DoesNotExist):
        get_version_prices(0)
