"""Online payments: the door for providers' notices, the sandbox's page, and what staff see of it all."""

import logging
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as __, gettext_lazy as _, pgettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from billing_site.core import clock
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import DetailPage, ListPage
from payments.domain.online import LARGEST_NOTICE, NoticeDistrusted, NoticeUnreadable
from payments.forms.online import OnlineFilter
from payments.models import OnlineNoticeEntry, OnlinePayment, SandboxPayment
from payments.operations.online_adapters import AdapterUnknown
from payments.operations.online_payments import ProviderUnknown, take_online_notice
from payments.operations.sandbox import CHOICES, SandboxDecided, decide_sandbox_payment
from payments.queries.online_payments import find_sandbox_payment, notices_of, online_payments
from payments.queries.refunds import refundable_online
from subscribers.views.accounts import account_column, card_url

logger = logging.getLogger(__name__)

SEE = "payments.view_online_payments"
STATUS = {"CONFLICT": 409, "UNKNOWN": 404}
WORDS = {
    "PAY": _("Pay"),
    "PAY_LATER": _("Pay, and send no notice: it must be asked for"),
    "PAY_TWICE": _("Pay, and send the notice twice"),
    "PAY_OTHER": _("Pay, and tell another amount"),
    "REFUSE": _("Refuse: not enough money"),
    "GIVE_UP": _("Give up"),
}
assert tuple(WORDS) == CHOICES, "every choice has its words"


@method_decorator([csrf_exempt, login_not_required, never_cache], name="dispatch")
class OnlineNotice(View):
    """Where providers tell how payments stand. Whom to believe, the signature says; the answer says nothing else."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, provider: str) -> HttpResponse:
        """Take a notice."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > LARGEST_NOTICE:
            return _plain("TOO LARGE", 413)
        try:
            verdict = take_online_notice(
                provider_code=provider, body=request.body, headers=request.headers, at=clock.now()
            )
        except (NoticeDistrusted, ProviderUnknown, AdapterUnknown):
            logger.warning("A notice to the provider %r was not trusted", provider[:40])
            return _plain("FORBIDDEN", 403)
        except NoticeUnreadable:
            return _plain("UNREADABLE", 400)
        except (DatabaseError, InterfaceError):
            logger.exception("A notice of %s could not be taken", provider[:40])
            return _plain("TRY AGAIN", 503)
        return _plain(verdict, STATUS.get(verdict, 200))


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")


@method_decorator([login_not_required, never_cache], name="dispatch")
class SandboxProvider(View):
    """The page of the sandbox's provider: it asks what shall happen instead of a card."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show it."""
        known = _sandbox_or_404(reference)
        choices = [(choice, WORDS[choice]) for choice in CHOICES]
        context = {"known": known, "choices": choices, "is_decided": known.outcome != "PENDING"}
        return render(request, "payments/sandbox_provider.html", context)

    def post(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Let it happen, and lead the payer back."""
        known = _sandbox_or_404(reference)
        choice = request.POST.get("choice", "")
        if choice not in CHOICES:
            return redirect(request.path)
        try:
            decide_sandbox_payment(reference=reference, choice=choice, at=clock.now())
        except SandboxDecided:
            logger.info("The sandbox's payment %s was decided before", known.number)
        return redirect(known.return_url)


def _sandbox_or_404(reference: str) -> SandboxPayment:
    known = find_sandbox_payment(reference) if settings.SALDO_ONLINE_SANDBOX else None
    if known is None:
        raise Http404
    return known


class OnlinePaymentList(ListPage[OnlinePayment]):
    """Payments that payers began, the latest first."""

    permission: ClassVar[str] = SEE
    title = _("Online payments")
    filter_form = OnlineFilter
    is_wide = True
    columns = (
        Column(label=_("Begun"), value="started_at", kind=Kind.INSTANT),
        account_column(),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency="currency", total=True),
        Column(label=pgettext_lazy("of online payments", "Provider"), value="provider.name"),
        Column(label=_("Provider's number"), value="provider_reference", kind=Kind.CODE),
        Column(label=_("Begun at"), value="get_door_display"),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Decided"), value="ended_at", kind=Kind.INSTANT),
    )
    empty = _("Nobody has begun to pay online yet.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[OnlinePayment]:
        """Return those of the filter."""
        return online_payments(**filters)

    def row_href(self, row: OnlinePayment) -> str:
        """Lead to what the provider told of it."""
        return reverse("payments:online-payment", args=[row.pk])


class OnlinePaymentPage(DetailPage[OnlinePayment]):
    """One online payment, with every notice about it."""

    permission: ClassVar[str] = SEE
    template_name = "payments/online_payment_detail.html"

    def subject(self, online_payment_id: int) -> OnlinePayment:
        """Return it."""
        found = online_payments().filter(pk=online_payment_id).first()
        if found is None:
            raise Http404
        return found

    def page_title(self, subject: OnlinePayment) -> str:
        """Name it."""
        return __("Online payment %(number)s") % {"number": subject.pk}

    def more(self, subject: OnlinePayment) -> Mapping[str, Any]:
        """Return the notices."""
        table: Table[OnlineNoticeEntry] = Table(
            caption=_("What the provider told"),
            columns=(
                Column(label=_("Received"), value="received_at", kind=Kind.INSTANT),
                Column(label=_("Says"), value="outcome", kind=Kind.STATE),
                Column(label=_("Amount"), value=lambda row: f"{row.amount} {row.currency}", kind=Kind.CODE),
                Column(label=_("What it did"), value="get_verdict_display"),
                Column(
                    label=_("How it came"), value=lambda row: __("asked for") if row.was_asked_for else __("notice")
                ),
            ),
            rows=list(notices_of(subject.pk)),
            empty=_("Nothing yet. After two minutes the provider is asked."),
        )
        return {
            "notices": table,
            "account_url": card_url(subject.account_id),
            "refunds": subject.refunds.order_by("pk"),
            "may_give_back": refundable_online(subject.pk) > 0 and self.request.user.may("payments.request_refund"),
        }
