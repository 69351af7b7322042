"""Deposits: what is held, what of it paid debts, what went back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from payments.models import Deposit, DepositUse, Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDeposit:
    """A deposit with what became of it, in minor units of its currency."""

    deposit: Deposit
    used_minor: int
    refunded_minor: int

    @property
    def left_minor(self) -> int:
        """What is still held."""
        return self.deposit.amount_minor - self.used_minor - self.refunded_minor


def deposits_of(*, account_id: int | None = None, account_number: str = "") -> list[HeldDeposit]:
    """Return deposits, of all accounts or of one, the latest first."""
    rows = Deposit.objects.select_related("account__subscriber", "taken_by")
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    if account_number:
        rows = rows.filter(account__number=account_number)
    return _with_uses(list(rows.order_by("-pk")))


def find_deposit(deposit_id: int) -> HeldDeposit | None:
    """Return a deposit with what is left of it, or ``None``."""
    row = Deposit.objects.select_related("account__subscriber", "taken_by", "clearing_account").filter(pk=deposit_id)
    found = _with_uses(list(row))
    return found[0] if found else None


def refunds_waiting(deposit_id: int) -> int:
    """Return what of a deposit is asked back and not paid out yet, in minor units."""
    waiting = Refund.objects.filter(deposit_id=deposit_id, state__in=(Refund.State.REQUESTED, Refund.State.APPROVED))
    return int(waiting.aggregate(sum=Sum("amount_minor"))["sum"] or 0)


def uses_of(deposit_id: int) -> QuerySet[DepositUse]:
    """Return what a deposit was used for, what was taken back included, in its order."""
    rows = DepositUse.objects.filter(deposit_id=deposit_id).select_related("payment__reversal")
    return rows.order_by("pk")


def _with_uses(rows: Sequence[Deposit]) -> list[HeldDeposit]:
    ids = [row.pk for row in rows]
    standing = DepositUse.objects.filter(deposit_id__in=ids, payment__reversal__isnull=True).values("deposit_id")
    used = {row["deposit_id"]: int(row["sum"]) for row in standing.annotate(sum=Sum("payment__amount_minor"))}
    paid = Refund.objects.filter(deposit_id__in=ids, state=Refund.State.PAID).values("deposit_id")
    back = {row["deposit_id"]: int(row["sum"]) for row in paid.annotate(sum=Sum("amount_minor"))}
    return [
        HeldDeposit(deposit=row, used_minor=used.get(row.pk, 0), refunded_minor=back.get(row.pk, 0)) for row in rows
    ]
