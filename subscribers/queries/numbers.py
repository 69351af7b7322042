"""What a person may see of the stock of numbers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from billing_site.db.sql import fetch_sql
from billing_site.identity.models import ServiceCentre, User
from subscribers.models import NumberRange, PhoneNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeCounts:
    """How many numbers of a range are free, assigned and in quarantine; together they are the range."""

    range_id: int
    free: int
    assigned: int
    quarantined: int

    @property
    def total(self) -> int:
        """Every number of the range."""
        return self.free + self.assigned + self.quarantined


def ranges_for(user: User | None) -> "QuerySet[NumberRange]":
    """Return the ranges that a person sees: of a centre's staff its own and its department's common ones, else all."""
    ranges = NumberRange.objects.all()
    if user is None or user.centre_id is None:
        return ranges
    own = Q(centre_id=user.centre_id)
    home = ServiceCentre.objects.filter(pk=user.centre_id).values("department")
    common = Q(centre__isnull=True, department__in=home)
    return ranges.filter(own | common)


def offered_numbers_for(*, user: User | None, use: str = "", digits: str = "") -> "QuerySet[PhoneNumber]":
    """
    Return the free numbers of the ranges that a person sees, with who holds them: also those promised by others.

    :param digits: a part that the numbers have somewhere
    """
    numbers = PhoneNumber.objects.filter(state=PhoneNumber.State.FREE, range__in=ranges_for(user))
    if use:
        numbers = numbers.filter(range__use=use)
    if digits:
        numbers = numbers.filter(number__contains=digits)
    return numbers.select_related("range", "hold__held_by").order_by("number")


def free_numbers_for(*, user: User | None, at: datetime, use: str = "") -> "QuerySet[PhoneNumber]":
    """Return the numbers that a person can promise now, in order: free and held by nobody else."""
    held_by_others = Q(hold__held_until__gt=at)
    if user is not None:
        held_by_others &= ~Q(hold__held_by=user)
    return offered_numbers_for(user=user, use=use).exclude(held_by_others)


def range_counts(*, user: User | None) -> dict[int, RangeCounts]:
    """Return the counts of every range that a person sees, by range id."""
    states = PhoneNumber.State
    rows = ranges_for(user).annotate(
        free=Count("numbers", filter=Q(numbers__state=states.FREE)),
        assigned=Count("numbers", filter=Q(numbers__state=states.ASSIGNED)),
        quarantined=Count("numbers", filter=Q(numbers__state=states.QUARANTINE)),
    )
    return {
        pk: RangeCounts(range_id=pk, free=free, assigned=assigned, quarantined=quarantined)
        for pk, free, assigned, quarantined in rows.values_list("pk", "free", "assigned", "quarantined")
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeRow:
    """A range as the front desk reads it: its ends, area, use, who has it, and how many numbers are in which state."""

    range_id: int
    first: str
    last: str
    area: str
    use: str
    department_names: Mapping[str, str]
    centre_names: Mapping[str, str] | None
    counts: RangeCounts


def list_ranges(*, user: User | None, use: str = "") -> tuple[RangeRow, ...]:
    """Return the ranges that a person sees in order of their numbers, of one use or of all, with present counts."""
    counts = range_counts(user=user)
    ranges = ranges_for(user).select_related("department", "centre").order_by("first")
    return tuple(
        RangeRow(
            range_id=row.pk,
            first=row.first,
            last=row.last,
            area=row.area,
            use=row.use,
            department_names=row.department.names,
            centre_names=row.centre.names if row.centre else None,
            counts=counts[row.pk],
        )
        for row in (ranges.filter(use=use) if use else ranges)
    )


def owners_of_numbers(numbers: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """
    Return, for numbers of our ranges, the names of the service centre that owns the range.

    A range of a whole department gives the department's names; numbers of no range are left out.
    """
    rows = fetch_sql("subscribers", "owners_of_numbers", {"numbers": list(numbers)})
    return {number: json.loads(names) for number, names in rows}


def usual_plans(numbers: Sequence[str], *, on: date) -> dict[str, int]:
    """
    Return the plan that most lines of a number's range have on a day.

    Where nobody in the range has one, the plan that most lines of the range's kind of service have. Numbers of no
    range, and kinds without any line, are left out. Of a range the first thousand holders are looked at.
    """
    return dict(fetch_sql("subscribers", "usual_plans", {"numbers": list(numbers), "on": on}))
