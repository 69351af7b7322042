"""Reading payments: by account, what they were used for, what is open."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, F, Min, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, ExtractHour

from billing_site.core.clock import operator_zone
from billing_site.ledger.balances import balance_of
from invoicing.models import Invoice
from invoicing.queries.credit_notes import credited_of_account
from invoicing.queries.disputes import disputed_amounts, disputed_of_invoices, new_due_days
from payments.domain.allocation import Credit, Debt, lay_in_order, pay_from_surplus, set_disputed_apart
from payments.models import (
    Allocation,
    BadDebtRecovery,
    Payment,
    PaymentReversal,
    ReceiptPart,
    Refund,
    RefundPart,
    TillReceipt,
    WriteOff,
    WriteOffItem,
)
from payments.queries.instalments import open_plans_of, rest_of_plan
from subscribers.models import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationLine:
    """A part of a payment used for an invoice, in minor units."""

    invoice_id: int
    invoice_number: str
    amount_minor: int


def find_payment(*, channel: str, key: str) -> Payment | None:
    """Return the payment that a key posted, or ``None``."""
    return Payment.objects.filter(channel=channel, key=key).first()


def find_reversal(payment_id: int) -> PaymentReversal | None:
    """Return the reversal of a payment, or ``None`` where it stands."""
    return PaymentReversal.objects.filter(payment_id=payment_id).first()


def standing_payments() -> QuerySet[Payment]:
    """Return the payments that nobody took back."""
    return Payment.objects.filter(reversal__isnull=True)


def state_of(payment: Payment) -> str:
    """Return the state of a payment: the kind of its reversal where it was taken back (``select_related`` it)."""
    reversal: PaymentReversal | None = getattr(payment, "reversal", None)
    if reversal is None:
        return str(payment.state)
    # Mails come back too: a cheque that does has a word of its own.
    return "CHEQUE_BOUNCED" if reversal.kind == PaymentReversal.Kind.BOUNCED else str(reversal.kind)


def payments_for(account_id: int) -> QuerySet[Payment]:
    """Return the payments of an account with what took them back, to be ordered by ``-id``."""
    return Payment.objects.filter(account_id=account_id).select_related("network", "reversal")


def filter_payments(
    *,
    channel: str = "",
    state: str = "",
    network_id: int | None = None,
    centre_id: int | None = None,
    posted_from: date | None = None,
    posted_to: date | None = None,
    account_number: str = "",
    taken_at_id: int | None = None,
    hour: int | None = None,
) -> QuerySet[Payment]:
    """
    Return payments of all accounts; what is left out filters nothing. Days are the operator's, both included.

    :param state: one of ``Payment.State``, of payments that stand, or of ``PaymentReversal.Kind``
    :param centre_id: the service centre of the account
    :param taken_at_id: the service centre of the till that took the money, of all other money the account's
    :param hour: of the local day in which the money came; what was given out of suspense came before
    """
    is_kind = state in PaymentReversal.Kind.values
    wishes: dict[str, Any] = {
        "channel": channel,
        "state": "" if is_kind else state,
        "reversal__kind": state if is_kind else "",
        "reversal__isnull": True if state and not is_kind else None,
        "network_id": network_id,
        "account__centre_id": centre_id,
        "posted_on__gte": posted_from,
        "posted_on__lte": posted_to,
        "account_number": account_number,
    }
    asked = {name: value for name, value in wishes.items() if value not in {None, ""}}
    found = Payment.objects.select_related("network", "account", "reversal").filter(**asked)
    if taken_at_id is not None:
        parts = ReceiptPart.objects.filter(payment=OuterRef("pk"), receipt__kind=TillReceipt.Kind.PAYMENT)
        till = Subquery(parts.values("receipt__till__centre_id")[:1])
        # A key here, a reference there: one of them must be said.
        taken_at = Coalesce(till, F("account__centre_id"), output_field=BigIntegerField())
        found = found.annotate(taken_at=taken_at).filter(taken_at=taken_at_id)
    if hour is None:
        return found
    received = found.exclude(channel=Payment.Channel.SUSPENSE)
    return received.annotate(hour=ExtractHour("received_at", tzinfo=operator_zone())).filter(hour=hour)


def allocations_of(payment_id: int) -> tuple[AllocationLine, ...]:
    """Return what a payment is used for, in the order of its use; what was taken back is not used."""
    rows = Allocation.objects.filter(payment_id=payment_id).values("invoice_id")
    used = rows.annotate(sum=Sum("amount_minor"), first=Min("id")).exclude(sum=0).order_by("first")
    parts = [(row["invoice_id"], int(row["sum"])) for row in used]
    numbers = dict(Invoice.objects.filter(pk__in=[pk for pk, _ in parts]).values_list("pk", "number"))
    return tuple(
        AllocationLine(invoice_id=pk, invoice_number=numbers.get(pk) or "", amount_minor=amount_minor)
        for pk, amount_minor in parts
    )


def movable_bills(payment: Payment) -> list[tuple[int, str, int]]:
    """
    Return the bills that a payment could pay if it paid none: id, number, and what would be to be paid of each in minor
    units, the oldest first.
    """
    if payment.account_id is None:
        return []
    debts = debts_of_account(payment.account_id)
    lost = recovered_of(payment.pk)
    used = {one.invoice_id: one.amount_minor - lost.get(one.invoice_id, 0) for one in allocations_of(payment.pk)}
    ids = {debt.invoice_id for debt in debts.payable} | {pk for pk, minor in used.items() if minor}
    facts = Invoice.objects.filter(pk__in=ids).order_by("due_on", "pk").values_list("pk", "number")
    return [(pk, number or "", debts.payable_of(pk) + used.get(pk, 0)) for pk, number in facts]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDebts:
    """
    What is open of an account's bills, the oldest first: what money pays by itself, and what is disputed.

    ``given_back_minor`` was given back of money that did not stand: it is owed, on no bill, and paid before any.
    """

    payable: tuple[Debt, ...]
    disputed: tuple[Debt, ...]
    given_back_minor: int = 0

    @property
    def payable_minor(self) -> int:
        """What is to be paid of bills, in minor units."""
        return sum(debt.amount_minor for debt in self.payable)

    @property
    def asked_minor(self) -> int:
        """What is to be paid in all, in minor units."""
        return self.payable_minor + self.given_back_minor

    @property
    def disputed_minor(self) -> int:
        """What need not be paid until it is answered, in minor units."""
        return sum(debt.amount_minor for debt in self.disputed)

    def payable_of(self, invoice_id: int) -> int:
        """Return what is to be paid of a bill, in minor units."""
        return sum(debt.amount_minor for debt in self.payable if debt.invoice_id == invoice_id)

    def disputed_of(self, invoice_id: int) -> int:
        """Return what is disputed of a bill, in minor units."""
        return sum(debt.amount_minor for debt in self.disputed if debt.invoice_id == invoice_id)


def debts_of_account(account_id: int) -> AccountDebts:
    """
    Return what is open of an account's posted invoices, the one due first at the front; credits are no debts.

    What credit notes took back is none any more. Where it was paid before, that money counts for the oldest debts, and
    so does what a bill below zero gives. Nor is what was written off. An instalment plan's bills are due in its parts,
    what an answered dispute left on the day of the answer.
    """
    used = Allocation.objects.filter(invoice_id=OuterRef("pk")).values("invoice_id").annotate(sum=Sum("amount_minor"))
    rows = (
        Invoice.objects.filter(account_id=account_id, state=Invoice.State.POSTED, gross_minor__gt=0)
        .annotate(open_minor=F("gross_minor") - Coalesce(Subquery(used.values("sum")), 0))
        .filter(open_minor__gt=0)
        .order_by("due_on", "id")
        .values_list("id", "due_on", "open_minor")
    )
    credited = credited_of_account(account_id)
    gone = Counter(credited)
    gone.update(written_off_of(account_id))
    left = [(invoice_id, due_on, int(amount) - gone[invoice_id]) for invoice_id, due_on, amount in rows]
    debts = [Debt(invoice_id=invoice_id, amount_minor=amount) for invoice_id, _due_on, amount in left if amount > 0]
    given_back_minor = given_back_of_no_money(account_id)
    if not debts and not given_back_minor:
        return AccountDebts(payable=(), disputed=())
    payable, disputed = set_disputed_apart(
        debts_in_order=debts, disputed=disputed_of_invoices(debt.invoice_id for debt in debts)
    )
    if len(payable) > 1:
        payable = _by_their_days(account_id, payable, due_on={pk: day for pk, day, _amount in left})
    surplus_minor = _surplus(credited) + _given_by_bills(account_id, credited) - _refunded_surplus(account_id)
    left_over, _ = pay_from_surplus(debts_in_order=payable, surplus_minor=max(0, surplus_minor))
    missing_minor = min(given_back_minor, max(0, -surplus_minor))
    return AccountDebts(payable=left_over, disputed=disputed, given_back_minor=missing_minor)


def _by_their_days(account_id: int, debts: Sequence[Debt], *, due_on: Mapping[int, date]) -> tuple[Debt, ...]:
    """Return debts in the order in which they are due, with a piece for each part of a plan that asks for one."""
    later = new_due_days(due_on)
    days = {pk: max(day, later.get(pk, day)) for pk, day in due_on.items()}
    open_minor = {debt.invoice_id: debt.amount_minor for debt in debts}
    plans = [rest_of_plan(standing, open_minor=open_minor) for standing in open_plans_of([account_id])]
    return lay_in_order(debts, due_on=days, plans=plans)


def takes_money(account: Account) -> bool:
    """
    Return whether money that comes for an account is posted to it: to one that is closed only while it owes, as after a
    cheque that bounced or an extra bill for late calls. Other money of closed accounts waits in suspense, and so does
    all that terminals take for them.
    """
    return not account.is_closed or balance_of(account.ledger_account_id) > 0


def disputed_of_account(account_id: int) -> int:
    """Return what of an account's debts waits for an answer, in minor units; without a dispute that is one look."""
    return debts_of_account(account_id).disputed_minor if disputed_amounts([account_id]) else 0


