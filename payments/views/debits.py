"""Direct debits: batches with their orders, what failed, and what is done about it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.identity.http import StaffRequest
from billing_site.identity.roles import CENTRE_ROLES
from billing_site.web.refusals import refusal_html, sentence_html
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from billing_site.web.wrapping import minor_html
from payments.forms.debits import BatchFilter, BatchForm, FailureFilter, ItemFilter, RetryForm
from payments.models import DebitBatch, DebitItem
from payments.operations.debit_batches import (
    cancel_debit_batch,
    fetch_debit_file,
    propose_debit_batch,
    release_debit_batch,
)
from payments.operations.debit_results import retry_debit_item, stop_debit_retry
from payments.queries.direct_debits import (
    UNPAID,
    count_debit_failures,
    debit_batches,
    debit_failures,
    find_debit_batch,
    items_of_batch,
    words_of_failure,
)
from payments.queries.late_debits import late_debits
from subscribers.views.accounts import account_column, card_url

SEE = "payments.view_direct_debits"
RELEASE_QUESTION = gettext_noop("%(count)s accounts are debited with %(amount)s in all on %(day)s.")


def reason_words(item: DebitItem) -> str:
    """Return why an order was not paid, in the reader's language; nothing for one that did not fail."""
    return __(words_of_failure(item).reason) if item.state in UNPAID else ""


def next_step_words(item: DebitItem) -> str:
    """Return what happens next about an order that was not paid."""
    return __(words_of_failure(item).next_step) if item.state in UNPAID else ""


def _amount_column() -> Column[DebitItem]:
    return Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency="batch.currency", total=True)


class DebitBatchList(ListPage[DebitBatch]):
    """All batches, the latest first."""

    permission: ClassVar[str] = SEE
    template_name = "payments/debit_batch_list.html"
    title = _("Direct debit")
    filter_form = BatchFilter
    is_wide = True
    columns = (
        Column(label=_("Number"), value=str, kind=Kind.CODE),
        Column(label=_("Day of collection"), value="collect_on", kind=Kind.DATE),
        Column(label=_("Orders"), value="item_count", kind=Kind.NUM, total=True),
        Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency="currency", total=True),
        Column(label=_("Paid"), value="paid_count", kind=Kind.NUM, total=True),
        Column(label=_("Not paid"), value="failed_count", kind=Kind.NUM, total=True),
        Column(label=_("Not answered yet"), value="open_count", kind=Kind.NUM, total=True),
        Column(label=_("Proposed by"), value="proposed_by"),
        Column(label=_("Decided by"), value="decided_by"),
        Column(label=_("State"), value="state", kind=Kind.STATE),
    )
    empty = _("No batch yet. Propose one; another person releases it.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[DebitBatch]:
        """Return the batches of the filter."""
        return debit_batches(state=filters.get("state") or "")

    def row_href(self, row: DebitBatch) -> str:
        """Lead to its orders."""
        return address_of_batch(row.pk)

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return how many failures wait for somebody."""
        return {"failure_count": count_debit_failures(centre_id=own_centre(self.request))}


class DebitBatchPage(ListPage[DebitItem]):
    """The orders of a batch, and what may be done with it."""

    permission: ClassVar[str] = SEE
    template_name = "payments/debit_batch_detail.html"
    title = _("Direct debits of a batch")
    filter_form = ItemFilter
    is_wide = True
    order = ("n",)
    columns = (
        Column(label=_("Direct debit"), value="n", kind=Kind.NUM),
        account_column(),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        _amount_column(),
        Column(label=_("Bank account ends in"), value="mandate.iban_last_four", kind=Kind.CODE),
        Column(label=_("Try"), value="attempt", kind=Kind.NUM),
        Column(label=_("Answer"), value="get_state_display"),
        Column(label=_("Reason"), value=reason_words),
        Column(label=_("Tried again on"), value="retry_on", kind=Kind.DATE),
    )
    empty = _("No order has this answer.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[DebitItem]:
        """Return its orders."""
        self.batch = get_batch_or_404(filters["batch_id"])
        return items_of_batch(self.batch.pk, state=filters.get("state") or "")

    def row_href(self, row: DebitItem) -> str:
        """Lead to the order."""
        return reverse("payments:debit-item", args=[row.pk])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the batch, and whether this person may decide."""
        batch = get_batch_or_404(filters["batch_id"])
        is_open = batch.state == DebitBatch.State.PROPOSED
        is_own = batch.proposed_by_id == self.request.user.pk
        return {
            "subject": batch,
            "is_own": is_own,
            "is_open": is_open,
            "late_count": len(late_debits(batch.pk)) if is_open else 0,
            "may_release": is_open and not is_own and self.request.user.may("payments.release_debit_batch"),
        }


class ProposeDebitBatch(FormPage):
    """Put a batch together."""

    permission: ClassVar[str] = "payments.propose_debit_batch"
    title = _("Propose a batch of direct debits")
    form_class = BatchForm
    submit_label = _("Propose")
    intro = _("What is disputed or on its way is left out. Another person releases the batch.")

    def initial(self, **ids: Any) -> Mapping[str, Any]:
        """Offer what is due by today."""
        return {"due_by": clock.today()}

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("payments:debit-batches")}

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Propose it."""
        given = form.cleaned_data
        made = propose_debit_batch(
            creditor_id=given["creditor"].pk,
            due_by=given["due_by"],
            collect_on=given["collect_on"],
            at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=address_of_batch(made.pk), message=__("The batch is proposed; another person releases it."))


class DecideDebitBatch(ActionView):
    """A decision about a batch."""

    def back_url(self, batch_id: int) -> str:
        """Return its page."""
        return address_of_batch(get_batch_or_404(batch_id).pk)


class ReleaseDebitBatch(DecideDebitBatch):
    """The second person's button."""

    permission: ClassVar[str] = "payments.release_debit_batch"
    title = _("Release the batch")
    button = _("Release the batch")
    is_dangerous = True

    def question(self, batch_id: int) -> str:
        """Say how many, how much and when."""
        batch = get_batch_or_404(batch_id)
        amount = minor_html(batch.amount_minor, currency=batch.currency)
        return sentence_html(RELEASE_QUESTION, {"count": batch.item_count, "amount": amount, "day": batch.collect_on})

    def perform(self, batch_id: int) -> Outcome:
        """Release it."""
        get_batch_or_404(batch_id)
        release_debit_batch(batch_id=batch_id, at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(batch_id), message=__("The batch is released. Fetch its file for the bank."))


