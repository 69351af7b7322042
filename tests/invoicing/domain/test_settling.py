"""
000-06: fees over any history: cut by any bills they cost what they cost uncut, no day is charged twice, none skipped.
"""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given, settings, strategies as st

from billing_site.core.periods import DatePeriod, add_months, day_in_month
from invoicing.domain.bill_items import RecurringItem
from invoicing.domain.fees import EdgePolicy, FeeKey, FeeSpan, FeeTerms, due_parts_of
from invoicing.domain.proration import ProrationPolicy
from invoicing.domain.settling import ChargedEntry, settle

ITEM, CATEGORY, LINE = 7, 1, 9
PRICES = (31_000_000, 62_000_000, 93_000_000)
ADVANCE = FeeTerms(in_advance=True)


def spans_of(history, *, known_before, terms):
    """A history is the plans by first day, the end or None, and suspensions; what comes later is not known."""
    starts = sorted(day for day in history["plans"] if day < known_before or day == min(history["plans"]))
    end = history["end"] if history["end"] and history["end"] < known_before else None
    starts = [day for day in starts if end is None or day < end]
    for place, start in enumerate(starts):
        plan = history["plans"][start]
        until = starts[place + 1] if place + 1 < len(starts) else end
        key = FeeKey(LINE, ITEM, plan, None, PRICES[plan])
        yield FeeSpan(key, CATEGORY, terms, start, until, starts[0], place == 0, until is not None and until == end)


def suspensions_of(history, *, known_before):
    for start, until in history["suspensions"]:
        if start < known_before:
            yield DatePeriod(start, until if until < known_before else None)


def bill(history, *, up_to, since, terms, charged, bill_day=1):
    due = [
        part
        for span in spans_of(history, known_before=up_to, terms=terms)
        for part in due_parts_of(
            span, bill_day=bill_day, up_to=up_to, since=since,
            suspensions=list(suspensions_of(history, known_before=up_to)),
        )
    ]  # fmt: skip
    looked_at = [entry for entry in charged if entry.period.until > since]
    return settle(due=due, charged=looked_at, tax_category_of={ITEM: CATEGORY})


def entries_of(items):
    for item in items:
        key = FeeKey(item.subscription_id, item.bill_item_id, item.plan_version_id, None, item.price_micro)
        yield ChargedEntry(
            key, DatePeriod(item.period_start_on, item.period_until_on), DatePeriod(item.start_on, item.until_on),
            item.quantity, Fraction(item.days, item.of_days),
        )  # fmt: skip


def total(items):
    return sum(Fraction(item.price_micro * item.quantity * item.days, item.of_days) for item in items)


def covered(items):
    """How often each day is charged."""
    times: dict[date, int] = {}
    for item in items:
        for number in range((item.until_on - item.start_on).days):
            day = item.start_on + timedelta(days=number)
            times[day] = times.get(day, 0) + item.quantity
    return times


def bill_all(history, bills, *, terms, bill_day):
    charged: list[ChargedEntry] = []
    items: list[RecurringItem] = []
    since = min(history["plans"])
    for up_to in bills:
        made = bill(history, up_to=up_to, since=since, terms=terms, charged=charged, bill_day=bill_day)
        charged += entries_of(made)
        items += made
        since = up_to
    return items


def one(plan=0, start=date(2026, 1, 1), end=None, suspensions=(), **later):
    plans = {start: plan, **{date.fromisoformat(day.replace("_", "-")[1:]): p for day, p in later.items()}}
    return {"plans": plans, "end": end, "suspensions": list(suspensions)}


def shown(items):
    return [(item.quantity, item.plan_version_id, item.start_on.day, item.days, item.of_days) for item in items]


def month(history, *, terms=ADVANCE):
    """What the bill of 1 April brings, where that of 1 March charged the whole of March ahead."""
    charged = list(entries_of(bill(history, up_to=date(2026, 3, 1), since=date(2026, 2, 1), terms=terms, charged=[])))
    return bill(history, up_to=date(2026, 4, 1), since=date(2026, 3, 1), terms=terms, charged=charged)


def test_fee_in_advance_is_charged_from_the_first_day_and_for_the_next_period():
    made = bill(one(start=date(2026, 2, 15)), up_to=date(2026, 3, 1), since=date(2026, 2, 1), terms=ADVANCE, charged=[])

    assert shown(made) == [(1, 0, 15, 14, 28), (1, 0, 1, 31, 31)]


def test_plan_change_gives_back_the_old_and_charges_the_new_from_its_day_on():
    made = month(one(_2026_03_10=1))

    assert shown(made) == [(-1, 0, 10, 22, 31), (1, 1, 10, 22, 31), (1, 1, 1, 30, 30)]