def open_debts(account_id: int) -> tuple[Debt, ...]:
    """Return all that is open of an account's bills, disputed or not: those with something to be paid at the front."""
    debts = debts_of_account(account_id)
    sums = Counter[int]()
    for debt in (*debts.payable, *debts.disputed):
        sums[debt.invoice_id] += debt.amount_minor
    return tuple(Debt(invoice_id=invoice_id, amount_minor=amount) for invoice_id, amount in sums.items())


def _surplus(credited: Mapping[int, int]) -> int:
    """Return the money used for bills that credit notes then took back, in minor units."""
    if not credited:
        return 0
    used = (
        Allocation.objects.filter(invoice_id__in=list(credited)).values("invoice_id").annotate(sum=Sum("amount_minor"))
    )
    paid = {row["invoice_id"]: int(row["sum"]) for row in used}
    bills = Invoice.objects.filter(pk__in=list(paid)).values_list("pk", "gross_minor")
    return sum(max(0, paid[pk] - max(0, gross_minor - credited[pk])) for pk, gross_minor in bills)


def _given_by_bills(account_id: int, credited: Mapping[int, int]) -> int:
    """Return what bills below zero give an account, less what credit notes took back of them, in minor units."""
    below = Invoice.objects.filter(account_id=account_id, state=Invoice.State.POSTED, gross_minor__lt=0)
    return sum(max(0, credited.get(pk, 0) - gross) for pk, gross in below.values_list("pk", "gross_minor"))


