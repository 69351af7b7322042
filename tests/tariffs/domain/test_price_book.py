"""Prefixes, rates, versions of plans."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from billing_site.core.money import AmountNotExact
from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from tariffs.domain.allowances import Allowance, AllowanceUnit
from tariffs.domain.prefixes import PrefixEntry, PrefixTable
from tariffs.domain.price_book import PlanPrices, PriceBook
from tariffs.domain.rates import MaxCostPolicy, Rate, RateStep, RoundingPolicy, rate_step
from tariffs.domain.windows import Window, WindowScheme

TODAY = date(2026, 3, 5)
STEPS = (RateStep(price_micro=1),)


def rate(rate_id, zone_id, **more):
    return Rate(rate_id=rate_id, zone_id=zone_id, steps=STEPS, **more)


def rate_id_for(prices, **place):
    found = prices.rate_for(**place)
    return found and found.rate_id


def plan(version, valid, **more):
    return PlanPrices.of(plan_id=1, plan_version_id=10 + version, version=version, valid=valid, rates=(), **more)


def test_longest_prefix_wins_and_star_takes_the_rest():
    table = PrefixTable(
        (
            PrefixEntry(prefix="374", zone_id=1),
            PrefixEntry(prefix="37410", zone_id=2),
            PrefixEntry(prefix="*", zone_id=3),
        )
    )

    found = [table.zone_of(number, on=TODAY) for number in ("37410123456", "37499123456", "7495", "", "37")]

    assert found == [2, 1, 3, 3, 3]


def test_prefix_out_of_force_gives_way_to_a_shorter_one():
    old = DatePeriod(date(2025, 1, 1), date(2026, 1, 1))
    new = DatePeriod(date(2026, 4, 1))
    table = PrefixTable(
        (
            PrefixEntry(prefix="7", zone_id=1),
            PrefixEntry(prefix="77", zone_id=2, valid=old),
            PrefixEntry(prefix="77", zone_id=3, valid=new),
        )
    )

    found = [table.zone_of("7701", on=day) for day in (date(2025, 12, 31), TODAY, date(2026, 4, 1))]

    assert found == [2, 1, 3]
    assert PrefixTable(()).zone_of("7701", on=TODAY) is None


def test_prefix_with_two_zones_on_one_day_is_refused():
    with pytest.raises(ValueError, match="two zones"):
        PrefixTable((PrefixEntry(prefix="7", zone_id=1), PrefixEntry(prefix="7", zone_id=2, valid=DatePeriod(TODAY))))


@given(
    prefixes=st.sets(st.text(alphabet="0123456789", max_size=5), max_size=30),
    number=st.text(alphabet="0123456789", max_size=8),
)
def test_prefix_table_agrees_with_trying_every_prefix(prefixes, number):
    listed = sorted(prefixes)
    table = PrefixTable(tuple(PrefixEntry(prefix=prefix, zone_id=zone) for zone, prefix in enumerate(listed)))

    fitting = [zone for zone, prefix in enumerate(listed) if number.startswith(prefix)]

    assert table.zone_of(number, on=TODAY) == max(fitting, key=lambda zone: len(listed[zone]), default=None)


def test_rate_of_a_window_stands_over_the_one_for_any_window():
    prices = PlanPrices.of(
        plan_id=1,
        plan_version_id=1,
        valid=DatePeriod(TODAY),
        scheme=WindowScheme(windows=(Window(days=frozenset({1})), Window(days=frozenset({6})))),
        rates=(rate(1, 5), rate(2, 5, window=1), rate(3, 5, unit=Unit.EVENTS)),
    )

    assert rate_id_for(prices, zone_id=5, window=0) == 1
    assert rate_id_for(prices, zone_id=5, window=1) == 2
    assert rate_id_for(prices, zone_id=5, window=1, unit=Unit.EVENTS) == 3
    assert prices.rate_for(zone_id=6, window=1) is None


def test_of_two_rates_for_one_place_the_heavier_wins():
    book = PlanPrices.of(
        plan_id=1,
        plan_version_id=1,
        valid=DatePeriod(TODAY),
        rates=(rate(1, 5, weight=1), rate(2, 5, weight=9), rate(3, 5)),
    )

    assert rate_id_for(book, zone_id=5, window=None) == 2


def test_two_equal_rates_for_one_place_are_refused():
    with pytest.raises(ValueError, match="both price"):
        PlanPrices.of(plan_id=1, plan_version_id=1, valid=DatePeriod(TODAY), rates=(rate(1, 5), rate(2, 5)))


def test_rate_of_an_unknown_window_is_refused():
    with pytest.raises(ValueError, match="window 0 of 0"):
        PlanPrices.of(plan_id=1, plan_version_id=1, valid=DatePeriod(TODAY), rates=(rate(1, 5, window=0),))


def test_allowances_are_ordered_units_first():
    money = Allowance(allowance_id=1, unit=AllowanceUnit.MONEY, quantity=5, priority=0)
    later = Allowance(allowance_id=2, unit=AllowanceUnit.SECONDS, quantity=5, priority=2)
    first = Allowance(allowance_id=3, unit=AllowanceUnit.SECONDS, quantity=5, priority=1)

    assert plan(1, DatePeriod(TODAY), allowances=(money, later, first)).allowances == (first, later, money)


def test_price_book_gives_the_version_of_the_day():
    first = plan(1, DatePeriod(date(2026, 1, 1), date(2026, 2, 1)))
    second = plan(2, DatePeriod(date(2026, 3, 1)))
    book = PriceBook(prefixes=PrefixTable(()), plans=(second, first))

    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 15), date(2030, 1, 1))

    assert [book.plan_on(plan_id=1, on=day) for day in days] == [None, first, None, second]
    assert book.plan_on(plan_id=2, on=TODAY) is None
    assert book.versions_of(1) == (first, second)


def test_price_book_with_overlapping_versions_is_refused():
    with pytest.raises(ValueError, match="overlap"):
        PriceBook(prefixes=PrefixTable(()), plans=(plan(1, DatePeriod(date(2026, 1, 1))), plan(2, DatePeriod(TODAY))))


def test_prices_of_a_draft_stand_for_every_version_of_their_plan():
    """000-10: other plans stay as they are; every category of the draft holds in the same days."""
    may = DatePeriod(date(2026, 5, 1))
    draft = PlanPrices.of(
        plan_id=1, plan_version_id=9, valid=may, rates=[rate(1, 1), rate(2, 1, category="BUSINESS")], version=3
    )
    book = PriceBook(
        prefixes=PrefixTable(()),
        plans=(plan(1, DatePeriod(date(2025, 1, 1), date(2026, 2, 15))), plan(2, DatePeriod(date(2026, 2, 15)))),
    )
    other = PlanPrices.of(plan_id=2, plan_version_id=7, valid=DatePeriod(date(2025, 1, 1)), rates=[])
    book = PriceBook(prefixes=book.prefixes, plans=(*book.plans, other))

    tried = book.with_prices(draft.held_during(DatePeriod(date(2026, 2, 1), date(2026, 3, 1))))

    for category in ("", "BUSINESS"):
        found = tried.plan_on(plan_id=1, on=date(2026, 2, 1), category=category)
        assert found is not None
        assert (found.plan_version_id, found.category, found.valid.until) == (9, category, date(2026, 3, 1))
    assert tried.plan_on(plan_id=1, on=date(2026, 3, 1)) is None
    assert tried.plan_on(plan_id=2, on=date(2026, 3, 1)) is other
    assert book.plan_on(plan_id=1, on=date(2026, 2, 1)) is book.plans[0]


def test_prefixes_that_wait_lead_at_once():
    table = PrefixTable((PrefixEntry(prefix="44", zone_id=1), PrefixEntry(prefix="49", zone_id=2)))

    led = table.led_to({"44": 3, "447": 4})

    day = date(2026, 2, 1)
    assert [led.zone_of(number, on=day) for number in ("441", "447", "49")] == [3, 4, 2]
    assert table.led_to({}) is table


def test_rate_step_keeps_six_decimals_and_refuses_seven():
    assert rate_step(price=Decimal("0.0450"), per=60, increment=30).price_micro == 45_000
    with pytest.raises(AmountNotExact):
        rate_step(price=Decimal("0.0000001"))


@pytest.mark.parametrize("wrong", [{"from_units": -1}, {"price_micro": -1}, {"per": 0}, {"increment": 0}])
def test_impossible_step_is_refused(wrong):
    with pytest.raises(ValueError, match="not a rate step"):
        RateStep(**{"price_micro": 1, **wrong})


@pytest.mark.parametrize("starts", [(), (1,), (0, 60, 60), (0, 60, 30)])
def test_steps_that_do_not_rise_from_zero_are_refused(starts):
    with pytest.raises(ValueError, match="steps must begin at 0"):
        Rate(rate_id=1, zone_id=1, steps=tuple(RateStep(from_units=start, price_micro=1) for start in starts))


def test_minimum_above_the_cap_is_refused_unless_the_limit_is_no_cap():
    with pytest.raises(ValueError, match="minimum"):
        rate(1, 1, max_cost_micro=5, min_charge_micro=6)

    ends_calls = rate(1, 1, max_cost_micro=5, min_charge_micro=6, max_cost_policy=MaxCostPolicy.DISCONNECT)

    assert ends_calls.cap_micro is None


def test_only_a_plain_rate_is_one_multiplication():
    assert rate(1, 1, connect_fee_micro=5).is_one_multiplication
    assert not rate(1, 1, max_cost_micro=5).is_one_multiplication
    assert not rate(1, 1, min_charge_micro=5).is_one_multiplication


@pytest.mark.parametrize("places", [-1, 7])
def test_rounding_finer_than_micro_units_is_refused(places):
    with pytest.raises(ValueError, match=r"0\.\.6"):
        RoundingPolicy(places=places)


def test_negative_allowance_is_refused():
    with pytest.raises(ValueError, match="cannot hold"):
        Allowance(allowance_id=1, unit=AllowanceUnit.SECONDS, quantity=-1)


def test_allowance_applies_by_zone_and_day():
    allowance = Allowance(
        allowance_id=1,
        unit=AllowanceUnit.SECONDS,
        quantity=1,
        zone_ids=frozenset({5}),
        valid=DatePeriod(TODAY, date(2026, 3, 6)),
    )

    assert allowance.applies_to(zone_id=5, on=TODAY)
    assert not allowance.applies_to(zone_id=6, on=TODAY)
    assert not allowance.applies_to(zone_id=5, on=date(2026, 3, 6))
