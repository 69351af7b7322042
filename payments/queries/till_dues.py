"""What a till shows of an account: who it is, what is due, what an amount would pay."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from billing_site.core.digits import clean_number_input
from billing_site.ledger.balances import balance_of
from invoicing.models import Invoice
from invoicing.queries.disputes import disputed_of_invoices
from payments.domain.allocation import Debt, put_disputed_last
from payments.models import Payment
from payments.queries.payments import open_debts, unused_credits
from subscribers.models import Account, NumberAssignment


@dataclass(frozen=True, slots=True, kw_only=True)
class DueBill:
    """An open bill, in minor units; ``disputed_minor`` of it may stay unpaid."""

    invoice_id: int
    number: str
    due_on: date
    open_minor: int
    disputed_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TillAccount:
    """
    What the clerk sees before he takes money, in minor units.

    ``due_minor`` is what is open and not disputed, less unused money. ``debts`` are in the order in which money pays
    them.
    """

    account: Account
    balance_minor: int
    due_minor: int
    disputed_minor: int
    advance_minor: int
    bills: tuple[DueBill, ...]
    debts: tuple[Debt, ...]
    numbers: tuple[str, ...]
    last_paid_on: date | None
    last_paid_minor: int

    @property
    def due_on(self) -> date | None:
        """The day by which the oldest bill is due."""
        return min((bill.due_on for bill in self.bills), default=None)


def debts_of_account(account_id: int) -> Sequence[Debt]:
    """Return the open debts of an account, the oldest first and what is disputed behind all the rest."""
    debts = open_debts(account_id)
    return put_disputed_last(debts_in_order=debts, disputed=disputed_of_invoices(debt.invoice_id for debt in debts))


def find_till_account(*, number: str) -> TillAccount | None:
    """Return what the till shows of an account by its number, or ``None`` where there is none."""
    account = Account.objects.select_related("subscriber").filter(number=number).first()
    if account is None:
        return None
    plain = open_debts(account.pk)
    disputed = disputed_of_invoices(debt.invoice_id for debt in plain)
    advance_minor = sum(credit.amount_minor for credit in unused_credits(account.pk))
    bills = _bills(plain, disputed)
    held_minor = sum(bill.disputed_minor for bill in bills)
    open_minor = sum(bill.open_minor for bill in bills)
    last = Payment.objects.filter(account_id=account.pk, reversal__isnull=True).order_by("-id").first()
    return TillAccount(
        account=account,
        balance_minor=balance_of(account.ledger_account_id),
        due_minor=max(0, open_minor - held_minor - advance_minor),
        disputed_minor=held_minor,
        advance_minor=advance_minor,
        bills=bills,
        debts=put_disputed_last(debts_in_order=plain, disputed=disputed),
        numbers=_numbers_of(account.pk),
        last_paid_on=last.posted_on if last else None,
        last_paid_minor=last.amount_minor if last else 0,
    )


def find_account_of_bill(text: str) -> str:
    """Return the account whose bill has this number, as typed or scanned; an empty text if there is none."""
    number = text.strip().upper()
    found = Invoice.objects.filter(number=number, state=Invoice.State.POSTED).values_list("account_id", flat=True)
    account = Account.objects.filter(pk__in=found[:1]).values_list("number", flat=True).first()
    return account or ""


def find_account_number(text: str) -> str:
    """Return the account of exactly this number, or an empty text."""
    digits = clean_number_input(text)
    return Account.objects.filter(number=digits).values_list("number", flat=True).first() or ""


def _bills(debts: Collection[Debt], disputed: dict[int, int]) -> tuple[DueBill, ...]:
    facts = {
        pk: (number, due_on)
        for pk, number, due_on in Invoice.objects.filter(pk__in=[debt.invoice_id for debt in debts]).values_list(
            "pk", "number", "due_on"
        )
    }
    return tuple(
        DueBill(
            invoice_id=debt.invoice_id,
            number=facts[debt.invoice_id][0] or "",
            due_on=facts[debt.invoice_id][1],
            open_minor=debt.amount_minor,
            disputed_minor=min(debt.amount_minor, disputed.get(debt.invoice_id, 0)),
        )
        for debt in debts
    )


def _numbers_of(account_id: int, *, limit: int = 4) -> tuple[str, ...]:
    """Return the telephone numbers that an account's lines hold, a few of them."""
    held = NumberAssignment.objects.filter(subscription__account_id=account_id, during__upper_inf=True)
    return tuple(held.order_by("number").values_list("number", flat=True)[:limit])
