"""Wrong, missing, double: for each day and source, what came in against how it ended."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings

from billing_site.db.sql import fetch_sql
from rating.models import RatedUsage, UsageSource
from rating.queries.records import price_again

# So many records of a day and source are priced again by the core.
PRICED_AGAIN = 100


@dataclass(slots=True, kw_only=True)
class UsageDay:
    """
    The closed files of a source for a day: lines in, how they ended, and the three counts that must be 0.

    ``priced_again_count`` records were priced once more, by the core, from their own plan version; of these
    ``wrong_count`` cost something else. A file whose amount is not the sum of its records counts as one wrong.
    Amounts are in millionths.
    """

    day: date
    source_code: str
    line_count: int = 0
    rated_count: int = 0
    duplicate_count: int = 0
    joined_count: int = 0
    quarantined_count: int = 0
    rejected_count: int = 0
    written_off_count: int = 0
    amount_micro: int = 0
    missing_count: int = 0
    double_count: int = 0
    wrong_count: int = 0
    priced_again_count: int = 0
    file_ids: list[int] = field(default_factory=list)

    @property
    def difference(self) -> int:
        """Lines in, without all that ended: 0 where nothing is missing or double."""
        ended = self.rated_count + self.duplicate_count + self.joined_count + self.quarantined_count
        return self.line_count - ended - self.rejected_count - self.written_off_count


COUNTED = (
    "line_count",
    "rated_count",
    "duplicate_count",
    "joined_count",
    "quarantined_count",
    "rejected_count",
    "written_off_count",
    "amount_micro",
)


def usage_days(
    *, first: date, last: date, source: UsageSource | None = None, priced_again: int = PRICED_AGAIN
) -> tuple[UsageDay, ...]:
    """
    Return each day and source with files that are closed, the latest day first.

    :param first: day, both ends included; a file without a day of its own counts on the day on which it came
    :param priced_again: how many records of each day and source are priced again
    """
    parameters = {
        "first": first,
        "last": last,
        "source_id": source.pk if source else None,
        "zone": settings.SALDO_TIME_ZONE,
    }
    days: dict[tuple[date, str], UsageDay] = {}
    for day, source_code, file_id, *counts, amount_differs, is_whole in fetch_sql(
        "rating", "count_usage_days", parameters
    ):
        found = days.setdefault((day, source_code), UsageDay(day=day, source_code=source_code))
        found.file_ids.append(file_id)
        for name, count in zip(COUNTED, counts, strict=True):
            setattr(found, name, getattr(found, name) + int(count))
        found.wrong_count += bool(amount_differs)
        if not is_whole:
            missing, double = fetch_sql("rating", "count_lines_of_file", {"file_id": file_id})[0]
            found.missing_count += missing
            found.double_count += double
    _price_some_again(days.values(), most=priced_again)
    return tuple(days.values())


def _price_some_again(days: Iterable[UsageDay], *, most: int) -> None:
    for found in days:
        records = RatedUsage.objects.filter(file_id__in=found.file_ids, revision=0)[:most]
        for record in records:
            found.priced_again_count += 1
            found.wrong_count += not price_again(record).agrees
