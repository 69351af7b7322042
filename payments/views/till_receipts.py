"""Receipts: seen, printed again, taken back; cheques that bounce; devices that are silent; tills that undo too much."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, pgettext_lazy

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.identity.http import StaffRequest
from billing_site.web.refusals import sentence_html
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from payments.forms.till import BounceForm, ChequeFilter, ReverseForm
from payments.models import FiscalRegistration, ReceiptPart, TillReceipt
from payments.operations.fiscal_receipts import retry_fiscal_receipt
from payments.operations.receipt_copies import copy_receipt
from payments.operations.receipt_papers import receipt_html, render_receipt
from payments.operations.receipt_reversals import bounce_cheque, reverse_earlier_receipt, reverse_receipt
from payments.queries.payments import state_of
from payments.queries.till_receipts import (
    ManyReversals,
    hours_of_many_reversals,
    parts_of_receipt,
    taken_cheques,
    till_receipts,
    waiting_receipts,
)
from payments.queries.till_words import METHODS
from payments.views.till_scope import centre_scope, get_receipt_or_404
from subscribers.views.accounts import account_column

LOOKED_BACK = timedelta(days=31)
BOUNCED = gettext_noop("Cheque %(number)s is taken back; its bills are open again.")


def address_of_receipt(receipt: TillReceipt) -> str:
    """Return the page of a receipt."""
    return reverse("payments:till-receipt", args=[receipt.pk])


def state_of_receipt(receipt: TillReceipt) -> str:
    """Say whether it stands, was taken back, or takes one back."""
    if receipt.kind == TillReceipt.Kind.REVERSAL:
        return "REVERSAL"
    return "REVERSED" if hasattr(receipt, "reversed_by") else "POSTED"


class TillReceiptList(ListPage[TillReceipt]):
    """Receipts, the latest first."""

    permission = "payments.view_till_receipts"
    title = _("Receipts of the tills")
    columns = (
        Column(label=_("Receipt"), value="number", kind=Kind.CODE),
        Column(label=pgettext_lazy("till", "Taken"), value="taken_at", kind=Kind.INSTANT),
        Column(label=_("Clerk"), value="clerk"),
        account_column(),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency="currency"),
        Column(label=_("State"), value=state_of_receipt, kind=Kind.STATE),
    )
    empty = _("No till has taken money yet.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[TillReceipt]:
        """Return them."""
        return till_receipts(centre_id=centre_scope(self.request.user))

    def row_href(self, row: TillReceipt) -> str:
        """Lead to it."""
        return address_of_receipt(row)


class TillReceiptPage(DetailPage[TillReceipt]):
    """A receipt as it was printed, and what can be done about it."""

    permission = "payments.view_till_receipts"
    template_name = "payments/till_receipt_detail.html"

    def subject(self, receipt_id: int) -> TillReceipt:
        """Return it."""
        return get_receipt_or_404(receipt_id, self.request.user)

    def page_title(self, subject: TillReceipt) -> str:
        """Name it."""
        return __("Receipt %(number)s") % {"number": subject.number}

    def more(self, subject: TillReceipt) -> Mapping[str, Any]:
        """Add its parts, its copies and its paper."""
        person = self.request.user
        parts = parts_of_receipt(subject.pk)
        copies = list(subject.copies.order_by("n").select_related("printed_by"))
        stands = state_of_receipt(subject) == "POSTED"
        is_own = subject.clerk_id == person.pk and subject.session.is_open
        printed = self.request.GET.get("copy", "")
        copy = next((one.n for one in copies if str(one.n) == printed), 0)
        return {
            "parts": [(METHODS[part.method], part) for part in parts],
            "copies": copies,
            "state": state_of_receipt(subject),
            "paper": receipt_html(receipt=subject, parts=parts, copy=copy or len(copies) or 1),
            "prints": bool(copy) and copy == len(copies),
            "may_reverse": stands and is_own and person.may("payments.reverse_receipt"),
            "may_reverse_earlier": stands and not is_own and person.may("payments.reverse_earlier_receipt"),
            "may_copy": person.may("payments.copy_receipt"),
        }


class TillReceiptPdf(DetailPage[TillReceipt]):
    """The PDF of a receipt: a copy, for who wants it sent."""

    permission = "payments.view_till_receipts"

    def get(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Make it."""
        receipt = get_receipt_or_404(ids["receipt_id"], request.user)
        copy = receipt.copies.count()
        content = render_receipt(receipt=receipt, parts=parts_of_receipt(receipt.pk), copy=copy or 1)
        headers = {"Content-Disposition": f'inline; filename="{receipt.number}.pdf"'}
        return HttpResponse(content, content_type="application/pdf", headers=headers)


