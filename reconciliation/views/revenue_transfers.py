"""Revenue transfers: the sets, one with its journal, the bills behind a line, and the files."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.documents.files import path_of
from billing_site.documents.workbooks import safe_text
from billing_site.identity.http import StaffRequest
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, FormPage, ListPage, Outcome, StaffPage
from reconciliation.domain.exchange_fields import FIELDS, ExchangeField, described, example_of
from reconciliation.forms.books import PrepareTransferForm
from reconciliation.models import RevenueTransfer, RevenueTransferLine, TransferAnswer
from reconciliation.operations.revenue_transfers import prepare_revenue_transfer, send_revenue_transfer
from reconciliation.queries.revenue_transfers import LineBill, bills_of_line, revenue_transfers
from reconciliation.views.book_comparisons import SECTIONS, search_url
from tariffs.queries.words import SERVICE_KINDS

ROLES = {
    "REVENUE": _("Revenue"),
    "DISCOUNT": _("Discount"),
    "TAX": _("Tax"),
    "PROVIDER": _("Collected for another provider"),
    "ROUNDING": _("Rounding"),
}
DOCUMENTS = {"INVOICE": _("Bill"), "CREDIT_NOTE": _("Credit note")}
VERDICTS = dict(TransferAnswer.Verdict.choices)
CSV_HEAD = ("number", "period", "line", "debit", "credit", "amount", "currency", "what", "kind", "item")

assert ROLES.keys() == set(RevenueTransferLine.Role.values), "every role has its words"


class RevenueTransferList(ListPage[RevenueTransfer]):
    """All sets, the latest first."""

    permission: ClassVar[str] = "reconciliation.view_revenue_transfers"
    title = _("Revenue transfers to accounting")
    template_name = "reconciliation/revenue_transfer_list.html"
    columns = (
        Column(label=_("Accounting period"), value="period.code", kind=Kind.CODE),
        Column(label=_("Fixed or mobile"), value=lambda row: SECTIONS[row.section]),
        Column(label=_("Revenue transfer"), value="n", kind=Kind.NUM),
        Column(label=_("Number"), value="number", kind=Kind.CODE),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Bills"), value="bill_count", kind=Kind.NUM, total=True),
        Column(label=_("Net"), value="net_minor", kind=Kind.MONEY, total=True),
        Column(label=_("Tax"), value="tax_minor", kind=Kind.MONEY, total=True),
        Column(label=_("Total"), value="gross_minor", kind=Kind.MONEY, total=True),
        Column(label=_("Sent"), value="sent_at", kind=Kind.INSTANT),
        Column(label=_("Sent by"), value="sent_by"),
        Column(label=_("Answer of accounting"), value=lambda row: VERDICTS.get(row.verdict, "")),
    )
    order = ("-id",)
    is_wide = True
    empty = _("No revenue was handed over yet. Prepare the set of a period that is over.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[RevenueTransfer]:
        """Return all sets."""
        return revenue_transfers()

    def row_href(self, row: RevenueTransfer) -> str:
        """Open the set."""
        return _address(row.pk)

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say what the person may do."""
        return {"may_prepare": self.request.user.may("reconciliation.prepare_revenue_transfer")}


class PrepareRevenueTransfer(FormPage):
    """Make the set of a period and section."""

    permission: ClassVar[str] = "reconciliation.prepare_revenue_transfer"
    title = _("Prepare a revenue transfer")
    form_class = PrepareTransferForm
    submit_label = _("Show the journal")
    intro = _("Nothing is sent yet. A set that was prepared and not sent is made anew.")

    def perform(self, form: PrepareTransferForm, *_args: Any, **_ids: Any) -> Outcome:
        """Prepare it."""
        transfer = prepare_revenue_transfer(
            period_id=form.cleaned_data["period"].pk,
            section=form.cleaned_data["section"],
            on=clock.today(),
            prepared_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=_address(transfer.pk), message=__("The set is prepared. A second person sends it."))


