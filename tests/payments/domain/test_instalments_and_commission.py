"""The arithmetic of instalment plans and of commission."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from payments.domain.commission import Share, commission_of
from payments.domain.instalments import (
    LEAST_PARTS,
    MOST_PARTS,
    Answered,
    Part,
    PlanState,
    due_by,
    parts_with_answers,
    split_into_parts,
    stand_on,
)

DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))


@given(
    amount=st.integers(MOST_PARTS, 10**12), count=st.integers(LEAST_PARTS, MOST_PARTS), first=DAYS, paid=st.integers(0)
)
def test_parts_are_the_sum_on_days_of_their_own_and_a_paid_plan_is_kept(amount, count, first, paid):
    parts = split_into_parts(amount_minor=amount, count=count, first_due_on=first)

    amounts, days = [part.amount_minor for part in parts], [part.due_on for part in parts]
    assert (len(parts), sum(amounts), days[0]) == (count, amount, first)
    assert max(amounts) - min(amounts) <= 1
    assert days == sorted(set(days))
    assert {day.day for day in days if day.day < 28} <= {first.day}
    assert stand_on(parts, paid_minor=amount, on=date.max) == PlanState.KEPT
    found = stand_on(parts, paid_minor=paid, on=days[-1])
    assert (found == PlanState.BROKEN) == (paid < due_by(parts, on=days[-1]))


@given(
    count=st.integers(LEAST_PARTS, MOST_PARTS),
    first=DAYS,
    answers=st.lists(st.builds(Answered, amount_minor=st.integers(1, 500), due_on=DAYS, is_in_parts=st.booleans())),
    on=DAYS,
)
def test_answer_to_a_dispute_asks_for_nothing_before_its_day_and_for_no_more_than_it_leaves(count, first, answers, on):
    parts = split_into_parts(amount_minor=9_000, count=count, first_due_on=first)

    found = parts_with_answers(parts, answers)

    added = sum(one.amount_minor for one in answers if not one.is_in_parts)
    assert sum(part.amount_minor for part in found) == 9_000 + added
    assert [part.due_on for part in found] == sorted({part.due_on for part in found})
    assert all(part.amount_minor > 0 for part in found)
    late = sum(one.amount_minor for one in answers if not one.is_in_parts and one.due_on < on)
    assert due_by(found, on=on) <= due_by(parts, on=on) + late
    assert parts_with_answers(parts, []) == parts


def test_part_is_late_on_the_day_after_its_own():
    parts = (Part(due_on=date(2026, 3, 31), amount_minor=5), Part(due_on=date(2026, 4, 30), amount_minor=5))

    assert stand_on(parts, paid_minor=0, on=date(2026, 3, 31)) == PlanState.OPEN
    assert stand_on(parts, paid_minor=4, on=date(2026, 4, 1)) == PlanState.BROKEN
    assert stand_on(parts, paid_minor=5, on=date(2026, 4, 30)) == PlanState.OPEN


@pytest.mark.parametrize(("amount", "count"), [(10, 1), (10, 37), (3, 4)])
def test_parts_that_cannot_be_are_refused(amount, count):
    with pytest.raises(ValueError, match="parts"):
        split_into_parts(amount_minor=amount, count=count, first_due_on=date(2026, 3, 31))


def share(percent, received, reversed_minor=0):
    rate = Decimal(percent) if percent is not None else None
    return Share(percent=rate, received_minor=received, reversed_minor=reversed_minor)


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([share("3", 150_000, 50_000)], 3000),
        ([share("0.125", 400)], 1),
        ([share("1", 49)], 0),
        ([share("1", 50)], 1),
        ([share("1", 25), share("1", 25)], 1),
        ([share("3", 0, 100)], -3),
        ([share(None, 100), share("2", 100)], 2),
        ([], 0),
    ],
)
def test_commission_is_the_rate_of_received_less_taken_back_rounded_once(shares, expected):
    """001-20."""
    assert commission_of(shares) == expected
