"""What came in, and what waits: files by source and day, and the quarantine by reason and number."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.db.models import Count, Max, Min, QuerySet

from rating.models import SetAsideLine, UsageFile, UsageSource


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineGroup:
    """Lines that wait for one reason, of one calling number."""

    reason: str
    calling: str
    line_count: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceGap:
    """Numbers of a source's sequence that never came, both ends included."""

    source_code: str
    first: int
    last: int


def usage_files_for(
    *, source: UsageSource | None = None, day: date | None = None, state: str | None = None
) -> QuerySet[UsageFile]:
    """Return files, the latest first, of a source, of a day of business or in a state."""
    files = UsageFile.objects.select_related("source").order_by("-id")
    if source is not None:
        files = files.filter(source=source)
    if day is not None:
        files = files.filter(business_day=day)
    return files.filter(state=state) if state else files


def quarantine_groups(*, reason: str | None = None, file_id: int | None = None) -> tuple[QuarantineGroup, ...]:
    """Return what is in quarantine by reason and calling number, the fullest group first; at most 2,000 groups."""
    lines = SetAsideLine.objects.filter(outcome=SetAsideLine.Outcome.QUARANTINED)
    if reason:
        lines = lines.filter(reason=reason)
    if file_id is not None:
        lines = lines.filter(file_id=file_id)
    groups = (
        lines.values("reason", "calling")
        .annotate(line_count=Count("*"), first_at=Min("start_at"), last_at=Max("start_at"))
        .order_by("-line_count", "reason", "calling")[:2_000]
    )
    return tuple(QuarantineGroup(**group) for group in groups)


def set_aside_lines(
    *, file_id: int | None = None, outcome: str | None = None, reason: str | None = None, calling: str | None = None
) -> QuerySet[SetAsideLine]:
    """Return lines that did not become records, by file and line."""
    lines = SetAsideLine.objects.order_by("file_id", "line_number")
    chosen = {"file_id": file_id, "outcome": outcome, "reason": reason, "calling": calling}
    return lines.filter(**{name: value for name, value in chosen.items() if value is not None})


def sequence_gaps(*, source: UsageSource) -> tuple[SequenceGap, ...]:
    """Return the holes in the sequence of a source's files, in order."""
    numbers = list(
        UsageFile.objects.filter(source=source, sequence__isnull=False)
        .order_by("sequence")
        .values_list("sequence", flat=True)
    )
    known = [number for number in numbers if number is not None]
    return tuple(
        SequenceGap(source_code=source.code, first=before + 1, last=after - 1)
        for before, after in pairwise(known)
        if after > before + 1
    )


def overdue_sources(*, day: date, now: datetime, midnight: datetime) -> tuple[UsageSource, ...]:
    """
    Return the sources whose file for a day should have come by now and has not.

    :param midnight: the beginning of the day after ``day``, from which the minutes are counted
    """
    sources = UsageSource.objects.filter(is_active=True, expected_by_minute__isnull=False)
    late = [source for source in sources if now >= midnight + timedelta(minutes=source.expected_by_minute or 0)]
    came = set(UsageFile.objects.filter(business_day=day).values_list("source_id", flat=True))
    return tuple(source for source in late if source.pk not in came)