class CopyReceipt(ActionView):
    """Print again: marked and counted."""

    permission = "payments.copy_receipt"
    title = _("Print a copy")
    button = _("Print a copy")

    def back_url(self, receipt_id: int) -> str:
        """Return the receipt's page."""
        return address_of_receipt(get_receipt_or_404(receipt_id, self.request.user))

    def perform(self, receipt_id: int) -> Outcome:
        """Count it and show it."""
        copy = copy_receipt(
            receipt_id=get_receipt_or_404(receipt_id, self.request.user).pk,
            printed_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=f"{self.back_url(receipt_id)}?copy={copy.n}")


class _TakeBack(FormPage):
    """Why a receipt is taken back; the money goes over the counter afterwards."""

    form_class = ReverseForm
    submit_label = _("Take back")
    intro = _("All that this receipt took is given back, and its bills are open again. It gets a receipt of its own.")

    def initial(self, receipt_id: int) -> Mapping[str, Any]:
        """Give the form its key."""
        return {"form_key": uuid4()}

    def more(self, receipt_id: int) -> Mapping[str, Any]:
        """Show what is taken back, and lead back."""
        receipt = get_receipt_or_404(receipt_id, self.request.user)
        parts = [(METHODS[part.method], part) for part in parts_of_receipt(receipt.pk)]
        return {"subject": receipt, "parts": parts, "back_url": address_of_receipt(receipt)}


class ReverseReceipt(_TakeBack):
    """A clerk's own mistake, in his open session."""

    permission = "payments.reverse_receipt"
    template_name = "payments/reverse_receipt.html"
    title = _("Take a receipt back")

    def perform(self, form: Any, receipt_id: int) -> Outcome:
        """Take it back and show what to give back."""
        made = reverse_receipt(
            receipt_id=get_receipt_or_404(receipt_id, self.request.user).pk,
            reason=form.cleaned_data["reason"],
            form_key=form.key(),
            reversed_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=f"{reverse('payments:take-till-payment')}?done={made.pk}")


class ReverseEarlierReceipt(_TakeBack):
    """Somebody else's, or of an earlier session: the supervisor's."""

    permission = "payments.reverse_earlier_receipt"
    template_name = "payments/reverse_earlier_receipt.html"
    title = _("Take an earlier receipt back")

    def perform(self, form: Any, receipt_id: int) -> Outcome:
        """Take it back."""
        made = reverse_earlier_receipt(
            receipt_id=get_receipt_or_404(receipt_id, self.request.user).pk,
            reason=form.cleaned_data["reason"],
            form_key=form.key(),
            reversed_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=address_of_receipt(made), message=__("The receipt is taken back."))


