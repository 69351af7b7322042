"""What a till shows of an account: who it is, what is due, what an amount would pay."""

from dataclasses import dataclass
from datetime import date

from billing_site.core.digits import clean_number_input
from billing_site.ledger.balances import balance_of
from invoicing.models import Invoice
from payments.models import Payment
from payments.queries.payments import AccountDebts, advance_of, debts_of_account
from subscribers.models import Account, NumberAssignment


@dataclass(frozen=True, slots=True, kw_only=True)
class DueBill:
    """An open bill, in minor units: ``payable_minor`` is due, ``disputed_minor`` waits for an answer."""

    invoice_id: int
    number: str
    due_on: date
    payable_minor: int
    disputed_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TillAccount:
    """
    What the clerk sees before he takes money, in minor units.

    ``due_minor`` is what is open and not disputed, less unused money.
    """

    account: Account
    balance_minor: int
    due_minor: int
    advance_minor: int
    bills: tuple[DueBill, ...]
    debts: AccountDebts
    numbers: tuple[str, ...]
    last_paid_on: date | None
    last_paid_minor: int

    @property
    def disputed_minor(self) -> int:
        """What need not be paid until it is answered."""
        return self.debts.disputed_minor

    @property
    def due_on(self) -> date | None:
        """The day by which the oldest bill with something to be paid is due."""
        return min((bill.due_on for bill in self.bills if bill.payable_minor), default=None)


def find_till_account(*, number: str) -> TillAccount | None:
    """Return what the till shows of an account by its number, or ``None`` where there is none."""
    account = Account.objects.select_related("subscriber").filter(number=number).first()
    if account is None:
        return None
    debts, advance_minor = debts_of_account(account.pk), advance_of(account.pk)
    last = Payment.objects.filter(account_id=account.pk, reversal__isnull=True).order_by("-id").first()
    return TillAccount(
        account=account,
        balance_minor=balance_of(account.ledger_account_id),
        due_minor=max(0, debts.payable_minor - advance_minor),
        advance_minor=advance_minor,
        bills=_bills(debts),
        debts=debts,
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


def _bills(debts: AccountDebts) -> tuple[DueBill, ...]:
    """Return the open bills in the order in which money pays them, those with nothing but disputed lines last."""
    ids = list(dict.fromkeys(debt.invoice_id for debt in (*debts.payable, *debts.disputed)))
    facts = Invoice.objects.only("number", "due_on").in_bulk(ids)
    return tuple(
        DueBill(
            invoice_id=pk,
            number=facts[pk].number or "",
            due_on=facts[pk].due_on,
            payable_minor=debts.payable_of(pk),
            disputed_minor=debts.disputed_of(pk),
        )
        for pk in ids
    )


def _numbers_of(account_id: int, *, limit: int = 4) -> tuple[str, ...]:
    """Return the telephone numbers that an account's lines hold, a few of them."""
    held = NumberAssignment.objects.filter(subscription__account_id=account_id, during__upper_inf=True)
    return tuple(held.order_by("number").values_list("number", flat=True)[:limit])
