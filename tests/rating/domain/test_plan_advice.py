"""The cheapest plan, by pricing the same usage under each (004-07, 004-08)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from billing_site.core.periods import DatePeriod, month_of
from billing_site.core.quantities import Unit
from rating.domain.allowances import Holder, Pots, charge_with_allowances
from rating.domain.plan_advice import (
    CALL_SECONDS,
    MAX_USAGE,
    Fee,
    PartKind,
    PlanOffer,
    Terms,
    Usage,
    UseTooLarge,
    ZoneNeed,
    advise,
    cost_of,
    representative_month,
)
from tariffs.domain.allowances import Allowance, AllowanceUnit
from tariffs.domain.price_book import PlanPrices
from tariffs.domain.rates import Rate, RoundingPolicy, rate_step
from tariffs.domain.windows import Window, WindowScheme

ZONE = ZoneInfo("Asia/Yerevan")
MARCH = month_of(date(2026, 3, 5))
WEEK = WindowScheme(
    windows=(
        Window(days=frozenset(range(1, 6)), from_minute=480),
        Window(days=frozenset(range(1, 6)), from_minute=1200),
    ),
    zone=ZONE,
)
LOCAL, MOBILE = 1, 2


def offer(number, *, fee="1000", day="6", evening="2.5", allowances=(), once="0", per=60, increment=60):
    rates = [
        Rate(
            rate_id=zone_id * 10 + window,
            zone_id=zone_id,
            window=window,
            steps=(rate_step(price=Decimal(price) * zone_id, per=per, increment=increment),),
        )
        for zone_id in (LOCAL, MOBILE)
        for window, price in enumerate((day, evening))
    ]
    prices = PlanPrices.of(
        plan_id=number,
        plan_version_id=number,
        valid=DatePeriod(date(2020, 1, 1)),
        rates=rates,
        scheme=WEEK,
        rounding=RoundingPolicy(places=2),
        allowances=allowances,
    )
    return PlanOffer(
        plan_id=number,
        code=f"P{number}",
        names={"en": f"Plan {number}"},
        prices=prices,
        monthly=(Fee(names={"en": "Fee"}, amount_micro=int(Decimal(fee) * 1_000_000)),),
        one_off=(Fee(names={"en": "Joining"}, amount_micro=int(Decimal(once) * 1_000_000)),),
    )


def minutes(number, quantity, *, shared=False):
    return Allowance(allowance_id=number, unit=AllowanceUnit.SECONDS, quantity=quantity * 60, shared_by_account=shared)


def cost(plan, needs, *, lines=1, months=12, **terms):
    usage = representative_month(needs, lines=lines, month=MARCH, zone=ZONE)
    return cost_of(plan, usage=usage, usage_months=1, terms=Terms(lines=lines, months=months, **terms))


def test_need_becomes_calls_of_three_minutes_by_day_and_evening():
    usage = representative_month([ZoneNeed(zone_id=LOCAL, quantity=600, evening=240)], lines=1, month=MARCH, zone=ZONE)

    assert [(one.started_at.astimezone(ZONE).hour, one.quantity) for one in usage] == [
        (9, 180),
        (21, 180),
        (9, 180),
        (21, 60),
    ]


def test_cost_is_fees_usage_and_what_is_paid_once():
    """100 minutes by day at 6, 50 in the evening at 2.50, to mobiles twice as much; two users for a year."""
    needs = [ZoneNeed(zone_id=LOCAL, quantity=9000, evening=3000), ZoneNeed(zone_id=MOBILE, quantity=600)]

    found = cost(offer(1, once="2500"), needs, lines=2)

    monthly = 2 * (1000 + 600 + 125 + 120)
    assert found.monthly_micro == monthly * 1_000_000
    assert found.one_off_micro == 5000 * 1_000_000
    assert found.total_micro == (12 * monthly + 5000) * 1_000_000
    assert [part.kind for part in found.parts] == [PartKind.FEE, PartKind.USAGE, PartKind.USAGE, PartKind.ONE_OFF]


def test_shared_allowance_is_one_for_all_users_and_an_own_one_is_each_users():
    needs = [ZoneNeed(zone_id=LOCAL, quantity=6000)]
    own, shared = (offer(1, fee="0", allowances=[minutes(1, 60, shared=shared)]) for shared in (False, True))

    assert cost(own, needs, lines=2, months=1).total_micro == 2 * 40 * 6_000_000
    assert cost(shared, needs, lines=2, months=1).total_micro == (200 - 60) * 6_000_000


def test_extras_and_bonus_of_the_contract_are_for_every_user_and_month():
    extra = Fee(names={"en": "Static address"}, amount_micro=1_000_000)

    found = cost(
        offer(1, fee="10"),
        [],
        lines=3,
        extras=(extra,),
        bonus_of=lambda plan, months: 2_000_000 if (plan.code, months) == ("P1", 12) else 0,
    )

    assert {part.kind: part.amount_micro for part in found.parts if part.amount_micro} == {
        PartKind.FEE: 360_000_000,
        PartKind.EXTRA: 36_000_000,
        PartKind.BONUS: -72_000_000,
    }


def test_plan_without_a_price_for_a_part_of_the_use_comes_last_with_the_reason():
    needs = [ZoneNeed(zone_id=3, quantity=60)]
    usage = representative_month(needs, lines=1, month=MARCH, zone=ZONE)

    found = advise([offer(1, fee="0")], usage=usage, usage_months=1, terms=Terms(lines=1, months=1))

    assert [(one.refusal is not None, one.total_micro) for one in found] == [(True, 0)]


def test_volume_costs_nothing_where_it_is_not_counted_and_is_refused_where_it_is_not_sold():
    needs = [ZoneNeed(zone_id=None, quantity=10**9, unit=Unit.BYTES)]
    flat = PlanOffer(plan_id=9, code="NET", names={}, prices=offer(9).prices, flat_units=frozenset({Unit.BYTES}))

    assert cost(flat, needs).total_micro == 0
    assert cost(offer(1), needs).refusal is not None


def test_use_that_is_too_large_is_refused():
    with pytest.raises(UseTooLarge):
        representative_month(
            [ZoneNeed(zone_id=LOCAL, quantity=(MAX_USAGE + 1) * CALL_SECONDS)], lines=1, month=MARCH, zone=ZONE
        )
    with pytest.raises(UseTooLarge):
        representative_month([], lines=101, month=MARCH, zone=ZONE)
    with pytest.raises(ValueError, match="multiple"):
        cost_of(offer(1), usage=(), usage_months=3, terms=Terms(lines=1, months=4))


needs_drawn = st.lists(
    st.tuples(st.sampled_from([LOCAL, MOBILE]), st.integers(0, 12_000), st.integers(0, 100)),
    min_size=1,
    max_size=2,
    unique_by=lambda need: need[0],
)
offers_drawn = st.lists(
    st.tuples(
        st.integers(0, 3000), st.integers(0, 30), st.integers(0, 30), st.integers(0, 200), st.sampled_from([1, 60])
    ),
    min_size=1,
    max_size=4,
)


def needs_of(drawn, *, more=0):
    return [
        ZoneNeed(zone_id=zone_id, quantity=seconds + more, evening=seconds * percent // 100)
        for zone_id, seconds, percent in drawn
    ]


def offers_of(drawn):
    return [
        offer(
            number,
            fee=str(fee),
            day=str(day),
            evening=str(evening),
            increment=increment,
            allowances=[minutes(number, free)] if free else [],
        )
        for number, (fee, day, evening, free, increment) in enumerate(drawn, 1)
    ]


@settings(deadline=None)
@given(needs_drawn, offers_drawn, st.integers(1, 12_000))
def test_more_usage_never_costs_less_under_one_plan(drawn, plans, more):
    for plan in offers_of(plans):
        less, greater = cost(plan, needs_of(drawn)), cost(plan, needs_of(drawn, more=more))
        assert greater.total_micro >= less.total_micro


@settings(deadline=None)
@given(needs_drawn, offers_drawn, st.integers(1, 3), st.integers(1, 24))
def test_cheapest_is_the_minimum_of_independent_pricing(drawn, plans, lines, months):
    """Proves 004-07: each plan is priced again here, line by line and call by call."""
    offers = offers_of(plans)
    usage = representative_month(needs_of(drawn), lines=lines, month=MARCH, zone=ZONE)

    found = advise(offers, usage=usage, usage_months=1, terms=Terms(lines=lines, months=months))

    again = {}
    for plan in offers:
        pots, used = Pots(), 0
        for one in usage:
            holder = Holder(subscription_id=one.line, account_id=0, period_start=MARCH.start)
            used += charge_with_allowances(
                prices=plan.prices,
                zone_id=one.zone_id or 0,
                started_at=one.started_at,
                quantity=one.quantity,
                holder=holder,
                pots=pots,
            ).amount_micro
        again[plan.code] = months * (used + lines * plan.monthly[0].amount_micro)
    assert {one.offer.code: one.total_micro for one in found} == again
    assert (found[0].total_micro, found[0].offer.code) == min((total, code) for code, total in again.items())
    assert sum(part.amount_micro for part in found[0].parts) == found[0].total_micro


def test_usage_of_a_need_lies_in_its_month():
    usage = representative_month([ZoneNeed(zone_id=LOCAL, quantity=300_000)], lines=1, month=MARCH, zone=ZONE)

    assert datetime(2026, 3, 1, 20, tzinfo=UTC) < usage[0].started_at < usage[-1].started_at
    assert {one.started_at.astimezone(ZONE).date().month for one in usage} == {3}
    assert sum(one.quantity for one in usage) == 300_000


def test_usage_is_priced_in_the_unit_for_which_the_plan_has_a_rate():
    """A session tells bytes and seconds; this plan sells time."""
    session = Usage(
        line=1,
        zone_id=LOCAL,
        started_at=datetime(2026, 3, 2, 6, tzinfo=UTC),
        quantity=10**6,
        unit=Unit.BYTES,
        others={Unit.SECONDS: 120},
        period_start=MARCH.start,
    )

    found = cost_of(offer(1, fee="0"), usage=[session], usage_months=1, terms=Terms(lines=1, months=1))

    assert [(part.unit, part.units) for part in found.parts if part.kind is PartKind.USAGE] == [(Unit.SECONDS, 120)]
    assert found.total_micro == 2 * 6_000_000
