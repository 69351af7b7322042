"""What came in: files by source and day, and the lines that are no records."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DateTimeField, ExpressionWrapper, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate

from billing_site.core import clock
from billing_site.core.periods import midnight_of
from rating.models import GapExplanation, SetAsideLine, UsageFile, UsageSource
from rating.queries.sources import sequence_rule_of

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeDay:
    """What came from one source for one day of business."""

    source_id: int
    day: date
    file_count: int
    line_count: int
    held_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceGap:
    """
    Numbers of a source's sequence that never came, both ends included, as the source writes them.

    The places are the same numbers counted on where they begin again. ``explanation`` is what somebody said of all
    of them, ``None`` while nobody did.
    """

    source_code: str
    first: int
    last: int
    count: int
    first_place: int
    last_place: int
    explanation: GapExplanation | None = None


def usage_files_for(
    *, source: UsageSource | None = None, day: date | None = None, state: str | None = None
) -> QuerySet[UsageFile]:
    """Return files, the latest first, of a source, of a day of business or in a state; each with its ``own_day``."""
    files = _with_own_day(UsageFile.objects.select_related("source").order_by("-id"))
    if source is not None:
        files = files.filter(source=source)
    if day is not None:
        files = files.filter(own_day=day)
    return files.filter(state=state) if state else files


def _with_own_day(files: QuerySet[UsageFile]) -> QuerySet[Any]:
    """
    Add the day of business of files.

    Where a file says none it is the day on which its last call began, and before it is read the day before it came.
    """
    zone = clock.operator_zone()
    before = ExpressionWrapper(F("arrived_at") - ONE_DAY, output_field=DateTimeField())
    last, came = TruncDate("last_start_at", tzinfo=zone), TruncDate(before, tzinfo=zone)
    return files.annotate(own_day=Coalesce("business_day", last, came))


def intake_by_day(*, first: date, last: date) -> tuple[IntakeDay, ...]:
    """Return what came in by source and day of business, both days included; days without a file are left out."""
    held = Count("pk", filter=Q(state=UsageFile.State.HELD))
    rows = (
        _with_own_day(UsageFile.objects.all())
        .filter(own_day__range=(first, last))
        .values("source_id", "own_day")
        .annotate(file_count=Count("pk"), line_count=Sum("line_count"), held_count=held)
        .order_by("source_id", "own_day")
    )
    return tuple(
        IntakeDay(
            source_id=row["source_id"],
            day=row["own_day"],
            file_count=row["file_count"],
            line_count=row["line_count"] or 0,
            held_count=row["held_count"],
        )
        for row in rows
    )


def first_days() -> dict[int, date]:
    """Return the day of business with which each source began."""
    files = _with_own_day(UsageFile.objects.all())
    return dict(files.values_list("source_id").annotate(first=Min("own_day")))


def set_aside_lines(
    *, file_id: int | None = None, outcome: str | None = None, reason: str | None = None, calling: str | None = None
) -> QuerySet[SetAsideLine]:
    """Return lines that did not become records, by file and line, each with its ``file_name``."""
    name = UsageFile.objects.filter(pk=OuterRef("file_id")).values("name")
    lines = SetAsideLine.objects.annotate(file_name=Subquery(name)).order_by("file_id", "line_number")
    chosen = {"file_id": file_id, "outcome": outcome, "reason": reason, "calling": calling}
    return lines.filter(**{name: value for name, value in chosen.items() if value is not None})


def sequence_gaps(*, source: UsageSource) -> tuple[SequenceGap, ...]:
    """
    Return the holes in the sequence of a source's files, in order.

    :raises ColumnMapRefused: if the source's declaration cannot be read
    """
    rule = sequence_rule_of(source)
    numbers = list(
        UsageFile.objects.filter(source=source, sequence__isnull=False)
        .order_by("sequence")
        .values_list("sequence", flat=True)
    )
    known = [number for number in numbers if number is not None]
    words = list(
        GapExplanation.objects.filter(source=source).select_related("owner", "explained_by").order_by("-explained_at")
    )
    return tuple(
        SequenceGap(
            source_code=source.code,
            first=rule.number_at(before + 1),
            last=rule.number_at(after - 1),
            count=after - before - 1,
            first_place=before + 1,
            last_place=after - 1,
            explanation=next((one for one in words if one.first <= before + 1 and after - 1 <= one.last), None),
        )
        for before, after in pairwise(known)
        if after > before + 1
    )


def count_late_sources(*, today: date, now: datetime, zone: ZoneInfo) -> int:
    """
    Return how many sources should have sent the file of yesterday by now and have not.

    :param zone: whose days and midnights are meant
    """
    return len(overdue_sources(day=today - ONE_DAY, now=now, midnight=midnight_of(today, zone=zone)))


def overdue_sources(*, day: date, now: datetime, midnight: datetime) -> tuple[UsageSource, ...]:
    """
    Return the sources whose file for a day should have come by now and has not, or has come cut.

    :param midnight: the beginning of the day after ``day``, from which the minutes are counted
    """
    sources = UsageSource.objects.filter(is_active=True, expected_by_minute__isnull=False)
    late = [source for source in sources if now >= midnight + timedelta(minutes=source.expected_by_minute or 0)]
    whole = UsageFile.objects.exclude(state=UsageFile.State.HELD, held_reason__in=UsageFile.CUT)
    came = set(_with_own_day(whole).filter(own_day=day).values_list("source_id", flat=True))
    return tuple(source for source in late if source.pk not in came)
