"""How an online payment stands, in words, for whoever began it; and the way on to the provider's page."""

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing_site.portal.http import PortalRequest
from billing_site.portal.pay_links import sign_bill_link, sign_pay_link
from billing_site.portal.views.base import PortalPage, page_language
from payments.models import OnlinePayment
from payments.operations.online_payments import page_of_provider
from payments.queries.online_payments import find_online_payment

REASONS = {
    "NO_MONEY": _("There was not enough money."),
    "REFUSED": _("The payment was refused."),
    "GIVEN_UP": _("You gave up on the payment page."),
}


class OnlinePaymentState(PortalPage):
    """What the provider has told so far. That somebody came back to this page tells nothing."""

    is_public = True
    title = _("Your payment")
    template_name = "portal/online_payment.html"

    def get(self, request: PortalRequest, reference: str) -> HttpResponse:
        """Show it."""
        begun = begun_or_404(reference)
        is_own = self.session is not None and self.login.subscriber_id == begun.account.subscriber_id
        context = {
            "begun": begun,
            "account_end": begun.account.number[-4:],
            "why": REASONS.get(begun.reason, ""),
            "back_url": reverse("my:home") if is_own else "",
            "again_url": again_url(begun, is_own=is_own),
        }
        return self.show(context)


class GoToProvider(PortalPage):
    """Lead the payer to the provider's page, while the payment is not decided."""

    is_public = True

    def get(self, request: PortalRequest, reference: str) -> HttpResponseBase:
        """Lead on."""
        begun = begun_or_404(reference)
        back = reverse("my:online-payment", args=[begun.reference])
        if begun.state != OnlinePayment.State.PENDING:
            return redirect(back)
        return_url = f"{settings.SALDO_PORTAL_URL}{back}"
        return redirect(page_of_provider(online_payment=begun, return_url=return_url, language=page_language()))


def again_url(begun: OnlinePayment, *, is_own: bool) -> str:
    """Return where the same is paid once more: the payer came from there. Who has only this address is led nowhere."""
    if is_own:
        return reverse("my:pay", args=[begun.account_id])
    if begun.door != OnlinePayment.Door.LINK:
        return ""
    if begun.invoice_id is not None:
        return reverse("my:pay-bill", args=[sign_bill_link(invoice_id=begun.invoice_id)])
    return reverse("my:pay-link", args=[sign_pay_link(account_id=begun.account_id)])


def begun_or_404(reference: str) -> OnlinePayment:
    """Return the payment that somebody began, or raise ``Http404``."""
    begun = find_online_payment(reference)
    if begun is None:
        raise Http404
    return begun
