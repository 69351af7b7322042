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
    account.

    :raises ValueError: for a negative quantity
    """

    allowance_id: int
    unit: AllowanceUnit
    quantity: int
    zone_ids: frozenset[int] = frozenset()
    priority: int = 0
    shared_by_account: bool = False
    valid: DatePeriod | None = None

    def __post_init__(self) -> None:
        """Refuse a negative quantity."""
        if self.quantity < 0:
            msg = f"an allowance cannot hold {self.quantity}"
            raise ValueError(msg)

    def applies_to(self, *, zone_id: int, on: date) -> bool:
        """Say whether usage to a zone on a day may draw from it."""
        return (not self.zone_ids or zone_id in self.zone_ids) and (self.valid is None or self.valid.contains(on))


def drawing_order(allowance: Allowance) -> tuple[bool, int, int]:
    """
    Return the sort key of drawing: allowances of units before allowances of money, then by priority, then by id.

    Money pays for what is left to be priced, so it can only come after the units.
    """
    return (allowance.unit is AllowanceUnit.MONEY, allowance.priority, allowance.allowance_id)
