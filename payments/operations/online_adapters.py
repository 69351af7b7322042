"""
The providers of online payments that we can speak to, by name.

A further provider is one class with the methods of ``payments.domain.online.OnlineAdapter``, and one line here.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from payments.domain.online import (
    LARGEST_NOTICE,
    NoticeDistrusted,
    OnlineAdapter,
    OnlineNotice,
    OnlineOrder,
    OnlineOutcome,
    OnlineReason,
    RefundRefused,
    is_signed_by,
    read_plain_notice,
)
from payments.models import OnlineProvider, SandboxPayment, SandboxRefund

SANDBOX = "SANDBOX"
SIGNATURE_HEADER = "X-Signature"


class AdapterUnknown(BillingError):
    """Nothing can speak to this provider, or it is the sandbox where real money is owed."""

    default_message = gettext_noop("Online payment by %(provider)s is not possible here.")
    default_code = "ADAPTER_UNKNOWN"


class SandboxAdapter:
    """A provider inside the site, for demonstration and training: its page asks what shall happen; no money moves."""

    def start(self, order: OnlineOrder) -> str:
        """Write the payment into the sandbox's book; its page is on this site, wherever the site is."""
        page = urlsplit(order.return_url)
        made, _ = SandboxPayment.objects.get_or_create(
            reference=order.reference,
            defaults={
                "number": f"SB-{order.reference[:12].upper()}",
                "amount": str(order.amount),
                "currency": order.currency,
                "description": order.description[:140],
                "return_url": page.path,
            },
        )
        return reverse("payments:sandbox-provider", args=[made.reference])

    def read_notice(self, *, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> OnlineNotice:
        """Believe what is signed over the whole body."""
        signature = headers.get(SIGNATURE_HEADER, "")
        if len(body) > LARGEST_NOTICE or not is_signed_by(secrets=secrets, body=body, signature=signature):
            raise NoticeDistrusted
        return read_plain_notice(body)

    def ask(self, reference: str) -> OnlineNotice | None:
        """Look into the sandbox's book."""
        known = SandboxPayment.objects.filter(reference=reference).first()
        return notice_of_sandbox(known) if known is not None else None

    def refund(self, *, reference: str, wish: str, amount: Decimal) -> str:
        """Write it into the sandbox's book, in a transaction of its own: a provider does not share ours."""
        return _give_back(reference=reference, wish=wish, amount=amount)


@durable
def _give_back(*, reference: str, wish: str, amount: Decimal) -> str:
    """Write a refund into the sandbox's book, once for each wish and never above what was paid."""
    paid = SandboxPayment.objects.select_for_update().filter(reference=reference, outcome=OnlineOutcome.PAID).first()
    made = SandboxRefund.objects.filter(wish=wish).first()
    if made is not None:
        return made.number
    if paid is None or sum((Decimal(one.amount) for one in paid.refunds.all()), amount) > Decimal(paid.amount):
        raise RefundRefused
    number = f"SR-{paid.number[3:]}-{paid.refunds.count() + 1}"
    return SandboxRefund.objects.create(payment=paid, wish=wish, number=number, amount=str(amount)).number


def notice_of_sandbox(known: SandboxPayment) -> OnlineNotice:
    """Return what the sandbox tells of one of its payments."""
    return OnlineNotice(
        reference=known.reference,
        provider_reference=known.number,
        outcome=OnlineOutcome(known.outcome),
        amount=Decimal(known.amount),
        currency=known.currency,
        reason=OnlineReason(known.reason) if known.reason else None,
    )


def can_speak_to(provider: OnlineProvider) -> bool:
    """Return whether something speaks to a provider here."""
    return provider.adapter == SANDBOX and settings.SALDO_ONLINE_SANDBOX


def adapter_of(provider: OnlineProvider) -> OnlineAdapter:
    """
    Return what speaks to a provider.

    :raises AdapterUnknown: if nothing does, or it is the sandbox in production
    """
    if can_speak_to(provider):
        return SandboxAdapter()
    raise AdapterUnknown(context={"provider": provider.name})
