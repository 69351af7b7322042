"""The specification of rating, checked against a plain loop over increments with exact fractions."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from billing_site.core.money import RoundingMode, round_micro
from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from rating.domain.pricing import NoPrice, price_call, price_usage
from tariffs.domain.price_book import PlanPrices
from tariffs.domain.rates import MaxCostPolicy, Rate, RateStep, RoundingPolicy, Surcharge
from tariffs.domain.windows import Window, WindowScheme

ZONE = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
ALL_DAYS = frozenset(range(1, 8))
EXACT = RoundingPolicy()


def plan(*rates, windows=(), rounding=EXACT):
    return PlanPrices.of(
        plan_id=1,
        plan_version_id=7,
        valid=DatePeriod(date(1990, 1, 1)),
        rates=rates,
        scheme=WindowScheme(windows=tuple(windows), zone=ZONE),
        rounding=rounding,
    )


def simple(rate_id=1, price_micro=1_000_000, per=60, increment=60, **more):
    step = RateStep(price_micro=price_micro, per=per, increment=increment)
    return Rate(rate_id=rate_id, zone_id=1, steps=(step,), **more)


def price(prices, seconds, at=NOON, **more):
    return price_call(prices=prices, zone_id=1, started_at=at, duration_seconds=seconds, **more)


def looped(prices, seconds, at, continuation):
    """Price increment by increment, as the rule is written."""
    total, offset, first = Fraction(), 0, None
    while offset < seconds:
        moment = at + timedelta(seconds=offset)
        found = prices.rate_for(zone_id=1, window=prices.scheme.window_at(moment))
        if first is None:
            first = found
            if not continuation:
                total = capped(total, found.connect_fee_micro, found)
        step = [known for known in found.steps if known.from_units <= offset][-1]
        total = capped(total, Fraction(step.increment * step.price_micro, step.per), found)
        offset += step.increment
    if first and first.surcharge and seconds > first.surcharge.after_units:
        total = capped(total, first.surcharge.amount_micro, first)
    if first and not continuation:
        total = max(total, first.min_charge_micro)
    return total


def capped(total, more, found):
    return total + more if found.cap_micro is None else max(total, min(total + more, found.cap_micro))


money = st.integers(min_value=0, max_value=3_000_000)
steps = st.lists(
    st.tuples(st.integers(1, 200), money, st.sampled_from([1, 7, 60]), st.sampled_from([1, 6, 30, 60, 100])),
    min_size=1,
    max_size=3,
    unique_by=lambda step: step[0],
)


@st.composite
def rates(draw, rate_id, window):
    found = sorted(draw(steps))
    cap = draw(st.none() | st.integers(min_value=0, max_value=20_000_000))
    return Rate(
        rate_id=rate_id,
        zone_id=1,
        window=window,
        connect_fee_micro=draw(money),
        steps=tuple(
            RateStep(from_units=0 if n == 0 else start, price_micro=amount, per=per, increment=increment)
            for n, (start, amount, per, increment) in enumerate(found)
        ),
        max_cost_micro=cap,
        max_cost_policy=draw(st.sampled_from(MaxCostPolicy)),
        min_charge_micro=draw(st.integers(min_value=0, max_value=cap or 0)),
        surcharge=draw(st.none() | st.builds(Surcharge, after_units=st.integers(0, 300), amount_micro=money)),
    )


@st.composite
def plans(draw):
    minutes = draw(st.lists(st.integers(min_value=0, max_value=1439), min_size=1, max_size=3, unique=True))
    days = [draw(st.frozensets(st.integers(1, 7), min_size=1)) for _ in minutes]
    windows = [Window(days=found, from_minute=minute) for found, minute in zip(days, minutes, strict=True)]
    return plan(*(draw(rates(rate_id=n + 1, window=n)) for n in range(len(windows))), windows=windows)


near_a_change = st.sampled_from([datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 10, 25, 0, tzinfo=UTC), NOON])


@settings(deadline=None, max_examples=150)
@given(
    prices=plans(),
    at=st.builds(lambda day, shift: day + timedelta(milliseconds=shift), near_a_change, st.integers(0, 86_400_000)),
    seconds=st.integers(min_value=0, max_value=900),
    continuation=st.booleans(),
)
def test_closed_form_equals_the_loop(prices, at, seconds, continuation):
    charge = price(prices, seconds, at=at, continuation=continuation)

    exact = looped(prices, seconds, at, continuation)
    assert Fraction(charge.exact_numerator, charge.exact_denominator) == exact
    assert charge.amount_micro == round_micro(numerator=exact.numerator, denominator=exact.denominator, places=6)
    assert sum(segment.units for segment in charge.segments) == seconds
    assert sum(segment.billed_units for segment in charge.segments) == charge.billed_units >= seconds


@given(prices=plans(), seconds=st.integers(min_value=1, max_value=100_000))
def test_segments_explain_the_exact_amount(prices, seconds):
    charge = price(prices, seconds)

    parts = sum(Fraction(part.amount_numerator, part.amount_denominator) for part in charge.segments)
    whole = parts + charge.connect_fee_micro + charge.surcharge_micro
    if charge.capped_micro is None and charge.minimum_micro is None:
        assert whole == Fraction(charge.exact_numerator, charge.exact_denominator)
    assert charge.rate_id == charge.segments[0].rate_id


def test_zero_duration_costs_nothing():
    charge = price(plan(simple(connect_fee_micro=5, min_charge_micro=9)), 0)

    assert (charge.amount_micro, charge.segments, charge.rate_id) == (0, (), 1)


def test_zero_duration_without_a_price_costs_nothing():
    assert price(plan(), 0).rate_id is None


def test_usage_without_a_price_is_refused():
    with pytest.raises(NoPrice) as refusal:
        price(plan(), 1)

    assert refusal.value.code == "NO_PRICE"
    assert "zone 1" in refusal.value.message


def test_call_into_a_window_without_a_price_is_refused():
    windows = (Window(days=ALL_DAYS), Window(days=ALL_DAYS, from_minute=780))

    with pytest.raises(NoPrice):
        price(plan(simple(window=0, increment=1), windows=windows), 2, at=NOON - timedelta(seconds=1))


def test_negative_duration_is_refused():
    with pytest.raises(ValueError, match="cannot be -1"):
        price(plan(simple()), -1)


def test_increment_belongs_to_the_window_in_which_it_starts():
    windows = (Window(days=ALL_DAYS), Window(days=ALL_DAYS, from_minute=14 * 60))
    prices = plan(simple(1, window=0), simple(2, price_micro=100_000, window=1), windows=windows)

    charge = price(prices, 120, at=datetime(2026, 3, 5, 12, 59, 30, tzinfo=UTC))

    assert [(part.rate_id, part.billed_units) for part in charge.segments] == [(1, 60), (2, 60)]
    assert charge.amount_micro == 1_100_000


def test_same_rate_over_a_window_start_is_one_segment():
    charge = price(plan(simple(), windows=(Window(days=ALL_DAYS),)), 7 * 86_400)

    assert [part.units for part in charge.segments] == [7 * 86_400]


def test_cap_stops_the_price_and_disconnect_does_not():
    assert price(plan(simple(max_cost_micro=1_500_000)), 600).amount_micro == 1_500_000
    ends = simple(max_cost_micro=1_500_000, max_cost_policy=MaxCostPolicy.DISCONNECT)
    assert price(plan(ends), 600).amount_micro == 10_000_000


def test_cap_holds_for_fee_and_surcharge_too():
    found = simple(
        max_cost_micro=1_500_000, connect_fee_micro=1_400_000, surcharge=Surcharge(after_units=5, amount_micro=9)
    )
    charge = price(plan(found), 60)

    assert (charge.amount_micro, charge.capped_micro) == (1_500_000, 1_500_000)


def test_surcharge_is_added_once_and_only_after_its_seconds():
    prices = plan(simple(surcharge=Surcharge(after_units=60, amount_micro=500)))

    assert [price(prices, seconds).surcharge_micro for seconds in (60, 61)] == [0, 500]


def test_minimum_holds_except_for_a_continuation():
    prices = plan(simple(price_micro=1, min_charge_micro=10))

    assert price(prices, 1).amount_micro == 10
    assert price(prices, 1, continuation=True).amount_micro == 1


def test_rounding_is_done_once_on_the_total():
    rounding = RoundingPolicy(mode=RoundingMode.UP, places=2)
    charge = price(plan(simple(price_micro=50_000, increment=1, connect_fee_micro=150_000), rounding=rounding), 24)

    assert charge.amount_micro == 170_000


def test_bytes_stay_in_the_window_of_their_start():
    windows = (Window(days=ALL_DAYS), Window(days=ALL_DAYS, from_minute=14 * 60))
    first = Rate(
        rate_id=1, zone_id=1, unit=Unit.BYTES, window=0, steps=(RateStep(price_micro=2000, per=10, increment=10),)
    )
    prices = plan(first, windows=windows)

    charge = price_usage(
        prices=prices,
        zone_id=1,
        unit=Unit.BYTES,
        started_at=datetime(2026, 3, 5, 12, 59, 59, tzinfo=UTC),
        quantity=640_113,
    )

    assert charge.amount_micro == 128_024_000


def test_a_month_of_one_call_is_priced_at_once():
    charge = price(plan(simple(price_micro=1, per=1, increment=1)), 30 * 86_400)

    assert (charge.amount_micro, len(charge.segments)) == (30 * 86_400, 1)