def _refunded_surplus(account_id: int) -> int:
    """Return what was given back of an account's credit and was no unused payment that stands, in minor units."""
    paid = Refund.objects.filter(account_id=account_id, deposit__isnull=True, state=Refund.State.PAID)
    given = paid.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    standing = RefundPart.objects.filter(refund__in=paid, payment__reversal__isnull=True)
    return int(given - (standing.aggregate(sum=Sum("amount_minor"))["sum"] or 0))


def given_back_of_no_money(account_id: int) -> int:
    """Return what was given back of an account's payments that were taken back, before or after, in minor units."""
    parts = RefundPart.objects.filter(refund__account_id=account_id, payment__reversal__isnull=False)
    return int(parts.aggregate(sum=Sum("amount_minor"))["sum"] or 0)


def refunds_of_no_money(account_id: int) -> tuple[Debt, ...]:
    """Return what refunds of an account gave back that no payment stands for, by refund, the oldest at the front."""
    parts = RefundPart.objects.filter(refund=OuterRef("pk"), payment__reversal__isnull=True)
    standing = parts.values("refund").annotate(sum=Sum("amount_minor")).values("sum")
    rows = (
        Refund.objects.filter(account_id=account_id, parts__payment__reversal__isnull=False)
        .annotate(missing_minor=F("amount_minor") - Coalesce(Subquery(standing), 0))
        .filter(missing_minor__gt=0)
        .distinct()
        .order_by("id")
        .values_list("id", "missing_minor")
    )
    return tuple(Debt(invoice_id=refund_id, amount_minor=int(minor)) for refund_id, minor in rows)


