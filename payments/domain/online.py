"""
Paying on the pages of a payment provider: what we ask of it, what it tells us, and whether to believe it.

A provider is an **adapter**: it leads the payer to the provider's page, reads the provider's notices, and asks the
provider when no notice came. What became of a payment is known from these two alone: never from the page to which the
payer comes back, for anybody can open that.

Cards are typed on the provider's page. Nothing of a card is in any value here.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Protocol

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

LARGEST_NOTICE = 16 * 1024
REFERENCE_LENGTH = 64


class OnlineOutcome(StrEnum):
    """What a provider says of a payment."""

    PENDING = "PENDING"
    PAID = "PAID"
    FAILED = "FAILED"


class OnlineReason(StrEnum):
    """Why a payment was not made, as far as the payer is told."""

    REFUSED = "REFUSED"
    NO_MONEY = "NO_MONEY"
    GIVEN_UP = "GIVEN_UP"
    TOO_LATE = "TOO_LATE"


class NoticeDistrusted(BillingError):
    """The signature is not the provider's. All reasons to distrust get one answer."""

    default_message = gettext_noop("The notice is not signed by the provider.")
    default_code = "NOTICE_DISTRUSTED"


class NoticeUnreadable(BillingError):
    """It is signed, and says nothing that can be understood."""

    default_message = gettext_noop("The notice cannot be read.")
    default_code = "NOTICE_UNREADABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineOrder:
    """
    A payment to be made.

    :param reference: our name of it, in every notice
    :param return_url: where the payer comes back to, whatever happened
    """

    reference: str
    amount: Decimal
    currency: str
    language: str
    description: str
    return_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineNotice:
    """What a provider says: of which payment, how it stands, how much; it has a reference of its own."""

    reference: str
    outcome: OnlineOutcome
    amount: Decimal
    currency: str
    provider_reference: str = ""
    reason: OnlineReason | None = None


class RefundRefused(BillingError):
    """The provider does not give it back, and says so for good."""

    default_message = gettext_noop("The provider refused to give the money back. Nothing was changed.")
    default_code = "REFUND_REFUSED"


class ProviderSilent(BillingError):
    """The provider did not answer: whether the money went back is asked again with the same wish."""

    default_message = gettext_noop("The provider did not answer. Try again: the same refund is made once.")
    default_code = "PROVIDER_SILENT"


class OnlineAdapter(Protocol):
    """What a provider must be able to do for us."""

    def start(self, order: OnlineOrder) -> str:
        """Make the payment known to the provider, and return the address of its page; the same order gives the same."""

    def read_notice(self, *, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> OnlineNotice:
        """
        Read a notice signed with one of the keys.

        :raises NoticeDistrusted: if none of them signed it
        :raises NoticeUnreadable: if it says nothing that can be understood
        """

    def ask(self, reference: str) -> OnlineNotice | None:
        """Ask how a payment stands; ``None`` where the provider knows nothing of it, or does not answer."""

    def refund(self, *, reference: str, wish: str, amount: Decimal) -> str:
        """
        Give money of a payment back, and return the provider's number of it; the same wish again is the same refund.

        :param reference: our name of the payment; ``wish``: our name of the refund
        :raises RefundRefused: if the provider refuses for good
        :raises ProviderSilent: if it cannot be known whether the money went back
        """


def sign_body(*, secret: str, body: bytes) -> str:
    """Return the signature of a message, as hex."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed_by(*, secrets: Sequence[str], body: bytes, signature: str) -> bool:
    """Return whether one of the keys signed a message; the comparison takes equally long for every signature."""
    return any(
        hmac.compare_digest(sign_body(secret=secret, body=body).encode(), signature.encode())
        for secret in secrets
        if secret
    )


def write_notice(notice: OnlineNotice) -> bytes:
    """Return a notice as the sandbox's provider sends it."""
    told = {
        "reference": notice.reference,
        "provider_reference": notice.provider_reference,
        "outcome": notice.outcome,
        "amount": str(notice.amount),
        "currency": notice.currency,
        "reason": notice.reason or "",
    }
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def read_plain_notice(body: bytes) -> OnlineNotice:
    """
    Read a notice as ``write_notice`` writes it.

    :raises NoticeUnreadable: if it is anything else
    """
    try:
        told = json.loads(body)
        reason = OnlineReason(told["reason"]) if told.get("reason") else None
        amount = Decimal(_name(told["amount"]))
        notice = OnlineNotice(
            reference=_name(told["reference"]),
            provider_reference=_name(told.get("provider_reference", "")),
            outcome=OnlineOutcome(told["outcome"]),
            amount=amount,
            currency=_name(told["currency"]),
            reason=reason,
        )
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation, RecursionError) as error:
        raise NoticeUnreadable from error
    if not amount.is_finite() or not notice.reference:
        raise NoticeUnreadable
    return notice


def _name(value: object) -> str:
    if not isinstance(value, str) or len(value) > REFERENCE_LENGTH or not value.isprintable():
        raise ValueError
    return value