class RevenueTransferPage(ListPage[RevenueTransferLine]):
    """A set: its journal, its sums, its files."""

    permission: ClassVar[str] = "reconciliation.view_revenue_transfers"
    title = _("Revenue transfer")
    template_name = "reconciliation/revenue_transfer_detail.html"
    columns = (
        Column(label=_("Line"), value="n", kind=Kind.NUM),
        Column(label=_("Debit"), value="debit_code", kind=Kind.CODE),
        Column(label=_("Credit"), value="credit_code", kind=Kind.CODE),
        Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, total=True),
        Column(label=_("What it is"), value=lambda line: ROLES[line.role]),
        Column(label=_("Kind of service"), value=lambda line: SERVICE_KINDS.get(line.kind, line.kind)),
        Column(label=_("Bill item or tax"), value="item", kind=Kind.CODE),
    )
    order = ("n",)
    empty = _("The set has no lines.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[RevenueTransferLine]:
        """Return the pairs of the set."""
        self.transfer = _transfer(filters["transfer_id"])
        return self.transfer.lines.all()

    def row_href(self, row: RevenueTransferLine) -> str:
        """Lead to the bills behind a line."""
        return reverse("reconciliation:revenue-transfer-bills", args=[row.transfer_id, row.n])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add the set and what may be done."""
        is_mine = self.transfer.prepared_by_id == self.request.user.pk
        waits = self.transfer.state == RevenueTransfer.State.PREPARED
        may_send = waits and self.request.user.may("reconciliation.send_revenue_transfer")
        return {
            "transfer": self.transfer,
            "section": SECTIONS[self.transfer.section],
            "may_send": may_send and not is_mine,
            "waits_for_other": may_send and is_mine,
            "answers": self.transfer.answers.select_related("noted_by").order_by("pk"),
            "may_note": self._may_note(),
        }

    def _may_note(self) -> bool:
        is_answered = self.transfer.verdict == TransferAnswer.Verdict.TAKEN  # type: ignore[attr-defined]  # annotated by the query
        is_sent = self.transfer.state == RevenueTransfer.State.SENT
        return is_sent and not is_answered and self.request.user.may("reconciliation.note_transfer_answer")


class RevenueTransferBills(ListPage[LineBill]):
    """The bills and credit notes behind a line of a set."""

    permission: ClassVar[str] = "reconciliation.view_revenue_transfers"
    title = _("Bills behind a line")
    template_name = "reconciliation/revenue_transfer_bills.html"
    columns = (
        Column(label=_("Document"), value=lambda row: DOCUMENTS[row.document]),
        Column(label=_("Number"), value="number", kind=Kind.CODE),
        Column(
            label=_("Account"),
            value="account_number",
            kind=Kind.CODE,
            href=lambda row: search_url(row.account_number),
        ),
        Column(label=_("Issued"), value="issued_on", kind=Kind.DATE),
        Column(label=_("Amount"), value="minor", kind=Kind.MONEY, total=True),
    )
    empty = _("No bill is behind this line.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[LineBill]:
        """Return the documents of the line."""
        self.transfer = _transfer(filters["transfer_id"])
        line = self.transfer.lines.filter(n=filters["n"]).first()
        if line is None:
            raise Http404
        self.line = line
        return bills_of_line(self.transfer, line)

    def row_href(self, row: LineBill) -> str:
        """Open the bill or credit note."""
        name = "invoicing:invoice" if row.document == "INVOICE" else "invoicing:credit-note"
        return reverse(name, args=[row.document_id])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add the line and the way back."""
        return {"transfer": self.transfer, "line": self.line, "role": ROLES[self.line.role]}


class SendRevenueTransfer(ActionView):
    """Send a set, as the second person."""

    permission: ClassVar[str] = "reconciliation.send_revenue_transfer"
    title = _("Send the revenue transfer")
    button = _("Send")

    def question(self, *_args: Any, **_ids: Any) -> str:
        """Say what will happen."""
        return __(
            "The set gets its number and its file, and does not change any more. Corrections go with the next one."
        )

    def back_url(self, *_args: Any, transfer_id: int, **_ids: Any) -> str:
        """Return the set."""
        return _address(transfer_id)

    def perform(self, *_args: Any, transfer_id: int, **_ids: Any) -> Outcome:
        """Send it."""
        send_revenue_transfer(transfer_id=transfer_id, sent_at=clock.now(), actor=self.request.user)
        return Outcome(url=_address(transfer_id), message=__("The revenue is handed over to accounting."))


class RevenueTransferExchange(StaffPage):
    """The exchange file for 1C, the bytes that were sent."""

    permission: ClassVar[str] = "reconciliation.view_revenue_transfers"

    def get(self, request: StaffRequest, transfer_id: int, **_: Any) -> HttpResponseBase:
        """Send it."""
        transfer = _transfer(transfer_id)
        if transfer.content is None:
            raise Http404
        stream = path_of(transfer.content.sha256).open("rb")
        name = f"{transfer.number}.txt"
        return FileResponse(stream, as_attachment=True, filename=name, content_type="text/plain; charset=windows-1251")


class RevenueExchangeFields(ListPage[ExchangeField]):
    """What stands in each column of the exchange file, for who sets up the reading of it in 1C."""

    permission: ClassVar[str] = "reconciliation.view_revenue_transfers"
    title = _("Fields of the file for 1C")
    template_name = "reconciliation/revenue_exchange_fields.html"
    columns = (
        Column(label=_("Column"), value=lambda field: FIELDS.index(field) + 1, kind=Kind.NUM),
        Column(label=_("Heading"), value="heading", kind=Kind.CODE),
        Column(label=_("Type in 1C"), value=lambda field: described(field, digits=_digits()), kind=Kind.CODE),
        Column(label=_("What it holds"), value=lambda field: __(field.meaning), width=80),
        Column(label=_("Example"), value=lambda field: example_of(field, digits=_digits()), kind=Kind.CODE, width=28),
    )

    def rows(self, filters: Mapping[str, Any]) -> Sequence[ExchangeField]:
        """Return the fields in the order of the columns."""
        return FIELDS


class RevenueTransferCsv(StaffPage):
    """The journal of a set as CSV."""

    permission: ClassVar[str] = "reconciliation.view_revenue_transfers"

    def get(self, request: StaffRequest, transfer_id: int, **_: Any) -> HttpResponse:
        """Send it."""
        transfer = _transfer(transfer_id)
        digits = _digits()
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(CSV_HEAD)
        head = (transfer.number or "", transfer.period.code)
        for line in transfer.lines.order_by("n"):
            amount = minor_to_decimal(line.amount_minor, digits=digits)
            sides = (safe_text(line.debit_code), safe_text(line.credit_code))
            writer.writerow((*head, line.n, *sides, amount, transfer.currency, line.role, line.kind, line.item))
        response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
        name = transfer.number or f"{transfer.period.code}-{transfer.section}-{transfer.n}"
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response


def _digits() -> int:
    return currency_digits(settings.SALDO_CURRENCY)


def _address(transfer_id: int) -> str:
    return reverse("reconciliation:revenue-transfer", args=[transfer_id])


def _transfer(transfer_id: int) -> RevenueTransfer:
    transfer = revenue_transfers().filter(pk=transfer_id).first()
    if transfer is None:
        raise Http404
    return transfer
