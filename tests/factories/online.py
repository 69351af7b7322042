"""The sandbox's provider, payments begun by payers, and what the provider tells of them."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from payments.domain.online import OnlineNotice, OnlineOutcome, sign_body, write_notice
from payments.models import OnlinePayment, OnlineProvider
from payments.operations.online_adapters import SIGNATURE_HEADER
from payments.operations.online_payments import add_online_provider, start_online_payment
from subscribers.models import Account

AT = datetime(2026, 3, 5, 8, tzinfo=UTC)
SECRET = "the provider's key of the tests"


def make_provider(*, code: str = "sandbox", **fields: object) -> OnlineProvider:
    given = {"name": "Sandbox Pay", "adapter": "SANDBOX", "secret": SECRET, **fields}
    return add_online_provider(code=code, actor=None, **given)  # type: ignore[arg-type]


def begin_online(
    account: Account, amount_minor: int, *, invoice_id: int | None = None, key: UUID | None = None, at: datetime = AT
) -> OnlinePayment:
    return start_online_payment(
        account_id=account.pk,
        provider_id=make_provider().pk,
        amount_minor=amount_minor,
        door="PORTAL",
        key=key or uuid4(),
        invoice_id=invoice_id,
        at=at,
    )


def told(
    begun: OnlinePayment | str, outcome: str = "PAID", *, amount: str = "", currency: str = "AMD"
) -> tuple[bytes, dict[str, str]]:
    """A notice of the provider: its bytes and its signature."""
    reference = begun.reference if isinstance(begun, OnlinePayment) else begun
    usual = begun.amount_minor if isinstance(begun, OnlinePayment) else 1
    notice = OnlineNotice(
        reference=reference,
        provider_reference="P-1",
        outcome=OnlineOutcome(outcome),
        amount=Decimal(amount or usual),
        currency=currency,
    )
    body = write_notice(notice)
    return body, {SIGNATURE_HEADER: sign_body(secret=SECRET, body=body)}
