"""How to pay: what, by when, under which number; for the subscriber, and by a signed link for who pays for him."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from segno import make as make_qr

from billing_site.core import clock
from billing_site.portal.access import own_account
from billing_site.portal.http import PortalRequest
from billing_site.portal.pay_links import read_pay_link, sign_pay_link
from billing_site.portal.queries.homes import own_account_states
from billing_site.portal.views.base import PortalPage
from payments.models import TerminalNetwork
from subscribers.models import Account


class Pay(PortalPage):
    """Every way to pay an account of one's own, and a link to pass on."""

    title = _("Pay")
    template_name = "portal/pay.html"
    section = "home"

    def get(self, request: PortalRequest, account_id: int) -> HttpResponse:
        """Show it."""
        account = own_account(self.login, account_id)
        path = reverse("my:pay-link", args=[sign_pay_link(account_id=account.pk)])
        context = {**ways_to_pay(account), "link": f"{settings.SALDO_PORTAL_URL}{path}", "back_url": reverse("my:home")}
        return self.show(context)


class PayLink(PortalPage):
    """The same for whoever has the link: no name, no bill, only what is needed to pay."""

    is_public = True
    title = _("Pay")
    template_name = "portal/pay.html"

    def get(self, request: PortalRequest, token: str) -> HttpResponse:
        """Show it, unless the link is not ours or too old."""
        account_id = read_pay_link(token)
        account = Account.objects.select_related("centre").filter(pk=account_id).first() if account_id else None
        if account is None:
            raise Http404
        return self.show(ways_to_pay(account))


def ways_to_pay(account: Account) -> Mapping[str, Any]:
    """Return what is owed, the square that a till scans, and who takes money for us."""
    (own,) = own_account_states(accounts=[account], at=clock.now(), today=clock.today())
    square = make_qr(account.number, error="m", micro=False).svg_inline(scale=4, border=2, omitsize=True)
    networks = TerminalNetwork.objects.filter(is_active=True).order_by("name").values_list("name", flat=True)
    return {
        "own": own,
        "square": mark_safe(square),  # noqa: S308 - drawn by us from digits
        "networks": list(networks),
    }
