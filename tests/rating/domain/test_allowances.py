"""Allowances drawn in order; the rest priced from unit 0; money after units."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, strategies as st

from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from rating.domain.allowances import Holder, PotKey, Pots, charge_with_allowances
from rating.domain.explanations import explain, explain_allowed
from rating.domain.pricing import NoPrice
from tariffs.domain.allowances import Allowance, AllowanceUnit
from tariffs.domain.price_book import PlanPrices
from tariffs.domain.rates import Rate, RateStep, Surcharge
from tariffs.domain.windows import Window, WindowScheme

MARCH = date(2026, 3, 1)
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
HOLDER = Holder(subscription_id=1, account_id=100, period_start=MARCH)
SISTER = Holder(subscription_id=2, account_id=100, period_start=MARCH)
SECOND = Rate(rate_id=1, zone_id=1, steps=(RateStep(price_micro=1000),), connect_fee_micro=50)


def seconds(allowance_id, quantity, **more):
    return Allowance(allowance_id=allowance_id, unit=AllowanceUnit.SECONDS, quantity=quantity, **more)


def cash(allowance_id, quantity, **more):
    return Allowance(allowance_id=allowance_id, unit=AllowanceUnit.MONEY, quantity=quantity, **more)


def plan(*allowances, rates=(SECOND,), scheme=None):
    return PlanPrices.of(
        plan_id=1,
        plan_version_id=7,
        valid=DatePeriod(date(2020, 1, 1)),
        rates=rates,
        allowances=allowances,
        scheme=scheme,
    )


def pot(allowance_id, holder_id, *, shared=False):
    return PotKey(allowance_id, shared, holder_id, MARCH)


def charge(prices, quantity, pots, *, holder=HOLDER, at=NOON, zone_id=1, **more):
    return charge_with_allowances(
        prices=prices, zone_id=zone_id, started_at=at, quantity=quantity, holder=holder, pots=pots, **more
    )


def test_call_inside_the_allowance_costs_nothing_not_even_the_connect_fee():
    pots = Pots()

    allowed = charge(plan(seconds(5, 100)), 100, pots)

    assert (allowed.amount_micro, allowed.allowance_units, allowed.charged_units) == (0, 100, 0)
    assert pots.changed() == {pot(5, 1): 0}


def test_rest_is_priced_as_a_call_of_its_own():
    steps = (RateStep(price_micro=9000, increment=60), RateStep(from_units=60, price_micro=1))
    prices = plan(seconds(5, 100), rates=(Rate(rate_id=1, zone_id=1, steps=steps),))

    allowed = charge(prices, 101, Pots())

    assert allowed.amount_micro == 60 * 9000
    assert allowed.charge.started_at == datetime(2026, 3, 5, 12, 1, 40, tzinfo=UTC)


def test_rest_belongs_to_the_window_in_which_it_begins():
    scheme = WindowScheme(windows=(Window(days=frozenset({4})), Window(days=frozenset({4}), from_minute=12 * 60 + 1)))
    rates = tuple(Rate(rate_id=n + 1, zone_id=1, window=n, steps=(RateStep(price_micro=10**n),)) for n in range(2))

    allowed = charge(plan(seconds(5, 60), rates=rates, scheme=scheme), 61, Pots())

    assert allowed.charge.rate_id == 2


def test_allowances_are_drawn_by_priority_and_only_where_they_apply():
    prices = plan(
        seconds(1, 10, priority=2),
        seconds(2, 10, priority=1),
        seconds(3, 10, zone_ids=frozenset({9})),
        seconds(4, 10, valid=DatePeriod(date(2026, 3, 6))),
        Allowance(allowance_id=5, unit=AllowanceUnit.BYTES, quantity=10),
    )

    allowed = charge(prices, 15, Pots())

    assert [(use.allowance_id, use.quantity) for use in allowed.uses] == [(2, 10), (1, 5)]


def test_shared_pot_is_one_for_the_account_and_own_pots_are_not():
    prices = plan(seconds(1, 10), seconds(2, 10, shared_by_account=True, priority=1))
    pots = Pots()

    first = charge(prices, 15, pots)
    second = charge(prices, 20, pots, holder=SISTER)

    assert (first.allowance_units, second.allowance_units) == (15, 15)
    assert pots.changed() == {
        pot(1, 1): 0,
        pot(1, 2): 0,
        pot(2, 100, shared=True): 0,
    }


def test_pots_of_another_period_are_full_again():
    pots = Pots({pot(1, 1): 0})
    april = Holder(subscription_id=1, account_id=100, period_start=date(2026, 4, 1))

    assert charge(plan(seconds(1, 10)), 10, pots).allowance_units == 0
    assert charge(plan(seconds(1, 10)), 10, pots, holder=april).allowance_units == 10


def test_money_pays_for_what_units_leave():
    prices = plan(cash(1, 5_000), seconds(2, 20))
    pots = Pots()

    allowed = charge(prices, 30, pots)

    assert [(use.unit, use.quantity) for use in allowed.uses] == [("SECONDS", 20), ("MONEY", 5_000)]
    assert (allowed.charge.amount_micro, allowed.amount_micro) == (10_050, 5_050)


def test_nothing_is_taken_where_no_price_is_found():
    pots = Pots()

    with pytest.raises(NoPrice):
        charge(plan(seconds(1, 10), rates=()), 11, pots)

    assert pots.changed() == {}


def test_events_draw_from_allowances_of_events():
    messages = Rate(rate_id=1, zone_id=1, unit=Unit.EVENTS, steps=(RateStep(price_micro=7),))
    bundle = Allowance(allowance_id=1, unit=AllowanceUnit.EVENTS, quantity=1)
    pots = Pots()
    prices = plan(bundle, rates=(messages,))

    amounts = [charge(prices, 1, pots, unit=Unit.EVENTS).amount_micro for _ in range(2)]

    assert amounts == [0, 7]


@pytest.mark.parametrize("quantity", [-1, 11])
def test_taking_what_is_not_there_is_refused(quantity):
    allowance = seconds(1, 10)
    pots = Pots()

    with pytest.raises(ValueError, match="cannot take"):
        pots.take(HOLDER.pot_of(allowance), allowance, quantity)

    assert pots.changed() == {}


@given(
    quantities=st.lists(st.integers(min_value=0, max_value=200), max_size=12),
    sizes=st.lists(st.integers(min_value=0, max_value=300), max_size=3),
)
def test_every_unit_is_either_drawn_or_charged(quantities, sizes):
    prices = plan(*(seconds(n + 1, size, priority=n) for n, size in enumerate(sizes)))
    pots = Pots()

    results = [charge(prices, quantity, pots) for quantity in quantities]

    assert [found.allowance_units + found.charged_units for found in results] == quantities
    assert sum(found.allowance_units for found in results) == min(sum(sizes), sum(quantities))
    assert all(left >= 0 for left in pots.changed().values())


def test_explanation_tells_the_whole_calculation_in_order():
    rate = Rate(
        rate_id=118,
        zone_id=1,
        steps=(RateStep(price_micro=20_000_000, per=60, increment=60),),
        connect_fee_micro=1_000_000,
        surcharge=Surcharge(after_units=60, amount_micro=2_000_000),
        max_cost_micro=50_000_000,
    )
    allowed = charge(plan(seconds(5, 10), cash(6, 3_000_000), rates=(rate,)), 10 + 192, Pots())

    assert [str(line) for line in explain_allowed(allowed)] == [
        "10 s are taken from allowance 5.",
        "Connection fee: 1.000000 (rate 118).",
        "192 s, counted as 240 s in increments of 60 s, at 20.000000 per 60 s (rate 118, step 1).",
        "Surcharge for long use: 2.000000.",
        "The price stops at the maximum of 50.000000.",
        "The total is rounded once to 6 decimals, halves up: 50.000000.",
        "3.000000 is paid from allowance 6.",
        "To pay: 47.000000.",
    ]


def test_explanation_of_the_simple_ends():
    covered = charge(plan(seconds(5, 10)), 10, Pots())
    unused = charge(plan(), 0, Pots())
    least = charge(
        plan(rates=(Rate(rate_id=1, zone_id=1, steps=(RateStep(price_micro=0),), min_charge_micro=5),)), 1, Pots()
    )

    assert [str(line) for line in explain_allowed(covered)] == [
        "10 s are taken from allowance 5.",
        "The allowance covers all of it.",
        "To pay: 0.000000.",
    ]
    assert [str(line) for line in explain_allowed(unused)] == ["Nothing was used, so nothing is charged."]
    assert "The minimum charge of 0.000005 applies." in [str(line) for line in explain(least.charge)]
