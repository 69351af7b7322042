"""How old a debt is: by days after the due date, in the usual classes."""

from dataclasses import dataclass, fields
from datetime import date

# Days overdue at which a class ends, the last one without end.
CLASS_ENDS = (30, 60, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    """Money by age in minor units: not due yet, 1 to 30 days overdue, 31 to 60, 61 to 90, older."""

    not_due_minor: int = 0
    to_30_minor: int = 0
    to_60_minor: int = 0
    to_90_minor: int = 0
    older_minor: int = 0

    @property
    def overdue_minor(self) -> int:
        """Everything past its due date."""
        return self.to_30_minor + self.to_60_minor + self.to_90_minor + self.older_minor

    @property
    def total_minor(self) -> int:
        """Everything open."""
        return self.not_due_minor + self.overdue_minor

    def __add__(self, other: "Ageing") -> "Ageing":
        """Add class by class."""
        return Ageing(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})


def days_overdue(due_on: date, *, on: date) -> int:
    """Return by how many days a bill is overdue on a day; 0 on its due date and before."""
    return max(0, (on - due_on).days)


def age_amount(amount_minor: int, *, due_on: date, on: date) -> Ageing:
    """Put an open amount into its class on a day."""
    days = days_overdue(due_on, on=on)
    if days == 0:
        return Ageing(not_due_minor=amount_minor)
    if days <= CLASS_ENDS[0]:
        return Ageing(to_30_minor=amount_minor)
    if days <= CLASS_ENDS[1]:
        return Ageing(to_60_minor=amount_minor)
    if days <= CLASS_ENDS[2]:
        return Ageing(to_90_minor=amount_minor)
    return Ageing(older_minor=amount_minor)
