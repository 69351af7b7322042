"""Tiers, packages, shares and periods, checked against a count of every unit with exact fractions."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from billing_site.core.money import RoundingMode, round_micro
from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from rating.domain.charges import Counter
from rating.domain.explanations import explain
from rating.domain.pricing import NoPrice, counted_rate, price_reversal, price_usage
from tariffs.domain.charge_models import ChargeModel, RateScope, Tier
from tariffs.domain.price_book import PlanPrices
from tariffs.domain.rates import Rate, RoundingPolicy
from tariffs.domain.windows import Window, WindowScheme

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
CENTS = RoundingPolicy(places=2)
TIERED = [ChargeModel.TIERS, ChargeModel.GRADUATED, ChargeModel.VOLUME]
money = st.integers(0, 3_000_000)


def plan(*rates, rounding=CENTS, **more):
    return PlanPrices.of(
        plan_id=1, plan_version_id=7, valid=DatePeriod(date(1990, 1, 1)), rates=rates, rounding=rounding, **more
    )


def price(prices, quantity, *, unit=Unit.BYTES, call=price_usage, **more):
    return call(prices=prices, zone_id=1, unit=unit, started_at=NOON, quantity=quantity, **more)


def rate(model, tiers, *, rate_id=1, unit=Unit.BYTES, **more):
    return Rate(rate_id=rate_id, zone_id=1, unit=unit, model=model, tiers=tuple(tiers), **more)


@st.composite
def tiered_rates(draw, scope=None):
    """Draw a rate of tiers that follow one another; the last one has no end."""
    model = draw(st.sampled_from(TIERED))
    ends = sorted(draw(st.sets(st.integers(1, 60), max_size=3)))
    tiers = [
        Tier(
            from_units=start,
            up_to=end,
            price_micro=draw(money),
            per=draw(st.sampled_from([1, 7])),
            block=draw(st.sampled_from([None, None, 1, 5])),
            flat_micro=draw(st.sampled_from([0, 1_500_000])),
        )
        for start, end in zip([0, *ends], [*ends, None], strict=True)
    ]
    cap = draw(st.sampled_from([None, None, 40_000_000]))
    return rate(
        model,
        tiers,
        scope=scope or draw(st.sampled_from(RateScope)),
        connect_fee_micro=draw(st.sampled_from([0, 333_333])),
        min_charge_micro=draw(st.sampled_from([0, 2_000_000])),
        max_cost_micro=cap,
    )


def counted(found, units):
    """Price unit by unit, or block by block, as the rule is written."""
    if found.model is ChargeModel.VOLUME:
        reached = next(tier for tier in found.tiers if tier.up_to is None or units <= tier.up_to)
        total = of_tier(reached, units)
    else:
        inside = [sum(is_in(tier, n) for n in range(1, units + 1)) for tier in found.tiers]
        entered = [number == 0 and found.model is ChargeModel.GRADUATED for number in range(len(inside))]
        total = sum(
            (of_tier(tier, n) for tier, n, first in zip(found.tiers, inside, entered, strict=True) if n or first),
            Fraction(),
        )
    if units:
        total = max(total + found.connect_fee_micro, Fraction(found.min_charge_micro))
    return total if found.max_cost_micro is None else min(total, Fraction(found.max_cost_micro))


def is_in(tier, n):
    return tier.from_units < n and (tier.up_to is None or n <= tier.up_to)


def of_tier(tier, units):
    billed, size = 0, tier.block or 1
    while billed < units:
        billed += size
    return Fraction(billed * tier.price_micro, tier.per) + tier.flat_micro


@given(found=tiered_rates(scope=RateScope.EVENT), units=st.integers(0, 90), places=st.integers(0, 6))
def test_each_use_costs_its_units_in_their_tiers(found, units, places):
    exact = counted(found, units)
    charge = price(plan(found, rounding=RoundingPolicy(places=places)), units)

    assert Fraction(charge.exact_numerator, charge.exact_denominator) == exact
    assert charge.amount_micro == round_micro(
        numerator=exact.numerator, denominator=exact.denominator, places=places, mode=RoundingMode.HALF_UP
    )


@given(
    found=tiered_rates(scope=RateScope.PERIOD),
    uses=st.lists(st.integers(0, 40), min_size=1, max_size=8),
    mode=st.sampled_from(RoundingMode),
)
def test_uses_of_a_period_sum_to_the_price_of_all_their_units(found, uses, mode):
    """However a quantity is cut into records, the period costs the same to the last digit."""
    rounding = RoundingPolicy(places=2, mode=mode)
    counter, paid = Counter(), 0
    for units in uses:
        charge = price(plan(found, rounding=rounding), units, counter=counter)
        assert charge.period is not None
        assert charge.amount_micro == charge.period.after_micro - charge.period.before_micro
        paid += charge.amount_micro
        counter = charge.period.after

    whole = counted(found, sum(uses))
    assert paid == round_micro(numerator=whole.numerator, denominator=whole.denominator, places=2, mode=mode)
    assert counter == Counter(sum(uses), len(uses))


@given(found=tiered_rates(), before=st.integers(0, 60), units=st.integers(1, 40))
def test_reversal_gives_back_what_the_last_use_cost(found, before, units):
    prices = plan(found)
    charge = price(prices, units, counter=Counter(before, 3))
    back = price(prices, units, call=price_reversal, counter=Counter(before + units, 4))

    assert (back.amount_micro, back.is_reversal) == (-charge.amount_micro, True)
    assert back.reversed() == charge


def test_package_sells_started_packages_after_free_units():
    found = rate(ChargeModel.PACKAGE, [Tier(price_micro=100_000_000, per=10, block=10)], free_units=10)

    units = (0, 10, 11, 20, 21, 121)
    assert [price(plan(found), n).amount_micro // 1_000_000 for n in units] == [0, 0, 100, 100, 200, 1200]


def share(**more):
    tier = Tier(percent_millionths=1_300_000)
    return rate(
        ChargeModel.PERCENTAGE,
        [tier],
        unit=Unit.MONEY,
        scope=RateScope.PERIOD,
        connect_fee_micro=2_000_000,
        **more,
    )


@pytest.mark.parametrize(
    ("free", "expected"),
    [
        ({"free_events": 3, "free_units": 250_000_000}, [0, 0, 3_950_000, 7_200_000]),
        ({"free_events": 3}, [0, 0, 0, 7_200_000]),
        ({"free_units": 150_000_000}, [0, 0, 5_250_000, 7_200_000]),
        ({}, [2_650_000, 3_300_000, 5_250_000, 7_200_000]),
    ],
)
def test_share_is_due_after_free_events_or_sum(free, expected):
    """An event that only reaches the free sum is free; one that passes it pays the part above."""
    prices, counter, paid = plan(share(**free), rounding=RoundingPolicy()), Counter(), []
    for major in (50, 100, 250, 400):
        charge = price(prices, major * 1_000_000, unit=Unit.MONEY, counter=counter)
        paid.append(charge.amount_micro)
        counter = charge.period.after

    assert paid == expected


def test_share_of_nothing_costs_nothing_and_limits_hold_for_each_event():
    prices = plan(share(min_charge_micro=4_000_000, max_cost_micro=5_000_000))

    found = [price(prices, n * 1_000_000, unit=Unit.MONEY).amount_micro for n in (0, 1, 200, 10_000)]
    assert found == [0, 4_000_000, 4_600_000, 5_000_000]


def test_first_use_of_a_period_pays_the_flat_fee_of_the_first_tier_even_at_0():
    found = rate(ChargeModel.GRADUATED, [Tier(price_micro=10, flat_micro=2_000_000)], scope=RateScope.PERIOD)
    prices = plan(found)

    assert price(prices, 0).amount_micro == 2_000_000
    assert price(prices, 0, counter=Counter(0, 1)).amount_micro == 0


def test_rate_of_the_window_of_the_start_prices_the_whole():
    every_day = frozenset(range(1, 8))
    scheme = WindowScheme(windows=(Window(days=every_day), Window(days=every_day, from_minute=721)))
    rates = [
        rate(ChargeModel.TIERS, [Tier(price_micro=price)], rate_id=window + 1, unit=Unit.SECONDS, window=window)
        for window, price in enumerate((1_000_000, 5_000_000))
    ]

    charge = price(plan(*rates, scheme=scheme), 600, unit=Unit.SECONDS)
    assert (charge.amount_micro, charge.rate_id) == (600_000_000, 1)


def test_window_without_a_rate_has_no_price_and_0_units_need_none():
    every_day = frozenset(range(1, 8))
    scheme = WindowScheme(windows=(Window(days=every_day), Window(days=every_day, from_minute=721)))
    late_only = rate(ChargeModel.TIERS, [Tier(price_micro=1)], window=1)
    prices = plan(late_only, scheme=scheme)

    with pytest.raises(NoPrice):
        price(prices, 1)
    assert price(prices, 0).amount_micro == 0
    assert counted_rate(prices=prices, zone_id=1, unit=Unit.BYTES, started_at=NOON) is None


def test_free_zone_costs_nothing_without_a_rate():
    charge = price(plan(free_zones=frozenset({1})), 3600, unit=Unit.SECONDS)

    assert (charge.amount_micro, charge.rate_id, charge.is_free) == (0, None, True)
    assert [str(sentence) for sentence in explain(charge)] == ["Calls to this number are free in every plan."]


def test_explanation_names_rule_tiers_and_counter():
    """001-16: what a tariff over the period charges can be told from its sentences."""
    tiers = [Tier(up_to=10, price_micro=1_000_000, flat_micro=500_000), Tier(from_units=10, price_micro=250_000, per=2)]
    charge = price(plan(rate(ChargeModel.GRADUATED, tiers, scope=RateScope.PERIOD)), 8, counter=Counter(4, 1))

    assert [str(sentence) for sentence in explain(charge)] == [
        "Rate 1 charges every unit at the price of its own tier.",
        "Its tiers run over the bill period: 4 were counted before this usage, 12 with it.",
        "Tier 1: 10 bytes, counted as 10 bytes, at 1.000000 per 1 bytes.",
        "Tier 1: flat fee of 0.500000.",
        "Tier 2: 2 bytes, counted as 2 bytes, at 0.250000 per 2 bytes.",
        "The period costs 10.750000 with this usage and 4.500000 without it: it pays the rest.",
        "The total is rounded once to 2 decimals, halves up: 6.250000.",
    ]


def test_explanation_of_a_share_names_the_free_sum():
    charge = price(plan(share(free_units=50_000_000)), 80_000_000, unit=Unit.MONEY)

    said = [str(sentence) for sentence in explain(charge)]
    assert said[2:5] == [
        "50.000000 of the sum are free.",
        "Access price: 2.000000.",
        "Tier 1: 1.3 per cent of 30.000000.",
    ]
