"""What came in: files by source and day, and the lines that are no records."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFile:
    """A source and the day whose file it has not sent."""

    source: UsageSource
    day: date


def usage_files_for(
    *, source: UsageSource | None = None, day: date | None = None, state: str | None = None
) -> QuerySet[UsageFile]:
    """Return files, the latest first, of a source, of the day that they count for, or in a state."""
    files = UsageFile.objects.select_related("source").order_by("-id")
    if source is not None:
        files = files.filter(source=source)
    if day is not None:
        files = files.filter(own_day=day)
    return files.filter(state=state) if state else files


def intake_by_day(*, first: date, last: date) -> tuple[IntakeDay, ...]:
    """Return what came in by source and day of business, both days included; days without a file are left out."""
    held = Count("pk", filter=Q(state=UsageFile.State.HELD))
    rows = (
        UsageFile.objects.filter(own_day__range=(first, last))
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
    own = UsageFile.objects.filter(source=OuterRef("pk")).order_by("own_day").values("own_day")[:1]
    sources = UsageSource.objects.annotate(first=Subquery(own)).filter(first__isnull=False)
    return dict(sources.values_list("pk", "first"))


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
    Return how many sources should have sent a file by now and have not.

    :param zone: whose days and midnights are meant
    """
    return len(late_files(today=today, now=now, zone=zone))


def late_files(*, today: date, now: datetime, zone: ZoneInfo) -> tuple[LateFile, ...]:
    """
    Return the files that should have come by now and have not, or have come cut: of each source that of the latest day
    whose hour has passed. A file may be expected on the day after its own or on the second.

    :param zone: whose days and midnights are meant
    """
    sources = UsageSource.objects.filter(is_active=True, expected_by_minute__isnull=False).order_by("code")
    wanted = [LateFile(source=one, day=_latest_due_day(one, today=today, now=now, zone=zone)) for one in sources]
    whole = UsageFile.objects.exclude(state=UsageFile.State.HELD, held_reason__in=UsageFile.CUT)
    came = set(whole.filter(own_day__in={one.day for one in wanted}).values_list("source_id", "own_day"))
    return tuple(one for one in wanted if (one.source.pk, one.day) not in came)


def _latest_due_day(source: UsageSource, *, today: date, now: datetime, zone: ZoneInfo) -> date:
    """Return the latest day whose file is due; its minutes count from the midnight that ends it."""
    wait, day = timedelta(minutes=source.expected_by_minute or 0), today - ONE_DAY
    while now < midnight_of(day + ONE_DAY, zone=zone) + wait:
        day -= ONE_DAY
    return day
