"""Rated records without an exchange: rows of the table itself, for what reads them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from billing_site.db.copying import copy_rows
from billing_site.documents.files import store_file
from rating.models import UsageFile
from subscribers.models import Subscription
from tariffs.models import PlanVersion, Zone
from tariffs.queries.price_books import bill_items_by_zone
from tests.factories.rating import make_source
from tests.factories.tariffs import make_zone

COLUMNS = (
    "subscription_id",
    "start_at",
    "duplicate_key",
    "account_id",
    "file_id",
    "unit_price_micro",
    "amount_micro",
    "line_number",
    "duration_seconds",
    "zone_id",
    "bill_item_id",
    "plan_version_id",
    "charged_units",
    "allowance_units",
    "bill_period",
    "revision",
    "is_late",
    "calling",
    "called",
    "service",
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A rated call; what is not said is ordinary."""

    line: Subscription
    called: str = "99910555123"
    start_at: datetime = datetime(2026, 3, 3, 10, tzinfo=UTC)
    seconds: int = 60
    micro: int = 5_000_000
    zone: Zone | None = None
    revision: int = 0
    is_late: bool = False
    key: int = 0
    bill_period: date = date(2026, 3, 1)
    calling: str = "99910200000"
    more: dict[str, object] = field(default_factory=dict)


def make_usage_file(code: str = "RECORDS") -> UsageFile:
    found = UsageFile.objects.filter(source__code=code).first()
    if found is not None:
        return found
    return UsageFile.objects.create(
        source=make_source(code=code),
        name="records.csv",
        content=store_file(code.encode()),
        own_day=date(2026, 3, 5),
        state="HELD",
    )


def make_records(calls: Iterable[Call]) -> UsageFile:
    """Write records, each with its own line; their days get partitions."""
    calls = list(calls)
    file, zone = make_usage_file(), make_zone()
    items = bill_items_by_zone()
    version = PlanVersion.objects.order_by("pk").first()
    assert version is not None
    with connection.cursor() as cursor:
        for day in sorted({one.start_at.astimezone(UTC).date() for one in calls}):
            cursor.execute("SELECT rating_make_partition(%s)", [day])
    rows = []
    for number, one in enumerate(calls, start=1):
        of_zone = one.zone or zone
        row = {
            "subscription_id": one.line.pk,
            "start_at": one.start_at,
            "duplicate_key": one.key or number,
            "account_id": one.line.account_id,
            "file_id": file.pk,
            "unit_price_micro": 5_000_000,
            "amount_micro": one.micro,
            "line_number": number,
            "duration_seconds": one.seconds,
            "zone_id": of_zone.pk,
            "bill_item_id": items[of_zone.pk],
            "plan_version_id": version.pk,
            "charged_units": one.seconds,
            "allowance_units": 0,
            "bill_period": one.bill_period,
            "revision": one.revision,
            "is_late": one.is_late,
            "calling": one.calling,
            "called": one.called,
            "service": 0,
            **one.more,
        }
        rows.append(tuple(row[name] for name in COLUMNS))
    copy_rows(table="rating_ratedusage", columns=COLUMNS, rows=rows)
    return file


def every_minute(
    line: Subscription, count: int, *, begin: datetime = datetime(2026, 3, 2, 6, tzinfo=UTC)
) -> list[Call]:
    """Calls of a line, one a minute, to numbers that all differ."""
    return [
        Call(
            line=line,
            start_at=begin + timedelta(minutes=number),
            called=f"9991{number:07d}",
            seconds=30 + number % 90,
            micro=1_000_000 + 1234 * number,
        )
        for number in range(count)
    ]
