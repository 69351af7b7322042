"""Prices of categories, free zones, relations, named points, units."""

from datetime import date

import pytest

from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from tariffs.domain.charge_models import ChargeModel, RateScope, Tier
from tariffs.domain.points import PointEntry, PointTable
from tariffs.domain.prefixes import PrefixTable
from tariffs.domain.price_book import FoundZone, PlanPrices, PriceBook
from tariffs.domain.rates import Rate, RateStep, Surcharge
from tariffs.domain.relations import Relation
from tariffs.domain.windows import Window, WindowScheme

TODAY = date(2026, 3, 5)
ALWAYS = DatePeriod(date(2020, 1, 1))
STEPS = (RateStep(price_micro=1),)
BOTH = {Relation.FAVOURITE, Relation.GROUP}
SECONDS = (Unit.SECONDS,)


def rate(rate_id, zone_id=1, **more):
    return Rate(rate_id=rate_id, zone_id=zone_id, steps=STEPS, **more)


def plan(*rates, **more):
    return PlanPrices.of(plan_id=1, plan_version_id=7, valid=ALWAYS, rates=rates, **more)


def rate_ids(prices, *windows):
    found = [prices.rate_for(zone_id=1, window=window) for window in windows]
    return [one and one.rate_id for one in found]


def test_category_has_its_own_rate_before_the_general_one():
    every_day = frozenset(range(1, 8))
    scheme = WindowScheme(windows=(Window(days=every_day), Window(days=every_day, from_minute=720)))
    prices = plan(rate(1), rate(2, window=1), rate(3, category="STATE", window=1), scheme=scheme)

    state = prices.for_category("STATE")
    assert (rate_ids(prices, 0, 1), rate_ids(state, 0, 1)) == ([1, 2], [1, 3])
    assert (state.category, state.plan_version_id) == ("STATE", 7)
    assert prices.for_category("HOME") is prices
    assert [one.category for one in prices.variants()] == ["", "STATE"]


def test_book_gives_the_prices_of_a_category():
    book = PriceBook(prefixes=PrefixTable(()), plans=(plan(rate(1), rate(2, category="STATE")),))

    found = [book.plan_on(plan_id=1, on=TODAY, category=category) for category in ("", "HOME", "STATE")]
    assert [rate_ids(prices, None) for prices in found] == [[1], [1], [2]]


def test_zone_may_be_priced_for_a_category_only():
    prices = plan(rate(2, category="STATE"))

    assert (rate_ids(prices, None), rate_ids(prices.for_category("STATE"), None)) == ([None], [2])


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        (set(), FoundZone(zone_id=1)),
        ({Relation.FAVOURITE}, FoundZone(zone_id=8, relation=Relation.FAVOURITE)),
        (BOTH, FoundZone(zone_id=9, relation=Relation.GROUP)),
    ],
)
def test_relation_has_a_zone_of_its_own(relations, expected):
    prices = plan(rate(1), rate(2, zone_id=8), rate(3, zone_id=9))
    book = PriceBook(
        prefixes=PrefixTable(()), plans=(prices,), relation_zones={Relation.FAVOURITE: 8, Relation.GROUP: 9}
    )

    assert book.related_zone(1, relations=relations, prices=prices, units=SECONDS) == expected


def test_relation_without_a_rate_in_the_unit_counts_for_nothing():
    prices = plan(rate(1), rate(2, zone_id=8, unit=Unit.EVENTS))
    book = PriceBook(prefixes=PrefixTable(()), plans=(prices,), relation_zones={Relation.FAVOURITE: 8})

    assert book.related_zone(1, relations=BOTH, prices=prices, units=SECONDS) == FoundZone(zone_id=1)
    messages = book.related_zone(1, relations=BOTH, prices=prices, units=(Unit.EVENTS,))
    assert messages.relation is Relation.FAVOURITE


def test_free_zone_stays_free_whoever_calls():
    prices = plan(rate(2, zone_id=8), free_zones=frozenset({1}))
    book = PriceBook(prefixes=PrefixTable(()), plans=(prices,), relation_zones={Relation.FAVOURITE: 8})

    assert book.related_zone(1, relations=BOTH, prices=prices, units=SECONDS) == FoundZone(zone_id=1)
    assert prices.has_rates(zone_id=1, units=SECONDS)


