"""
How to pay: what, by when, under which number, and at once on a provider's page; for the subscriber, and by a signed
link for who pays for him.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from segno import make as make_qr

from billing_site.core import clock
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.portal.access import own_account
from billing_site.portal.forms import OnlineAmountForm
from billing_site.portal.http import PortalRequest
from billing_site.portal.pay_links import read_bill_link, read_pay_link, sign_bill_link, sign_pay_link
from billing_site.portal.queries.bills import get_own_bill_state
from billing_site.portal.queries.homes import OwnAccount, own_account_states
from billing_site.portal.views.base import PortalFormPage, PortalPage
from billing_site.portal.views.promises import promise_of
from billing_site.web.views import Outcome
from invoicing.models import Invoice
from invoicing.queries.invoices import bills_that_were_posted
from invoicing.queries.pay_links import is_bill_signed
from payments.models import OnlinePayment, TerminalNetwork
from payments.operations.online_payments import ProviderUnknown, start_online_payment
from payments.queries.online_payments import active_providers, pending_of
from payments.queries.payments import takes_money
from payments.queries.standings import read_standings
from subscribers.models import Account

Door = OnlinePayment.Door


class PayPage(PortalFormPage):
    """What is to be paid, and a form to pay it online: whole or in part."""

    title = _("Pay")
    form_class = OnlineAmountForm
    submit_label = _("Pay online")
    door = Door.LINK

    def account(self, *_: Any, **ids: Any) -> Account:
        """Return the account that is paid, or raise ``Http404``."""
        raise NotImplementedError

    def due(self, *_: Any, **ids: Any) -> int:
        """Return what is to be paid now, in minor units."""
        account = self.account(**ids)
        return account_state(account).due_minor

    def invoice_id(self, *_: Any, **ids: Any) -> int | None:
        """Return the bill that is paid, where it is a certain one."""
        return None

    def initial(self, *_: Any, **ids: Any) -> Mapping[str, Any]:
        """Offer the whole."""
        digits = currency_digits(settings.SALDO_CURRENCY)
        due_minor = self.due(**ids)
        amount = str(minor_to_decimal(due_minor, digits=digits)) if due_minor else ""
        return {"amount": amount, "key": uuid4()}

    def perform(self, form: Any, *_: Any, **ids: Any) -> Outcome:
        """Begin the payment, and show how it goes on."""
        provider = active_providers().first()
        if provider is None:
            raise ProviderUnknown
        begun = start_online_payment(
            account_id=self.account(**ids).pk,
            provider_id=provider.pk,
            amount_minor=form.cleaned_data["amount"],
            door=self.door,
            key=form.cleaned_data["key"],
            invoice_id=self.invoice_id(**ids),
            at=clock.now(),
        )
        return Outcome(url=reverse("my:online-payment", args=[begun.reference]))


class Pay(PayPage):
    """Every way to pay an account of one's own, and a link to pass on."""

    template_name = "portal/pay.html"
    section = "home"
    door = Door.PORTAL

    def account(self, account_id: int, **ids: Any) -> Account:
        """Return it, if it is his."""
        return own_account(self.login, account_id)

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Return the ways to pay."""
        account = self.account(**ids)
        path = reverse("my:pay-link", args=[sign_pay_link(account_id=account.pk)])
        (standing,) = read_standings([account.pk], on=clock.today())
        return {
            **ways_to_pay(account),
            "link": f"{settings.SALDO_PORTAL_URL}{path}",
            "promise": promise_of(standing),
            "may_promise": standing.standing.overdue_minor > 0 and standing.policy is not None,
            "back_url": reverse("my:home"),
        }


class PayLink(PayPage):
    """The same for whoever has the link: no name, no bill, only what is needed to pay."""

    is_public = True
    template_name = "portal/pay.html"

    def account(self, token: str, **ids: Any) -> Account:
        """Return it, unless the link is not ours or too old."""
        account_id = read_pay_link(token)
        account = Account.objects.select_related("centre").filter(pk=account_id).first() if account_id else None
        if account is None:
            raise Http404
        return account

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Return the ways to pay."""
        return ways_to_pay(self.account(**ids))


class OpenBill(PortalPage):
    """The link in a bill's square. It leads on to an address that does not name the account."""

    is_public = True

    def get(self, request: PortalRequest) -> HttpResponseBase:
        """Lead to the bill, or raise ``Http404`` where the link is not ours."""
        account, number = request.GET.get("account", ""), request.GET.get("bill", "")
        signature = request.GET.get("sign", "")
        if not is_bill_signed(account_number=account, bill_number=number, signature=signature):
            raise Http404
        owner = Account.objects.filter(number=account).first()
        bill = bills_that_were_posted([owner.pk]).filter(number=number).first() if owner is not None else None
        if bill is None:
            raise Http404
        return redirect("my:pay-bill", bill_token=sign_bill_link(invoice_id=bill.pk))


class PayBill(PayPage):
    """A bill to be paid by whoever has it: what is open of it, the end of the account's number, no more."""

    is_public = True
    title = _("Pay a bill")
    template_name = "portal/pay_bill.html"

    def bill(self, bill_token: str) -> Invoice:
        """Return the bill of the link, or raise ``Http404``."""
        invoice_id = read_bill_link(bill_token)
        bill = Invoice.objects.filter(pk=invoice_id).first() if invoice_id else None
        if bill is None:
            raise Http404
        return bill

    def account(self, bill_token: str, **ids: Any) -> Account:
        """Return whose bill it is."""
        return Account.objects.get(pk=self.bill(bill_token).account_id)

    def due(self, bill_token: str, **ids: Any) -> int:
        """Return what is to be paid of it now."""
        return get_own_bill_state(self.bill(bill_token)).due_minor

    def invoice_id(self, bill_token: str, **ids: Any) -> int | None:
        """Return the bill."""
        return self.bill(bill_token).pk

    def more(self, bill_token: str, **ids: Any) -> Mapping[str, Any]:
        """Return what the page shows: nothing that tells who it is."""
        bill, account = self.bill(bill_token), self.account(bill_token)
        return {
            "state": get_own_bill_state(bill),
            "currency": bill.currency,
            "account_end": account.number[-4:],
            "pending": pending_of(account.pk).filter(invoice_id=bill.pk).first(),
            "provider": active_providers().first() if takes_money(account) else None,
        }


def account_state(account: Account) -> OwnAccount:
    """Return what is owed on an account."""
    (own,) = own_account_states(accounts=[account], at=clock.now(), today=clock.today())
    return own


def ways_to_pay(account: Account) -> Mapping[str, Any]:
    """Return what is owed, the square that a till scans, and who takes money for us."""
    square = make_qr(account.number, error="m", micro=False).svg_inline(scale=4, border=2, omitsize=True)
    networks = TerminalNetwork.objects.filter(is_active=True).order_by("name").values_list("name", flat=True)
    return {
        "own": account_state(account),
        "square": mark_safe(square),  # noqa: S308 - drawn by us from digits
        "networks": list(networks),
        "provider": active_providers().first() if takes_money(account) else None,
        "pending": pending_of(account.pk).first(),
    }
