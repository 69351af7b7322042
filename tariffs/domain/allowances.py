"""Allowances of a plan: quantities or money that a period includes before usage is charged."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from billing_site.core.periods import DatePeriod


class AllowanceUnit(StrEnum):
    """What an allowance holds. The first three are the units of usage, MONEY is micro units."""

    SECONDS = "SECONDS"
    EVENTS = "EVENTS"
    BYTES = "BYTES"
    MONEY = "MONEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """
    A quantity included in a plan, drawn in order of ``priority`` (lower first), then of ``allowance_id``.

    ``zone_ids`` is empty where every zone counts. ``valid`` is the period of days in which usage may draw from it,
    ``None`` = as long as the plan itself. ``shared_by_account`` means one common pot of all subscriptions of the
    account. Where it ``rolls_over``, what is left of a bill period is added to the next one, at most
    ``rollover_limit`` of it (``None`` = all); what was added and is left again is lost.

    :raises ValueError: for a negative quantity or limit
    """

    allowance_id: int
    unit: AllowanceUnit
    quantity: int
    zone_ids: frozenset[int] = frozenset()
    priority: int = 0
    shared_by_account: bool = False
    valid: DatePeriod | None = None
    rolls_over: bool = False
    rollover_limit: int | None = None

    def __post_init__(self) -> None:
        """Refuse a negative quantity."""
        if self.quantity < 0 or (self.rollover_limit is not None and self.rollover_limit < 0):
            msg = f"an allowance cannot hold {self.quantity} and carry {self.rollover_limit} over"
            raise ValueError(msg)

    def applies_to(self, *, zone_id: int, on: date) -> bool:
        """Say whether usage to a zone on a day may draw from it."""
        return (not self.zone_ids or zone_id in self.zone_ids) and (self.valid is None or self.valid.contains(on))

    def held_throughout(self, period: DatePeriod) -> bool:
        """Say whether usage may draw from it on every day of a period."""
        return self.valid is None or self.valid.covers(period)

    def carried(self, own_left: int) -> int:
        """Return how much of what is left of a period's own quantity goes over to the next period."""
        if not self.rolls_over:
            return 0
        return own_left if self.rollover_limit is None else min(own_left, self.rollover_limit)


def drawing_order(allowance: Allowance) -> tuple[bool, int, int]:
    """
    Return the sort key of drawing: allowances of units before allowances of money, then by priority, then by id.

    Money pays for what is left to be priced, so it can only come after the units.
    """
    return (allowance.unit is AllowanceUnit.MONEY, allowance.priority, allowance.allowance_id)