class CancelDebitBatch(DecideDebitBatch):
    """Give it up."""

    permission: ClassVar[str] = "payments.cancel_debit_batch"
    title = _("Cancel the batch")
    button = _("Cancel the batch")

    def perform(self, batch_id: int) -> Outcome:
        """Cancel it."""
        get_batch_or_404(batch_id)
        cancel_debit_batch(batch_id=batch_id, at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(batch_id), message=__("The batch is cancelled; nothing is collected."))


class FetchDebitFile(ActionView):
    """The file for the bank, the same one each time."""

    permission: ClassVar[str] = "payments.fetch_debit_file"
    title = _("Fetch the file for the bank")
    button = _("Fetch the file")

    def question(self, batch_id: int) -> str:
        """Say what is in it."""
        return __("The file names bank accounts. Hand it to the bank alone, and keep no copy.")

    def back_url(self, batch_id: int) -> str:
        """Return the page of the batch."""
        return address_of_batch(get_batch_or_404(batch_id).pk)

    def post(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Give it out."""
        batch_id = ids["batch_id"]
        get_batch_or_404(batch_id)
        try:
            name, content = fetch_debit_file(batch_id=batch_id, at=clock.now(), actor=self.request.user)
        except BillingError as error:
            messages.error(request, refusal_html(error))
            return redirect(self.back_url(batch_id))
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(content, content_type="application/xml", headers=headers)


class DebitFailureList(ListPage[DebitItem]):
    """Whom the halls are to tell that the direct debit was not paid, and why."""

    permission: ClassVar[str] = "payments.view_debit_failures"
    title = _("Direct debits not paid")
    filter_form = FailureFilter
    is_wide = True
    columns = (
        account_column(),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("Telephone"), value="phone_number", kind=Kind.PHONE),
        _amount_column(),
        Column(label=_("Day of the answer"), value="failed_on", kind=Kind.DATE),
        Column(label=_("Reason"), value=reason_words),
        Column(label=_("What happens next"), value=next_step_words),
        Column(label=_("Tried again on"), value="retry_on", kind=Kind.DATE),
        Column(label=_("Service centre"), value="account.centre.names", kind=Kind.NAME),
    )
    empty = _("Every direct debit was paid, or its debt was paid in another way.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[DebitItem]:
        """Return them; staff of a centre see its own subscribers."""
        centre = filters.get("centre")
        centre_id = own_centre(self.request) or (centre.pk if centre else None)
        return debit_failures(centre_id=centre_id, reason_code=filters.get("reason") or "")

    def row_href(self, row: DebitItem) -> str:
        """Lead to the order."""
        return reverse("payments:debit-item", args=[row.pk])


class DebitItemPage(DetailPage[DebitItem]):
    """One order: what was asked for, what the bank said, what happens next."""

    permission: ClassVar[str] = "payments.view_debit_failures"
    template_name = "payments/debit_item_detail.html"

    def subject(self, item_id: int) -> DebitItem:
        """Return it."""
        return get_item_or_404(self.request, item_id)

    def page_title(self, subject: DebitItem) -> str:
        """Name it."""
        return __("Direct debit %(number)s") % {"number": f"{subject.batch}/{subject.n}"}

    def more(self, subject: DebitItem) -> Mapping[str, Any]:
        """Return the words of the failure."""
        return {
            "failure": words_of_failure(subject) if subject.state in UNPAID else None,
            "account_url": card_url(subject.account_id),
            "is_mandated": subject.mandate.state == "ACTIVE",
        }


class RetryDebitItem(FormPage):
    """Try it again on a day of one's own choice."""

    permission: ClassVar[str] = "payments.retry_debit_item"
    title = _("Try a direct debit again")
    form_class = RetryForm
    submit_label = _("Try again")
    intro = _("The next batch of that day or later takes it up. Until then nothing is dunned.")

    def initial(self, **ids: Any) -> Mapping[str, Any]:
        """Offer today."""
        return {"retry_on": clock.today()}

    def more(self, item_id: int, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("payments:debit-item", args=[get_item_or_404(self.request, item_id).pk])}

    def perform(self, form: Any, item_id: int, **ids: Any) -> Outcome:
        """Note it."""
        item = get_item_or_404(self.request, item_id)
        retry_on = form.cleaned_data["retry_on"]
        retry_debit_item(item_id=item.pk, retry_on=retry_on, at=clock.now(), actor=self.request.user)
        return Outcome(url=reverse("payments:debit-item", args=[item.pk]), message=__("It is tried again."))


class StopDebitRetry(ActionView):
    """Try it no more."""

    permission: ClassVar[str] = "payments.stop_debit_retry"
    title = _("Try the direct debit no more")
    button = _("Try no more")

    def back_url(self, item_id: int) -> str:
        """Return the page of the order."""
        return reverse("payments:debit-item", args=[get_item_or_404(self.request, item_id).pk])

    def perform(self, item_id: int) -> Outcome:
        """Note it."""
        stop_debit_retry(item_id=get_item_or_404(self.request, item_id).pk, actor=self.request.user)
        return Outcome(url=self.back_url(item_id), message=__("It is not tried again; dunning goes on."))


def address_of_batch(batch_id: int) -> str:
    """Return the address of a batch."""
    return reverse("payments:debit-batch", args=[batch_id])


def get_batch_or_404(batch_id: int) -> DebitBatch:
    """Return a batch with its counts, or raise ``Http404``."""
    found = find_debit_batch(batch_id)
    if found is None:
        raise Http404
    return found


def get_item_or_404(request: StaffRequest, item_id: int) -> DebitItem:
    """Return an order, or raise ``Http404``; staff of a centre see its own subscribers."""
    found = DebitItem.objects.select_related("account__subscriber", "account__centre", "batch", "mandate", "payment")
    centre_id = own_centre(request)
    if centre_id is not None:
        found = found.filter(account__centre=centre_id)
    item = found.filter(pk=item_id).first()
    if item is None:
        raise Http404
    return item


def own_centre(request: StaffRequest) -> int | None:
    """Return the only centre whose subscribers a person sees, ``None`` for all."""
    centre_id: int | None = request.user.centre_id
    return centre_id if request.user.role in CENTRE_ROLES else None
