"""The exchanges' files are taken in and rated."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Sum

from billing_site.console.demo.data_traffic import DATA_SYSTEMS
from billing_site.console.demo.following import follow_calls
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import MONTH_END, TODAY, Scale, moment
from billing_site.console.demo.steps import Workforce
from billing_site.console.demo.traffic import EXCHANGES, NAME_PATTERN
from billing_site.console.demo.usage_files import days_of, incoming_folder
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from rating.engine.stages import KINDS
from rating.models import UsageFile, UsageSource
from rating.operations.partitions import make_partitions_ahead
from rating.operations.rating_runs import rate_usage
from rating.operations.usage_files import FileAlreadyKnown, load_usage_file, release_file

# A file is expected by two in the morning of the next day.
EXPECTED_BY_MINUTE = 120
BREAKER_PERCENT = 50


class FilesStayOpen(BillingError):
    """Files were rated and did not close."""

    default_message = gettext_noop("These usage files did not close: %(names)s. See them with: manage.py rate_usage")
    default_code = "FILES_STAY_OPEN"


def add_sources() -> Mapping[str, Any]:
    """Declare the exchanges with the form of their files."""
    for exchange in (*EXCHANGES, *DATA_SYSTEMS):
        UsageSource.objects.get_or_create(
            code=exchange.code,
            defaults={
                "name": exchange.name,
                "dialect": exchange.dialect,
                "column_map": {**exchange.column_map, "name_pattern": NAME_PATTERN},
                "time_zone": settings.SALDO_TIME_ZONE,
                "breaker_percent": BREAKER_PERCENT,
                "expected_by_minute": EXPECTED_BY_MINUTE,
            },
        )
    return {"sources": UsageSource.objects.count()}


def load_files() -> Mapping[str, Any]:
    """Take in every file that is not in yet; one that came before under another name is refused."""
    sources = {source.code: source for source in UsageSource.objects.all()}
    known = set(UsageFile.objects.values_list("name", flat=True))
    refused = 0
    for path in sorted(incoming_folder().glob("*-*.*"), key=_arrival):
        if path.name not in known:
            refused += not _load(sources[path.name.partition("-")[0]], path)
    return {"files": UsageFile.objects.count(), "refused as known": refused}


def rate_calls(workforce: Workforce, scale: Scale) -> Mapping[str, Any]:
    """Let the workers rate what was taken in; a file held for its repeats goes on by a second word."""
    days = list(days_of(scale))
    make_partitions_ahead(first=days[0] - timedelta(days=2), last=MONTH_END + timedelta(days=14))
    rate_usage(actor=staff("specialist"))
    workforce.finish(KINDS)
    for file in UsageFile.objects.filter(state=UsageFile.State.HELD).order_by("pk"):
        reason = "Looked at: the repeated records are set aside, the others are new."
        release_file(file_id=file.pk, reason=reason, released_at=moment(TODAY, 10), actor=staff("approver"))
    if UsageFile.objects.filter(state__in=(UsageFile.State.STAGED, UsageFile.State.BALANCED)).exists():
        rate_usage(actor=staff("specialist"))
        workforce.finish(KINDS)
    follow_calls(workforce)
    open_files = UsageFile.objects.exclude(state=UsageFile.State.CLOSED).order_by("name")
    if open_files.exists():
        raise FilesStayOpen(context={"names": ", ".join(open_files.values_list("name", flat=True)[:5])})
    return outcomes()


def outcomes() -> dict[str, int]:
    """Return how many lines came and how they ended."""
    names = ("line_count", "rated_count", "duplicate_count", "joined_count", "quarantined_count", "rejected_count")
    sums = UsageFile.objects.aggregate(**{name: Sum(name) for name in names})
    return {name.removesuffix("_count"): int(sums[name] or 0) for name in names}


def _load(source: UsageSource, path: Path) -> bool:
    try:
        load_usage_file(
            source=source, name=path.name, content=path, arrived_at=_arrived_at(path), actor=staff("specialist")
        )
    except FileAlreadyKnown:
        return False
    return True


def _day_of(path: Path) -> date:
    return datetime.strptime(path.stem[-8:], "%Y%m%d").date()  # noqa: DTZ007 - a day without a time


def _arrived_at(path: Path) -> datetime:
    return moment(_day_of(path) + timedelta(days=1), 1)


def _arrival(path: Path) -> tuple[date, str]:
    """Order files as they arrive: by day; a file that is sent again comes after the first one."""
    return _day_of(path), path.name.replace("-again-", "~")
