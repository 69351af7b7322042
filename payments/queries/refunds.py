"""Refunds: what an account may get back, and what was asked for, decided and paid."""

from django.db.models import QuerySet, Sum

from billing_site.ledger.balances import balance_of
from payments.models import OnlinePayment, Refund
from payments.queries.deposits import find_deposit, refunds_waiting
from subscribers.models import Account

WAITING = (Refund.State.REQUESTED, Refund.State.APPROVED)


def credit_of(account_id: int) -> int:
    """Return what the books have in an account's favour, in minor units: advances, credit notes, bills below zero."""
    account = Account.objects.get(pk=account_id)
    return max(0, -balance_of(account.ledger_account_id))


def refundable_of(account_id: int, *, deposit_id: int | None = None) -> int:
    """Return what of an account's credit, or of a deposit of it, may still be asked back, in minor units."""
    if deposit_id is not None:
        held = find_deposit(deposit_id)
        is_own = held is not None and held.deposit.account_id == account_id
        return held.left_minor - refunds_waiting(deposit_id) if held is not None and is_own else 0
    waiting = Refund.objects.filter(account_id=account_id, deposit__isnull=True, state__in=WAITING)
    asked_minor = int(waiting.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
    return max(0, credit_of(account_id) - asked_minor)


def refundable_online(online_payment_id: int) -> int:
    """Return what of a payment made online may still go back the same way, in minor units; nothing of one not paid."""
    paid = OnlinePayment.objects.filter(pk=online_payment_id, state=OnlinePayment.State.PAID).first()
    if paid is None or paid.payment is None or hasattr(paid.payment, "reversal"):
        return 0
    asked = paid.refunds.exclude(state=Refund.State.REJECTED).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    return max(0, paid.amount_minor - int(asked))


def refunds(*, state: str = "", account_number: str = "") -> QuerySet[Refund]:
    """Return refunds of all accounts, to be ordered by ``-id``; what is left out filters nothing."""
    rows = Refund.objects.select_related("account__subscriber", "requested_by", "decided_by", "paid_by", "deposit")
    if state:
        rows = rows.filter(state=state)
    return rows.filter(account__number=account_number) if account_number else rows


def find_refund(refund_id: int) -> Refund | None:
    """Return a refund with its people and its account, or ``None``."""
    return refunds().select_related("clearing_account").filter(pk=refund_id).first()