@pytest.mark.parametrize(
    ("policy", "given_back"),
    [("SAME", (22, 31)), ("THIRTY_DAYS", (21, 30)), ("WHOLE", (0, 31)), ("NO_REFUND", (0, 31))],
)
def test_end_of_a_line_gives_back_what_its_policy_says(policy, given_back):
    terms = ADVANCE._replace(end_policy=EdgePolicy(policy))

    assert shown(month(one(end=date(2026, 3, 10)), terms=terms)) == [(-1, 0, 10, *given_back)]


def test_no_refund_still_charges_days_in_arrears_alone():
    terms = FeeTerms(months=3, end_policy=EdgePolicy.NO_REFUND)
    made = bill(one(end=date(2026, 3, 10)), up_to=date(2026, 4, 1), since=date(2026, 3, 1), terms=terms, charged=[])

    assert shown(made) == [(1, 0, 1, 68, 90)]


@pytest.mark.parametrize(("percent", "costs"), [(100, 31), (0, 26), (50, Fraction(57, 2))])
def test_suspended_days_cost_what_the_plan_says(percent, costs):
    history = one(suspensions=[(date(2026, 3, 10), date(2026, 3, 15))])
    made = month(history, terms=ADVANCE._replace(suspended_percent=percent))

    assert total(made) == (costs - 31 + 31) * 1_000_000
    assert sum(covered(made).values()) == 30


def test_quarter_in_arrears_is_due_when_it_has_passed_and_its_rest_with_the_end():
    terms = FeeTerms(months=3)
    history = one(end=date(2026, 5, 1))

    assert [shown(bill_all(history, [date(2026, number, 1)], terms=terms, bill_day=1)) for number in (3, 4)] == [
        [], [(1, 0, 1, 90, 90)],
    ]  # fmt: skip
    bills = [date(2026, number, 1) for number in (4, 5, 6)]
    assert shown(bill_all(history, bills, terms=terms, bill_day=1)) == [(1, 0, 1, 90, 90), (1, 0, 1, 30, 91)]


def test_days_paid_before_the_first_bill_of_ours_are_not_charged_again():
    span = next(spans_of(one(start=date(2025, 1, 1)), known_before=date(2026, 3, 1), terms=ADVANCE._replace(months=3)))
    parts = list(
        due_parts_of(span, bill_day=1, up_to=date(2026, 3, 1), since=date(2026, 2, 1), first_day=date(2026, 2, 1))
    )

    assert [(part.days.start, part.share) for part in parts] == [(date(2026, 2, 1), Fraction(59, 90))]


days = st.integers(0, 500).map(lambda number: date(2024, 1, 1) + timedelta(days=number))


@st.composite
def histories(draw):
    start = draw(days)
    later = st.integers(1, 300).map(lambda number: start + timedelta(days=number))
    end = draw(st.none() | later)
    plans = {start: 0, **{day: draw(st.integers(0, 2)) for day in draw(st.lists(later, max_size=3))}}
    plans = {day: plan for day, plan in sorted(plans.items()) if end is None or day < end}
    held = [None, *plans.values()]
    plans = {day: plan for before, (day, plan) in zip(held, plans.items(), strict=False) if plan != before}
    cuts = sorted(set(draw(st.lists(later, max_size=4))))
    return {"plans": plans, "end": end, "suspensions": list(zip(cuts[::2], cuts[1::2], strict=False))}


every_terms = st.builds(
    FeeTerms,
    policy=st.sampled_from(ProrationPolicy),
    in_advance=st.booleans(),
    months=st.sampled_from([1, 2, 3, 6, 12]),
    end_policy=st.sampled_from(EdgePolicy),
    change_policy=st.sampled_from([policy for policy in EdgePolicy if policy is not EdgePolicy.NO_REFUND]),
    suspended_percent=st.sampled_from([0, 50, 100]),
)


BACK_AFTER_A_DAY = one(start=date(2024, 1, 1), _2024_08_01=1, _2024_08_02=0)


@settings(max_examples=200, deadline=None)
@example(
    history=BACK_AFTER_A_DAY,
    terms=ADVANCE._replace(months=2, change_policy=EdgePolicy.WHOLE),
    bill_day=1,
    length=1,
)
@given(history=histories(), terms=every_terms, bill_day=st.integers(1, 31), length=st.sampled_from([1, 2, 3]))
def test_bills_of_any_history_cost_what_one_bill_costs(history, terms, bill_day, length):
    start = min(history["plans"])
    first = day_in_month(year=start.year, month=start.month, day=bill_day)
    bills = [add_months(first, number, anchor_day=bill_day) for number in range(1, 30, length)]

    cut = bill_all(history, bills, terms=terms, bill_day=bill_day)
    uncut = bill_all(history, bills[-1:], terms=terms, bill_day=bill_day)

    assert total(cut) == total(uncut)
    assert {day for day, times in covered(cut).items() if times} == set(covered(uncut))
    assert set(covered(cut).values()) <= {0, 1}
    assert min(covered(uncut), default=start) == start
    if history["end"]:
        last = history["end"] - timedelta(days=1)
        assert sum(covered(cut).values()) == (last - start).days + 1
