"""How bills went out: the list with what came back, sending one again, and what the mail provider tells."""

from collections.abc import Mapping
from typing import Any, ClassVar

from anymail import urls as anymail_urls
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as __, gettext_lazy as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, FormPage, ListPage, Outcome
from invoicing.forms.delivery import BillDeliveryFilter, ResendBillForm
from invoicing.models import BillDelivery, Invoice
from invoicing.operations.bill_resending import resend_bill
from invoicing.operations.mail_events import note_returned_bill
from invoicing.queries.bill_deliveries import TO_BE_SETTLED, bill_deliveries, deliveries_of_bill
from invoicing.views.way_tables import paper_url
from subscribers.views.accounts import account_column

# Choices of the filter that stand for several states.
BACK = "BACK"


class BillDeliveryList(ListPage[Any]):
    """Bills by the ways that they took, the latest first; what came back is the work list of the halls."""

    permission: ClassVar[str] = "invoicing.view_bill_deliveries"
    title = _("Bills sent and returned")
    is_wide = True
    columns = (
        Column(
            label=_("Bill, credit note or letter"),
            value="number",
            kind=Kind.CODE,
            href=paper_url,
        ),
        account_column("account_number"),
        Column(label=_("Way"), value="get_channel_display"),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("E-mail address"), value="address", kind=Kind.CODE),
        Column(label=_("Sent"), value="sent_at", kind=Kind.INSTANT),
        Column(label=_("Came back"), value="returned_at", kind=Kind.INSTANT),
        Column(label=_("Why"), value="detail", kind=Kind.CODE),
    )
    order = ("-id",)
    filter_form = BillDeliveryFilter
    empty = _("No bill of this kind. A bill run hands its bills out once it is posted.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[BillDelivery]:
        """Return the rows of the filter; a person of a hall sees those of its own accounts."""
        state = filters.get("state") or ""
        return bill_deliveries(
            viewer=self.request.user,
            channel=filters.get("channel") or "",
            states=TO_BE_SETTLED if state == BACK else [state] if state else (),
            run_id=filters.get("run"),
            batch_id=filters.get("batch"),
        )


class ResendBill(FormPage):
    """Send a bill once more."""

    permission: ClassVar[str] = "invoicing.resend_bill"
    title = _("Send the bill again")
    form_class = ResendBillForm
    submit_label = _("Send again")
    intro = _("By mail it goes at once; on paper with the next print batch.")

    def initial(self, invoice_id: int) -> Mapping[str, Any]:
        """Offer the way that it took last."""
        invoice = Invoice.objects.filter(pk=invoice_id).only("language").first()
        if invoice is None:
            raise Http404
        last = deliveries_of_bill(invoice_id=invoice_id).first()
        kept = {} if last is None else {"channel": last.channel, "address": last.address}
        return {"language": invoice.language, **kept}

    def more(self, invoice_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("invoicing:invoice", args=[invoice_id])}

    def perform(self, form: ResendBillForm, invoice_id: int) -> Outcome:
        """Send it."""
        resend_bill(invoice_id=invoice_id, **form.cleaned_data, at=clock.now(), actor=self.request.user)
        url = reverse("invoicing:invoice", args=[invoice_id])
        return Outcome(url=url, message=__("The bill is on its way again."))


class NoteReturnedBill(ActionView):
    """A mail came back, and no provider told us."""

    permission: ClassVar[str] = "invoicing.note_returned_bill"
    title = _("It came back")
    button = _("It came back")

    def question(self, delivery_id: int) -> str:
        """Say what follows."""
        row = _delivery(delivery_id)
        if row.state == BillDelivery.State.RECALLED:
            return __("It was taken out of the sacks, or the post brought it: nothing is left to call back.")
        address = row.address
        if not address:
            return __("The post brought it back: it stands in the list until it is sent again.")
        question = __("The bill sent to %(address)s came back: the account's next bill goes on paper.")
        return question % {"address": address}

    def back_url(self, delivery_id: int) -> str:
        """Return the page of what came back."""
        return paper_url(_delivery(delivery_id))

    def perform(self, delivery_id: int) -> Outcome:
        """Note it."""
        note_returned_bill(delivery_id=_delivery(delivery_id).pk, at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(delivery_id), message=__("It is written down that it came back."))


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class MailEvents(View):
    """
    Where the mail provider tells what became of mails. There is no person: the provider signs, and knows a password.

    The view of the configured provider checks both and hands the events to ``receivers``; without a provider nothing
    is here.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let the provider's own view read it."""
        provider = settings.SALDO_MAIL_PROVIDER
        wanted = f"{provider}_tracking_webhook"
        view = next((pattern.callback for pattern in anymail_urls.urlpatterns if pattern.name == wanted), None)
        if not provider or view is None or not settings.ANYMAIL.get("WEBHOOK_SECRET"):
            raise Http404
        answer: HttpResponseBase = view(request)
        return answer


def _delivery(delivery_id: int) -> BillDelivery:
    found = BillDelivery.objects.filter(pk=delivery_id).first()
    if found is None:
        raise Http404
    return found
