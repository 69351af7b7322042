"""Records behind a line of a bill, and why one costs what it costs."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.web.tables import Column, Kind
from billing_site.web.views import DetailPage, ListPage
from rating.models import RatedUsage
from rating.queries.records import (
    ExplainedRecord,
    explain_record,
    find_record,
    records_of_line,
    records_of_subscription,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
COLUMNS: tuple[Column[RatedUsage], ...] = (
    Column(label=_("Began"), value="start_at", kind=Kind.INSTANT),
    Column(label=_("Calling number"), value="calling", kind=Kind.PHONE),
    Column(label=_("Called number"), value="called", kind=Kind.PHONE),
    Column(label=_("Duration"), value="duration_seconds", kind=Kind.DURATION),
    Column(label=_("From allowance"), value="allowance_units", kind=Kind.DURATION),
    Column(label=_("Charged"), value="charged_units", kind=Kind.DURATION),
    Column(label=_("Amount"), value="amount_micro", kind=Kind.MICRO),
)


class RecordPages(ListPage[RatedUsage]):
    """A list of records; each opens its reasons."""

    permission: ClassVar[str] = "rating.view_records"
    columns = COLUMNS

    def row_href(self, row: RatedUsage) -> str:
        """Open the record."""
        moment = (row.start_at - EPOCH) // MICROSECOND
        return reverse("rating:record", args=[row.subscription_id, moment, str(row.duplicate_key), row.revision])


class LineRecords(RecordPages):
    """The records that a line of a bill charges."""

    title = _("Calls of the line")
    order = ("start_at", "duplicate_key", "revision")
    empty = _("No call is charged in this line.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[RatedUsage]:
        """Return the records."""
        try:
            period = date.fromisoformat(filters["bill_period"])
        except ValueError as error:
            raise Http404 from error
        return records_of_line(
            subscription_id=filters["subscription_id"], bill_period=period, bill_item_id=filters["bill_item_id"]
        )


class SubscriptionRecords(RecordPages):
    """All records of a subscription, the latest first."""

    title = _("Calls")
    order = ("-start_at", "-duplicate_key", "-revision")
    empty = _("No call yet.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[RatedUsage]:
        """Return the records."""
        return records_of_subscription(subscription_id=filters["subscription_id"])


class RecordPage(DetailPage[ExplainedRecord]):
    """Why one record costs what it costs."""

    permission: ClassVar[str] = "rating.view_records"
    template_name = "rating/record_detail.html"

    def subject(self, subscription_id: int, moment: int, duplicate_key: str, revision: int) -> ExplainedRecord:
        """Return the record with its reasons."""
        try:
            key, start_at = int(duplicate_key), EPOCH + moment * MICROSECOND
        except (ValueError, OverflowError) as error:
            raise Http404 from error
        found = find_record(subscription_id=subscription_id, start_at=start_at, duplicate_key=key, revision=revision)
        if found is None:
            raise Http404
        return explain_record(found)

    def page_title(self, subject: ExplainedRecord) -> str:
        """Ask the question that the page answers."""
        return __("Why this amount?")
