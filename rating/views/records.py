"""Records behind a line of a bill, and why one costs what it costs."""

from collections.abc import Mapping
from copy import copy
from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.web.tables import Column, Kind
from billing_site.web.views import DetailPage, ListPage
from rating.domain.guiding import SHORT_CODE_MARK
from rating.domain.masking import HIDDEN_DIGITS, HIDDEN_SIGN
from rating.forms import FileRecordFilter
from rating.models import RatedUsage, UsageFile
from rating.queries.call_lists import masked_called, show_called
from rating.queries.records import ExplainedRecord, explain_record, find_record, records_of_file, records_of_line
from rating.queries.remarks import remark_of, seconds_of
from rating.views.call_lists import REMARK, sees_whole
from rating.views.prices import LOOK_UP, address_of_question
from rating.views.ways import EPOCH, MICROSECOND, address_of_record, way_back
from subscribers.models import Subscription

PANEL_ROWS = 12
HIDDEN = HIDDEN_SIGN * HIDDEN_DIGITS
COLUMNS: tuple[Column[RatedUsage], ...] = (
    Column(label=_("Began"), value="start_at", kind=Kind.INSTANT),
    Column(label=_("Calling number"), value="calling", kind=Kind.PHONE),
    Column(label=_("Called number"), value="shown_called", kind=Kind.PHONE),
    Column(label=_("Duration"), value="duration_seconds", kind=Kind.DURATION),
    Column(label=_("Bytes"), value="volume_bytes", kind=Kind.NUM),
    Column(label=_("From allowance"), value=lambda row: seconds_of(row, row.allowance_units), kind=Kind.DURATION),
    Column(label=_("Charged"), value=lambda row: seconds_of(row, row.charged_units), kind=Kind.DURATION),
    Column(label=_("Amount"), value="amount_micro", kind=Kind.MICRO, total=True),
    REMARK,
)


class RecordPages(ListPage[RatedUsage]):
    """A list of records; each opens its reasons."""

    permission: ClassVar[str] = "rating.view_records"
    columns = COLUMNS

    def row_href(self, row: RatedUsage) -> str:
        """Open the record, for who may read its reasons."""
        return address_of_record(row) if self.request.user.may("rating.view_records") else ""


class LineRecords(RecordPages):
    """The records that a line of a bill charges: for whoever reads call lists, with masked numbers as there."""

    permission: ClassVar[str] = "rating.view_call_list"
    title = _("Calls of the line")
    order = ("start_at", "duplicate_key", "revision")
    empty = _("No call is charged in this line.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[RatedUsage]:
        """Return the records."""
        try:
            days = {name: date.fromisoformat(filters[name]) for name in ("bill_period", "corrects") if name in filters}
        except ValueError as error:
            raise Http404 from error
        line = Subscription.objects.filter(pk=filters["subscription_id"]).first()
        if line is None:
            return RatedUsage.objects.none()
        records = records_of_line(subscription_id=line.pk, bill_item_id=filters["bill_item_id"], **days)
        return show_called(records, is_whole=sees_whole(self.request, account_id=line.account_id))

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lead back to the account."""
        return way_back(filters["subscription_id"])


class CorrectionRecords(LineRecords):
    """The records that a correction line of a bill charges: those taken back, and those that follow them."""

    title = _("Calls of the correction")


class LineRecordsPanel(LineRecords):
    """The first of the records, for the page that explains the line: each is one more click from its rule."""

    template_name = "rating/records_panel.html"
    page_size = PANEL_ROWS


class CorrectionRecordsPanel(LineRecordsPanel):
    """The same of a correction line."""

    title = _("Calls of the correction")


class FileRecords(RecordPages):
    """The records of a file that a number made."""

    title = _("Calls of the file")
    order = ("start_at", "duplicate_key", "revision")
    filter_form = FileRecordFilter
    intro = _("Type a number: the calls that its holder made in this file are shown.")
    empty = _("No number was typed yet.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[RatedUsage]:
        """Return the records; without a number none."""
        file = UsageFile.objects.filter(pk=filters["file_id"]).first()
        if file is None:
            raise Http404
        if not filters.get("number") or file.first_start_at is None:
            return RatedUsage.objects.none()
        return show_called(records_of_file(file=file, number=filters["number"]))

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lead back to the file."""
        name = UsageFile.objects.values_list("name", flat=True).get(pk=filters["file_id"])
        return {"crumb": {"url": reverse("rating:usage-file", args=[filters["file_id"]]), "label": name}}


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

    def more(self, subject: ExplainedRecord) -> Mapping[str, Any]:
        """Lead on to the rule in the price list, for who may read it."""
        record, rate_id = subject.record, subject.record.rate_id
        whole = sees_whole(self.request, account_id=record.account_id)
        is_linked = rate_id is not None and self.request.user.is_staff
        return {
            "rate_url": reverse("admin:tariffs_rate_change", args=[rate_id]) if is_linked else "",
            "account": way_back(record.subscription_id).get("crumb"),
            "try_url": self._try_url(record, is_whole=whole),
            "shown_called": record.called.removeprefix(SHORT_CODE_MARK) if whole else masked_called(record),
            "remark": remark_of(record),
        }

    def _try_url(self, record: RatedUsage, *, is_whole: bool) -> str:
        """Lead to the look-up of the price, where the hidden digits of the called number are zeros."""
        if not self.request.user.has_perm(LOOK_UP):
            return ""
        asked = copy(record)
        if not is_whole and masked_called(record).endswith(HIDDEN):
            asked.called = record.called[: -len(HIDDEN)] + "0" * len(HIDDEN)
        return address_of_question(asked)
