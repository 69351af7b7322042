"""
Instalment plans: a sum in parts on days, and whether it is kept.

What the subscriber disputes of a plan's bills is not asked for until the answer. What the answer leaves to be paid is a
part of the plan on the day that the answer gives, whether the dispute is older than the plan or younger.

A bill calculated again takes the place of the old one; what it charges more is a part of the plan on its own day.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from billing_site.core.money import split_by_weights
from billing_site.core.periods import add_months

LEAST_PARTS, MOST_PARTS = 2, 36


class PlanState(StrEnum):
    """How a plan stands on a day."""

    OPEN = "OPEN"
    KEPT = "KEPT"
    BROKEN = "BROKEN"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An instalment: its day, and its amount in minor units, above zero."""

    due_on: date
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """
    What stays to be paid of an amount that was disputed, or what a bill calculated again charges more, in minor units,
    above zero.

    :param due_on: the day by which the answer, or the new bill, wants it
    :param is_in_parts: whether it was in the agreed parts; what was disputed at the agreement was left out of them
    """

    amount_minor: int
    due_on: date
    is_in_parts: bool


def split_into_parts(*, amount_minor: int, count: int, first_due_on: date) -> tuple[Part, ...]:
    """
    Return a sum in monthly parts that differ by one minor unit at most and add up to it.

    A month that lacks the first one's day takes its last day.

    :param count: from ``LEAST_PARTS`` to ``MOST_PARTS``
    :raises ValueError: for another count, or if a part would be nothing
    """
    if not LEAST_PARTS <= count <= MOST_PARTS or amount_minor < count:
        msg = f"{amount_minor} cannot be paid in {count} parts"
        raise ValueError(msg)
    amounts = split_by_weights(amount_minor, [1] * count)
    days = (add_months(first_due_on, n, anchor_day=first_due_on.day) for n in range(count))
    return tuple(Part(due_on=day, amount_minor=minor) for day, minor in zip(days, amounts, strict=True))


def parts_with_answers(parts: Sequence[Part], answers: Sequence[Answered]) -> tuple[Part, ...]:
    """
    Return the parts as they are due after disputes were answered, by day, at most one a day.

    An amount that was left out of the agreed parts is added on its day. One that was in them counted as not due while
    it was disputed, for the first parts first: what of these would be due before its day moves there.
    """
    minor_on: Counter[date] = Counter()
    for part in parts:
        minor_on[part.due_on] += part.amount_minor
    for answer in sorted(answers, key=lambda one: one.due_on):
        moved = _take_before(minor_on, answer) if answer.is_in_parts else answer.amount_minor
        minor_on[answer.due_on] += moved
    return tuple(Part(due_on=day, amount_minor=minor) for day, minor in sorted(minor_on.items()) if minor)


def _take_before(minor_on: Counter[date], answer: Answered) -> int:
    """Take an answered amount off the parts that are due before its day, the first one first; return what was there."""
    wanted = answer.amount_minor
    for day in sorted(day for day in minor_on if day < answer.due_on):
        taken = min(wanted, minor_on[day])
        minor_on[day] -= taken
        wanted -= taken
    return answer.amount_minor - wanted


def due_by(parts: Sequence[Part], *, on: date) -> int:
    """Return what must be paid so that no part is past its day on a day, in minor units."""
    return sum(part.amount_minor for part in parts if part.due_on < on)


def stand_on(
    parts: Sequence[Part], *, paid_minor: int, on: date, is_disputed: bool = False, is_taken_back: bool = False
) -> PlanState:
    """
    Return how a plan stands on a day: kept when all is paid, broken when a part is unpaid past its day.

    :param paid_minor: what is not to be paid any more, or not now
    :param is_disputed: whether something of its bills waits for an answer: until then no plan is kept to its end
    :param is_taken_back: whether nothing is left of its bills: then nobody kept it, it has ended
    """
    if is_taken_back:
        return PlanState.ENDED
    if paid_minor >= sum(part.amount_minor for part in parts):
        return PlanState.OPEN if is_disputed else PlanState.KEPT
    return PlanState.BROKEN if paid_minor < due_by(parts, on=on) else PlanState.OPEN
