"""How many lines and accounts began, ended and are there, from the daily counts."""

from dataclasses import dataclass
from datetime import date

from billing_site.db.sql import fetch_sql
from subscribers.models import DailyCount


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """
    What moved in a group: there before the first day, begun, ended.

    :param step: first day of the step; ``None`` where days are not told apart
    """

    step: date | None
    centre_id: int
    category: str
    kind: str
    opening: int
    begun: int
    ended: int

    @property
    def closing(self) -> int:
        """How many are there at the end of the last day."""
        return self.opening + self.begun - self.ended


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How many lines began and ended on a day in a centre, and why."""

    day: date
    centre_id: int
    kind: str
    reason: str
    begun: int
    ended: int


def movements_of(*, first: date, last: date) -> tuple[Movement, ...]:
    """Return lines, accounts and suspended lines by centre, category and kind, over days, both included."""
    rows = fetch_sql("subscribers", "movements_of_days", {"first": first, "last": last})
    return tuple(
        Movement(
            step=None,
            centre_id=centre_id,
            category=category,
            kind=kind,
            opening=int(opening),
            begun=int(begun),
            ended=int(ended),
        )
        for centre_id, category, kind, opening, begun, ended in rows
    )


def reasons_of(*, first: date, last: date) -> tuple[ReasonCount, ...]:
    """Return how many lines began and ended by day, centre, kind and reason, both days included."""
    asked = {"first": first, "last": last, "others": list(DailyCount.NO_LINES)}
    rows = fetch_sql("subscribers", "reasons_of_days", asked)
    return tuple(
        ReasonCount(day=day, centre_id=centre_id, kind=kind, reason=reason, begun=int(begun), ended=int(ended))
        for day, centre_id, kind, reason, begun, ended in rows
    )


def lines_in_service(*, on: date) -> int:
    """Count the lines in service at the end of a day, from the lines themselves."""
    row = fetch_sql("subscribers", "count_lines_in_service", {"day": on})[0]
    return int(row[0])
