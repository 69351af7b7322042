"""What files hold by hour: counted while they are read, so that a repeated or shifted hour is seen before a bill is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median_low
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.db.models.functions import TruncHour

from rating.models import SetAsideLine, UsageFile

HOURS = 24
SHOWN_FILES = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# An hour stands out if it has five times as many lines as it usually has, or a fifth; few lines say nothing.
UNUSUAL_TIMES = 5
LEAST_USUAL_LINES = 20
# So many of an hour's lines may be repeats or of another day (one of twenty) before it stands out.
REPEATED_SHARE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HourCount:
    """Lines of a file that began in an hour, and how many of them are repeats or of a wrong day."""

    line_count: int
    repeated_count: int
    is_unusual: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHours:
    """The 24 hours of a file's own day, and all other hours together."""

    file: UsageFile
    day: date | None
    hours: tuple[HourCount, ...]
    other: HourCount


def hours_of_files(*, files: Sequence[UsageFile], zone: ZoneInfo) -> tuple[FileHours, ...]:
    """
    Return what files hold by hour of their own day, in their order.

    Where a file does not say its day, it is the day on which most of its lines began.

    :param zone: whose hours and days are meant
    """
    counted = {file.pk: _by_local_hour(file.hours, zone) for file in files}
    repeated = _repeats([file.pk for file in files], zone)
    days = {file.pk: file.business_day or _usual_day(counted[file.pk]) for file in files}
    usual = [
        median_low([counted[file.pk][days[file.pk], hour] for file in files]) if files else 0 for hour in range(HOURS)
    ]
    found = []
    for file in files:
        lines, again, day = counted[file.pk], repeated.get(file.pk, Counter()), days[file.pk]
        hours = tuple(_hour(lines[day, at], again[day, at], usual=usual[at]) for at in range(HOURS))
        outside = sum(count for (one, _), count in lines.items() if one != day)
        outside_again = sum(count for (one, _), count in again.items() if one != day)
        found.append(FileHours(file=file, day=day, hours=hours, other=_hour(outside, outside_again, usual=0)))
    return tuple(found)


def _by_local_hour(hours: dict[str, int], zone: ZoneInfo) -> Counter[tuple[date | None, int]]:
    found: Counter[tuple[date | None, int]] = Counter()
    for text, count in hours.items():
        moment = (EPOCH + timedelta(hours=int(text))).astimezone(zone)
        found[moment.date(), moment.hour] += count
    return found


def _usual_day(lines: Counter[tuple[date | None, int]]) -> date | None:
    days: Counter[date | None] = Counter()
    for (day, _), count in lines.items():
        days[day] += count
    return days.most_common(1)[0][0] if days else None


def _repeats(file_ids: Sequence[int], zone: ZoneInfo) -> dict[int, Counter[tuple[date | None, int]]]:
    """Return the repeats and wrong days of files by local hour."""
    rows = (
        SetAsideLine.objects.filter(file_id__in=file_ids, start_at__isnull=False)
        .filter(Q(outcome=SetAsideLine.Outcome.DUPLICATE) | Q(reason="WRONG_DAY"))
        .annotate(hour=TruncHour("start_at", tzinfo=UTC))
        .values_list("file_id", "hour")
        .annotate(count=Count("*"))
    )
    found: dict[int, Counter[tuple[date | None, int]]] = {}
    for file_id, hour, count in rows:
        moment = hour.astimezone(zone)
        found.setdefault(file_id, Counter())[moment.date(), moment.hour] += count
    return found


def _hour(lines: int, repeated: int, *, usual: int) -> HourCount:
    is_far = usual >= LEAST_USUAL_LINES and not usual <= lines * UNUSUAL_TIMES <= usual * UNUSUAL_TIMES**2
    return HourCount(
        line_count=lines, repeated_count=repeated, is_unusual=is_far or repeated * REPEATED_SHARE > lines > 0
    )
