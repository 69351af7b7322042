"""Instalment plans: a sum in parts on days, and whether it is kept."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An instalment: its day, and its amount in minor units, above zero."""

    due_on: date
    amount_minor: int


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


def due_by(parts: Sequence[Part], *, on: date) -> int:
    """Return what must be paid so that no part is past its day on a day, in minor units."""
    return sum(part.amount_minor for part in parts if part.due_on < on)


def stand_on(parts: Sequence[Part], *, paid_minor: int, on: date) -> PlanState:
    """Return how a plan stands on a day: kept when all is paid, broken when a part is unpaid past its day."""
    if paid_minor >= sum(part.amount_minor for part in parts):
        return PlanState.KEPT
    return PlanState.BROKEN if paid_minor < due_by(parts, on=on) else PlanState.OPEN
