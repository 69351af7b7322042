"""Wrong, missing, double: for each day and source, what came in against how it ended."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from billing_site.db.sql import fetch_sql
from rating.models import RatedUsage, UsageSource
from rating.queries.records import price_all_again

# So many records of a day and source are priced again by the core.
PRICED_AGAIN = 100
# Lines still end in these days: they are taken up or written off.
DAYS_ANEW = 7


class UsageDay(NamedTuple):
    """
    The closed files of a source for a day: lines in, how they ended, and the three counts that must be 0.

    Of ``priced_again_count`` records, priced once more by the core from their own plan version, ``wrong_count`` cost
    something else; a file whose amount is not the sum of its records counts as one wrong. The counts are those of
    ``checked_at``, ``None`` where the records were not checked yet. Amounts are in millionths.
    """

    day: date
    source_code: str
    line_count: int
    rated_count: int
    duplicate_count: int
    joined_count: int
    quarantined_count: int
    rejected_count: int
    written_off_count: int
    amount_micro: int
    wrong_count: int | None
    missing_count: int | None
    double_count: int | None
    priced_again_count: int | None
    checked_at: datetime | None


@dataclass(slots=True, kw_only=True)
class DayFaults:
    """What the records of a source's files of a day say: the three counts, and how many were priced again."""

    wrong_count: int = 0
    missing_count: int = 0
    double_count: int = 0
    priced_again_count: int = 0


def usage_days(*, first: date, last: date, source: UsageSource | None = None) -> tuple[UsageDay, ...]:
    """
    Return each day and source with files that are closed, the latest day first.

    :param first: day, both ends included; a file without a day of its own counts on that of its last call
    """
    parameters = {"first": first, "last": last, "source_id": source.pk if source else None}
    return tuple(UsageDay(*row) for row in fetch_sql("rating", "list_usage_days", parameters))


def usage_days_due(*, today: date) -> list[date]:
    """Return the days whose records are to be checked: those of the last week, and older ones that changed."""
    parameters = {"since": today - timedelta(days=DAYS_ANEW), "last": today}
    return [day for (day,) in fetch_sql("rating", "usage_days_due", parameters)]


def find_day_faults(*, day: date, priced_again: int = PRICED_AGAIN) -> dict[int, DayFaults]:
    """
    Look through the records of a day's closed files; return what is wrong, missing and double, by source.

    :param priced_again: how many records of each source are priced again
    """
    found: dict[int, DayFaults] = defaultdict(DayFaults)
    files: dict[int, list[tuple[int, datetime, datetime]]] = defaultdict(list)
    parameters = {"day": day}
    for source_id, file_id, first_start_at, last_start_at, amount_differs, is_whole in fetch_sql(
        "rating", "check_usage_day", parameters
    ):
        faults, span = found[source_id], (file_id, first_start_at, last_start_at)
        faults.wrong_count += bool(amount_differs)
        if not is_whole:
            names = dict(zip(("file_id", "first_start_at", "last_start_at"), span, strict=True))
            missing, double = fetch_sql("rating", "count_lines_of_file", names)[0]
            faults.missing_count += missing
            faults.double_count += double
        if first_start_at is not None:
            files[source_id].append(span)
    for source_id, spans in files.items():
        again = price_all_again(_some_records(spans, most=priced_again))
        found[source_id].priced_again_count = len(again)
        found[source_id].wrong_count += sum(not one.agrees for one in again)
    return dict(found)


def _some_records(spans: list[tuple[int, datetime, datetime]], *, most: int) -> list[RatedUsage]:
    """Return the first records of some files; by their time, so that other days' partitions are not looked through."""
    ids, firsts, lasts = zip(*spans, strict=True)
    records = RatedUsage.objects.filter(
        file_id__in=ids, start_at__gte=min(firsts), start_at__lte=max(lasts), revision=0
    )
    return list(records[:most])