def test_unit_is_the_first_that_has_a_rate():
    prices = plan(rate(1), rate(2, zone_id=2, unit=Unit.BYTES), rate(3, zone_id=2))
    data = (Unit.BYTES, Unit.SECONDS)

    found = [prices.unit_for(zone_id=zone_id, candidates=data) for zone_id in (1, 2, 3)]
    assert found == [Unit.SECONDS, Unit.BYTES, Unit.BYTES]


def test_point_is_found_by_its_exact_name_else_by_the_star():
    until = DatePeriod(date(2020, 1, 1), TODAY)
    table = PointTable(
        (
            PointEntry(service="DATA", name="Internet", zone_id=1, valid=until),
            PointEntry(service="DATA", name="internet", zone_id=2, valid=DatePeriod(TODAY)),
            PointEntry(service="DATA", name="*", zone_id=3),
        )
    )
    book = PriceBook(prefixes=PrefixTable(()), plans=(), points=table)

    names = ("INTERNET", " internet ", "internet.example", "")
    assert [book.zone_of_point(name, service="DATA", on=TODAY) for name in names] == [2, 2, 3, 3]
    assert book.zone_of_point("internet", service="DATA", on=date(2026, 3, 4)) == 1
    assert book.zone_of_point("internet", service="CONTENT", on=TODAY) is None


def test_point_with_two_zones_on_a_day_is_refused():
    entries = (PointEntry(service="DATA", name=name, zone_id=1) for name in ("wap", "WAP"))

    with pytest.raises(ValueError, match="two zones"):
        PointTable(tuple(entries))


def tiers(*ends):
    return tuple(Tier(from_units=start, up_to=end, price_micro=1) for start, end in ends)


GRADUATED = {"model": ChargeModel.GRADUATED, "steps": ()}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"scope": RateScope.PERIOD}, "each usage by itself"),
        ({"free_units": 5}, "each usage by itself"),
        ({"tiers": tiers((0, None))}, "begin at 0"),
        ({**GRADUATED}, "needs a tier"),
        ({**GRADUATED, "tiers": tiers((0, 5), (5, 9))}, "no end"),
        ({**GRADUATED, "tiers": tiers((0, 5), (6, None))}, "gap from 5 to 6"),
        ({**GRADUATED, "tiers": tiers((0, 5), (4, None))}, "overlap at 4"),
        ({**GRADUATED, "tiers": tiers((1, None))}, "begin at 0"),
        ({**GRADUATED, "tiers": tiers((0, None)), "steps": STEPS}, "neither steps nor surcharge"),
        (
            {**GRADUATED, "tiers": tiers((0, None)), "surcharge": Surcharge(after_units=1, amount_micro=1)},
            "neither steps nor surcharge",
        ),
        ({**GRADUATED, "tiers": tiers((0, None)), "free_events": 1}, "free units"),
        ({**GRADUATED, "model": ChargeModel.PERCENTAGE, "tiers": tiers((0, None))}, "share of money"),
        ({**GRADUATED, "model": ChargeModel.PACKAGE, "tiers": tiers((0, 5), (5, None))}, "one price, not 2"),
        ({**GRADUATED, "tiers": tiers((0, None)), "min_charge_micro": 2, "max_cost_micro": 1}, "above the maximum"),
    ],
)
def test_rate_that_its_model_cannot_price_is_refused(values, says):
    with pytest.raises(ValueError, match=says):
        Rate(**{"rate_id": 1, "zone_id": 1, "steps": STEPS, **values})


@pytest.mark.parametrize("values", [{"up_to": 0}, {"price_micro": -1}, {"per": 0}, {"block": 0}, {"flat_micro": -1}])
def test_tier_that_cannot_be_is_refused(values):
    with pytest.raises(ValueError, match=r"tier"):
        Tier(**values)


def test_zone_is_standard_in_all_windows_or_in_none():
    mixed = Rate(rate_id=2, zone_id=1, model=ChargeModel.TIERS, tiers=tiers((0, 5)), category="STATE")

    with pytest.raises(ValueError, match="standard in one window"):
        plan(rate(1, window=0), mixed, scheme=WindowScheme(windows=(Window(days=frozenset({1})),)))
