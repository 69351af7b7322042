"""What a period leaves, once more in the next one; and counters beside the pots."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, strategies as st

from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from rating.domain.allowances import Holder, Pots, charge_with_allowances, price_rest
from rating.domain.charges import Counter
from rating.domain.explanations import explain_allowed
from tariffs.domain.allowances import Allowance, AllowanceUnit
from tariffs.domain.charge_models import ChargeModel, RateScope, Tier
from tariffs.domain.price_book import PlanPrices
from tariffs.domain.rates import Rate, RateStep

MONTHS = [date(2026, month, 1) for month in range(1, 7)]
FREE = Allowance(allowance_id=1, unit=AllowanceUnit.SECONDS, quantity=100, rolls_over=True)


def plan(*allowances, rates=None, valid=MONTHS[0], **more):
    standard = Rate(rate_id=1, zone_id=1, steps=(RateStep(price_micro=1_000_000),))
    return PlanPrices.of(
        plan_id=1,
        plan_version_id=1,
        valid=DatePeriod(valid),
        rates=rates or [standard],
        allowances=allowances,
        **more,
    )


def use(prices, month, quantity, pots, *, has_history=True, unit=Unit.SECONDS):
    """Use a quantity in the n-th month."""
    start = MONTHS[month]
    holder = Holder(
        subscription_id=1,
        account_id=1,
        period_start=start,
        previous_start=MONTHS[month - 1] if has_history and month else None,
    )
    return charge_with_allowances(
        prices=prices,
        zone_id=1,
        started_at=datetime(start.year, start.month, 10, tzinfo=UTC),
        quantity=quantity,
        holder=holder,
        pots=pots,
        unit=unit,
    )


def taken(prices, uses):
    pots = Pots()
    return [use(prices, month, quantity, pots).allowance_units for month, quantity in uses]


@pytest.mark.parametrize(
    ("allowance", "uses", "expected"),
    [
        (FREE, [(0, 30), (1, 500)], [30, 170]),
        (FREE, [(0, 100), (1, 500)], [100, 100]),
        (FREE, [(1, 500)], [200]),
        # What was carried is used first, and lost after one period.
        (FREE, [(0, 100), (1, 40), (2, 500)], [100, 40, 160]),
        (FREE, [(0, 40), (1, 50), (2, 500)], [40, 50, 200]),
        (FREE, [(0, 40), (1, 90), (2, 500)], [40, 90, 170]),
        (replace(FREE, rollover_limit=25), [(0, 10), (1, 500)], [10, 125]),
        (replace(FREE, rollover_limit=0), [(0, 10), (1, 500)], [10, 100]),
        (replace(FREE, rolls_over=False), [(0, 10), (1, 500)], [10, 100]),
        # A late use takes what is left there, not what has gone over.
        (FREE, [(0, 30), (1, 10), (0, 50)], [30, 10, 0]),
        (replace(FREE, rollover_limit=25), [(0, 30), (1, 10), (0, 90)], [30, 10, 45]),
    ],
)
def test_what_is_left_goes_over_once(allowance, uses, expected):
    assert taken(plan(allowance), uses) == expected


def test_nothing_goes_over_from_a_period_in_which_it_was_not_held_throughout():
    pots = Pots()

    assert use(plan(FREE), 1, 500, pots, has_history=False).allowance_units == 100
    assert taken(plan(FREE, valid=date(2026, 1, 2)), [(1, 500)]) == [100]
    late = replace(FREE, valid=DatePeriod(date(2026, 1, 2)))
    assert taken(plan(late), [(1, 500)]) == [100]


def test_explanation_says_what_was_carried():
    pots = Pots()
    use(plan(FREE), 0, 30, pots)
    allowed = use(plan(FREE), 1, 90, pots)

    assert [str(sentence) for sentence in explain_allowed(allowed)][:2] == [
        "90 s are taken from allowance 1.",
        "70 of it were left from the period before.",
    ]


all_uses = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 160)), max_size=25)
limits = st.none() | st.integers(0, 120)


@given(uses=all_uses, limit=limits, cut=st.integers(0, 25))
def test_runs_may_be_cut_anywhere(uses, limit, cut):
    """What is kept of pots between two runs is all that the second one needs."""
    prices = plan(replace(FREE, rollover_limit=limit))
    first = Pots()
    found = [use(prices, month, quantity, first).allowance_units for month, quantity in uses[:cut]]
    second = Pots(states=first.changed_states())
    found += [use(prices, month, quantity, second).allowance_units for month, quantity in uses[cut:]]

    assert found == taken(prices, uses)


@given(uses=all_uses, limit=limits)
def test_no_unit_is_given_twice(uses, limit):
    prices = plan(replace(FREE, rollover_limit=limit))
    by_month = [0] * len(MONTHS)
    for (month, _), units in zip(uses, taken(prices, uses), strict=True):
        by_month[month] += units

    # Months 0 to n together give no more than their own quantities; the first month's may have had a month before.
    assert all(sum(by_month[: n + 1]) <= 100 * (n + 1) for n in range(len(MONTHS)))
    assert all(units <= 100 + (100 if limit is None else min(limit, 100)) for units in by_month)


@given(uses=st.lists(st.integers(0, 160), max_size=12))
def test_without_late_use_the_states_add_up(uses):
    prices, pots = plan(FREE), Pots()
    for at, quantity in enumerate(uses):
        use(prices, at * len(MONTHS) // len(uses), quantity, pots)

    states = {pot.period_start: state for pot, state in pots.changed_states().items()}
    for start, state in states.items():
        assert 0 <= state.used_units <= FREE.quantity + state.carried_units - state.moved_units
        index = MONTHS.index(start)
        if state.carried_units:
            assert states[MONTHS[index - 1]].moved_units == state.carried_units


def tiers_over_the_period():
    tiers = (Tier(up_to=10, price_micro=3_000_000, flat_micro=1_000_000), Tier(from_units=10, price_micro=1_000_000))
    return Rate(rate_id=5, zone_id=1, model=ChargeModel.GRADUATED, scope=RateScope.PERIOD, tiers=tiers, counter_id=4)


def test_counter_counts_what_allowances_leave_and_begins_anew_with_the_period():
    prices, pots = plan(replace(FREE, rolls_over=False), rates=[tiers_over_the_period()]), Pots()

    covered, over, more = (use(prices, 0, quantity, pots) for quantity in (60, 45, 10))
    assert (covered.amount_micro, covered.charge.period) == (0, None)
    assert [over.amount_micro, more.amount_micro] == [16_000_000, 20_000_000]
    holder = Holder(subscription_id=1, account_id=1, period_start=MONTHS[0])
    assert pots.counted(holder.counter_of(4)) == Counter(15, 2)
    assert list(pots.changed().values()) == [0]
    assert use(prices, 1, 101, Pots(states=pots.changed_states())).amount_micro == 4_000_000


def test_rest_of_a_covered_use_is_priced_at_nothing():
    """What a record says of its allowance leads to the same price again."""
    prices = plan(rates=[tiers_over_the_period()])
    place = {"prices": prices, "zone_id": 1, "unit": Unit.SECONDS, "started_at": datetime(2026, 1, 10, tzinfo=UTC)}

    covered, rest = (price_rest(**place, quantity=60, drawn=drawn) for drawn in (60, 59))
    assert (covered.amount_micro, covered.period, rest.amount_micro) == (0, None, 4_000_000)
    with pytest.raises(ValueError, match="-1"):
        price_rest(**place, quantity=1, drawn=2)


def test_free_zone_draws_nothing():
    prices, pots = plan(FREE, free_zones=frozenset({1})), Pots()

    assert (use(prices, 0, 60, pots).uses, pots.changed_states()) == ((), {})
