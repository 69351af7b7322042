"""Wrong, missing, double: the records of each day looked through at night."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from billing_site.db.transactions import durable, transaction_required
from billing_site.jobs.work import add_work
from rating.models import UsageDayCheck
from rating.queries.usage_days import find_day_faults, usage_days_due

CHECK_USAGE_DAY = "rating.check_usage_day"


@durable
def check_usage_days(*, today: date, at: datetime) -> int:
    """Give every day whose records are to be checked to a worker; return how many there are."""
    days = usage_days_due(today=today)
    items: Mapping[str, Any] = {f"{day.isoformat()} {at.isoformat()}": {"day": day.isoformat()} for day in days}
    add_work(kind=CHECK_USAGE_DAY, items=items)
    return len(items)


@transaction_required
def check_usage_day(*, day: date, at: datetime) -> int:
    """
    Look through the records of a day's closed files, and keep what was found; return the number of sources.

    Done again it gives the same, with whatever has come or changed since.
    """
    found = find_day_faults(day=day)
    UsageDayCheck.objects.filter(day=day).delete()
    UsageDayCheck.objects.bulk_create(
        [
            UsageDayCheck(
                day=day,
                source_id=source_id,
                wrong_count=faults.wrong_count,
                missing_count=faults.missing_count,
                double_count=faults.double_count,
                priced_again_count=faults.priced_again_count,
                checked_at=at,
            )
            for source_id, faults in found.items()
        ]
    )
    return len(found)