def written_off_of(account_id: int) -> dict[int, int]:
    """Return what is written off of an account's invoices and did not come in since, in minor units by invoice."""
    items = WriteOffItem.objects.filter(account_id=account_id, write_off__state=WriteOff.State.APPROVED)
    back = BadDebtRecovery.objects.filter(item=OuterRef("pk")).values("item").annotate(sum=Sum("amount_minor"))
    left = items.annotate(left_minor=F("written_minor") - Coalesce(Subquery(back.values("sum")), 0))
    found: dict[int, int] = {}
    for invoice_id, left_minor in left.order_by("pk").values_list("invoice_id", "left_minor"):
        found[invoice_id] = found.get(invoice_id, 0) + int(left_minor)
    return found


def unused_credits(account_id: int) -> tuple[Credit, ...]:
    """Return what is unused of an account's payments that nobody took back, the oldest at the front."""
    used = Allocation.objects.filter(payment_id=OuterRef("pk")).values("payment_id").annotate(sum=Sum("amount_minor"))
    back = RefundPart.objects.filter(payment_id=OuterRef("pk")).values("payment_id").annotate(sum=Sum("amount_minor"))
    gone = Coalesce(Subquery(used.values("sum")), 0) + Coalesce(Subquery(back.values("sum")), 0)
    rows = (
        standing_payments()
        .filter(account_id=account_id, state=Payment.State.POSTED)
        .annotate(unused_minor=F("amount_minor") - gone)
        .filter(unused_minor__gt=0)
        .order_by("id")
        .values_list("id", "unused_minor")
    )
    return tuple(Credit(payment_id=payment_id, amount_minor=int(amount)) for payment_id, amount in rows)


def recovered_of(payment_id: int) -> dict[int, int]:
    """Return what a payment brought for debts written off, in minor units by invoice."""
    rows = BadDebtRecovery.objects.filter(payment_id=payment_id).values("item__invoice_id")
    return {row["item__invoice_id"]: int(row["sum"]) for row in rows.annotate(sum=Sum("amount_minor")) if row["sum"]}


def advance_of(account_id: int) -> int:
    """Return the money of an account that no invoice has used yet, in minor units."""
    return sum(credit.amount_minor for credit in unused_credits(account_id))
