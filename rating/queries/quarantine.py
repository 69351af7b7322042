"""The quarantine as a work list: which lines wait, for what, whose they are, and what is at stake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Length

from billing_site.identity.models import User
from rating.models import QuarantineCheck, SetAsideLine, UsageFile
from subscribers.models import NumberRange
from subscribers.queries.numbers import owners_of_numbers, ranges_for

MOST_GROUPS = 2_000
WAITS = SetAsideLine.Outcome.QUARANTINED


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChoice:
    """
    Which waiting lines are meant: of a reason, of a calling number, of a source, of the numbers of a centre, that have
    waited for so many days, of a file, or lines named one by one as (file, line); what is left out chooses everything.
    """

    reason: str = ""
    calling: str | None = None
    source_id: int | None = None
    centre_id: int | None = None
    file_id: int | None = None
    days_waiting: int | None = None
    lines: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineGroup:
    """
    Lines that wait for one reason, of one calling number.

    ``estimate_micro`` is what those of them would cost, by the usual plan of the number's range, of which it can be
    said; ``None`` if of none. ``centre_names`` is of the service centre that owns the range; empty for a number of no
    centre.
    """

    reason: str
    calling: str
    line_count: int
    duration_seconds: int
    estimate_micro: int | None
    waits_since: datetime
    first_at: datetime | None
    last_at: datetime | None
    source_codes: tuple[str, ...]
    centre_names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineSums:
    """What a choice of waiting lines comes to."""

    line_count: int
    duration_seconds: int
    estimate_micro: int
    number_count: int
    waits_since: datetime | None


def waiting_lines(*, choice: LineChoice, viewer: User | None, now: datetime | None = None) -> "QuerySet[SetAsideLine]":
    """
    Return the lines in quarantine that are chosen and that a person sees: of a centre's staff those of its numbers.

    Each has ``file_name``. ``now`` is needed where the days of waiting matter.
    """
    name = UsageFile.objects.filter(pk=OuterRef("file_id")).values("name")
    lines = SetAsideLine.objects.filter(outcome=WAITS).annotate(file_name=Subquery(name))
    if viewer is not None and viewer.centre_id is not None:
        lines = lines.filter(_of_ranges(ranges_for(viewer)))
    if choice.centre_id is not None:
        lines = lines.filter(_of_ranges(NumberRange.objects.filter(centre_id=choice.centre_id)))
    if choice.source_id is not None:
        lines = lines.filter(file_id__in=UsageFile.objects.filter(source_id=choice.source_id).values("pk"))
    if choice.days_waiting is not None and now is not None:
        lines = lines.filter(set_aside_at__lte=now - timedelta(days=choice.days_waiting))
    plain = {
        "reason": choice.reason or None,
        "calling": choice.calling,
        "file_id": choice.file_id,
        "pk__in": choice.lines or None,
    }
    return lines.filter(**{name: value for name, value in plain.items() if value is not None})


def quarantine_groups(
    *, choice: LineChoice, viewer: User | None, now: datetime | None = None
) -> tuple[QuarantineGroup, ...]:
    """
    Return what waits by reason and calling number, the fullest group first; at most ``MOST_GROUPS``.

    Three queries, whatever the number of groups.
    """
    source = UsageFile.objects.filter(pk=OuterRef("file_id")).values("source__code")
    rows = (
        waiting_lines(choice=choice, viewer=viewer, now=now)
        .annotate(source_code=Subquery(source))
        .values("reason", "calling")
        .annotate(
            lines=Count("*"),
            seconds=Sum("duration_seconds"),
            stake=Sum("estimate_micro"),
            since=Min("set_aside_at"),
            first=Min("start_at"),
            last=Max("start_at"),
            sources=ArrayAgg("source_code", distinct=True),
        )
        .order_by("-lines", "reason", "calling")[:MOST_GROUPS]
    )
    found = list(rows)
    owners = owners_of_numbers([row["calling"] for row in found])
    return tuple(
        QuarantineGroup(
            reason=row["reason"],
            calling=row["calling"],
            line_count=row["lines"],
            duration_seconds=row["seconds"] or 0,
            estimate_micro=row["stake"],
            waits_since=row["since"],
            first_at=row["first"],
            last_at=row["last"],
            source_codes=tuple(code for code in row["sources"] if code),
            centre_names=owners.get(row["calling"], {}),
        )
        for row in found
    )


def quarantine_sums(*, choice: LineChoice, viewer: User | None, now: datetime | None = None) -> QuarantineSums:
    """Return how many lines are chosen, of how many numbers, and what is at stake."""
    found = waiting_lines(choice=choice, viewer=viewer, now=now).aggregate(
        lines=Count("*"),
        seconds=Sum("duration_seconds"),
        stake=Sum("estimate_micro"),
        numbers=Count("calling", distinct=True),
        since=Min("set_aside_at"),
    )
    return QuarantineSums(
        line_count=found["lines"],
        duration_seconds=found["seconds"] or 0,
        estimate_micro=found["stake"] or 0,
        number_count=found["numbers"],
        waits_since=found["since"],
    )


def last_checked_at() -> datetime | None:
    """Return when the quarantine was last looked through, ``None`` if it never was."""
    return QuarantineCheck.objects.values_list("checked_at", flat=True).first()


def line_keys(lines: "QuerySet[SetAsideLine]", *, most: int) -> Sequence[tuple[int, int]]:
    """Return (file, line) of lines in order of time, the first ``most``."""
    ordered = lines.order_by("start_at", "file_id", "line_number")
    return list(ordered.values_list("file_id", "line_number")[:most])


def _of_ranges(ranges: "QuerySet[NumberRange]") -> Exists | Q:
    """Return whether a line's calling number lies in one of the ranges."""
    holding = ranges.filter(first__lte=OuterRef("calling"), last__gte=OuterRef("calling"))
    return Exists(holding.annotate(digits=Length("first")).filter(digits=Length(OuterRef("calling"))))