class ChequeList(ListPage[ReceiptPart]):
    """Cheques that the tills took, and what became of them."""

    permission = "payments.view_cheques"
    title = _("Cheques")
    filter_form = ChequeFilter
    columns = (
        Column(label=_("Cheque"), value="reference", kind=Kind.CODE),
        Column(label=_("Bank"), value="bank"),
        Column(label=_("Date of the cheque"), value="document_on", kind=Kind.DATE),
        Column(label=_("Receipt"), value="receipt.number", kind=Kind.CODE),
        Column(label=pgettext_lazy("till", "Taken"), value="receipt.taken_at", kind=Kind.INSTANT),
        Column(label=_("Account"), value="receipt.account.number", kind=Kind.CODE),
        Column(label=_("Subscriber"), value="receipt.account.subscriber.name"),
        Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency="receipt.currency"),
        Column(label=_("State"), value=lambda row: state_of(row.payment), kind=Kind.STATE),
    )
    empty = _("No till has taken a cheque yet.")
    intro = _("A row leads to the page where a cheque that the bank did not pay is taken back.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[ReceiptPart]:
        """Return the cheques of the filter."""
        wishes = {name: filters.get(name) for name in ("number", "taken_from")}
        asked: dict[str, Any] = {name: value for name, value in wishes.items() if value}
        return taken_cheques(centre_id=centre_scope(self.request.user), **asked)

    def row_href(self, row: ReceiptPart) -> str:
        """Lead to where it is taken back, or to its receipt."""
        if self.request.user.may("payments.bounce_cheque") and state_of(row.payment) == "POSTED":
            return reverse("payments:bounce-cheque", args=[row.pk])
        return address_of_receipt(row.receipt)


class BounceCheque(FormPage):
    """The bank did not pay."""

    permission = "payments.bounce_cheque"
    title = _("A cheque was not paid")
    form_class = BounceForm
    submit_label = _("Take the cheque back")
    intro = _("What the cheque paid is open again; what was paid beside it stays. The subscriber owes the charge too.")

    def cheque(self, part_id: int) -> ReceiptPart:
        """Return the cheque, or raise ``Http404``."""
        found = taken_cheques(centre_id=centre_scope(self.request.user)).filter(pk=part_id).first()
        if found is None:
            raise Http404
        return found

    def more(self, part_id: int) -> Mapping[str, Any]:
        """Lead back."""
        self.cheque(part_id)
        return {"back_url": reverse("payments:cheques")}

    def perform(self, form: Any, part_id: int) -> Outcome:
        """Take it back."""
        cheque = self.cheque(part_id)
        bounce_cheque(
            part_id=cheque.pk,
            reason=form.cleaned_data["reason"],
            charge_minor=form.cleaned_data["charge"] or 0,
            bounced_at=clock.now(),
            actor=self.request.user,
        )
        message = sentence_html(
            "Cheque %(number)s is taken back; its bills are open again.", {"number": cheque.reference}
        )
        return Outcome(url=reverse("payments:cheques"), message=message)


class WaitingReceipts(ListPage[FiscalRegistration]):
    """Receipts that no fiscal device has answered for; the payments stand."""

    permission = "payments.view_waiting_receipts"
    title = _("Receipts that wait for the fiscal device")
    template_name = "payments/waiting_receipt_list.html"
    order = ("id",)
    columns = (
        Column(label=_("Receipt"), value="receipt.number", kind=Kind.CODE),
        Column(label=_("Till"), value="receipt.till.code", kind=Kind.CODE),
        Column(label=_("Service centre"), value="receipt.till.centre.names", kind=Kind.NAME),
        Column(label=pgettext_lazy("till", "Taken"), value="receipt.taken_at", kind=Kind.INSTANT),
        Column(label=_("Amount"), value="receipt.amount_minor", kind=Kind.MONEY, currency="receipt.currency"),
        Column(label=_("Tries"), value="attempts", kind=Kind.NUM),
        Column(label=_("Answer"), value="last_error", kind=Kind.SENTENCE),
    )
    empty = _("Every receipt is registered.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[FiscalRegistration]:
        """Return what waits."""
        return waiting_receipts(centre_id=centre_scope(self.request.user))

    def row_href(self, row: FiscalRegistration) -> str:
        """Lead to where it is tried again."""
        if self.request.user.may("payments.retry_fiscal_receipt"):
            return reverse("payments:retry-fiscal-receipt", args=[row.receipt_id])
        return reverse("payments:till-receipt", args=[row.receipt_id])


class RetryFiscalReceipt(ActionView):
    """Ask the device once more."""

    permission = "payments.retry_fiscal_receipt"
    title = _("Ask the fiscal device again")
    button = _("Ask again")

    def back_url(self, receipt_id: int) -> str:
        """Return the list."""
        get_receipt_or_404(receipt_id, self.request.user)
        return reverse("payments:waiting-receipts")

    def perform(self, receipt_id: int) -> Outcome:
        """Ask."""
        receipt = get_receipt_or_404(receipt_id, self.request.user)
        retry_fiscal_receipt(receipt_id=receipt.pk, at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(receipt_id), message=__("The device is asked again."))


class ManyReversalsList(ListPage[ManyReversals]):
    """Tills where five receipts or more were taken back within an hour (004-27)."""

    permission = "payments.view_many_reversals"
    title = _("Many reversals")
    intro = _("Tills where five receipts or more were taken back within an hour, of the last month.")
    columns = (
        Column(label=_("Till"), value="till_code", kind=Kind.CODE),
        Column(label=_("Clerk"), value="clerk"),
        Column(label=_("First"), value="first_at", kind=Kind.INSTANT),
        Column(label=_("Last"), value="last_at", kind=Kind.INSTANT),
        Column(label=_("Reversals"), value="reversals", kind=Kind.NUM),
        Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, total=True),
    )
    empty = _("Nothing unusual.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[ManyReversals]:
        """Return the hours."""
        since: datetime = clock.now() - LOOKED_BACK
        return hours_of_many_reversals(since=since, centre_id=centre_scope(self.request.user))
