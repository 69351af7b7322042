"""What a till shows of an account: who it is, what is due, what an amount would pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from billing_site.core.digits import clean_number_input
from billing_site.ledger.balances import balance_of
from invoicing.models import Invoice
from invoicing.queries.disputes import new_due_days
from payments.models import Payment
from payments.queries.instalments import AskedInParts, asked_in_parts
from payments.queries.payments import AccountDebts, advance_of, debts_of_account
from subscribers.models import Account, NumberAssignment, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class DueBill:
    """
    An open bill, in minor units: ``payable_minor`` is due, ``disputed_minor`` waits for an answer.

    Of what is due ``later_minor`` is in later parts of a plan, whose next part is due on ``due_on``.
    """

    invoice_id: int
    number: str
    due_on: date
    payable_minor: int
    disputed_minor: int
    later_minor: int = 0

    @property
    def asked_minor(self) -> int:
        """What a payer is asked for now."""
        return self.payable_minor - self.later_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class TillLine:
    """A line of an account: the number that it holds, if it holds one, and the kind of service (a word of ours)."""

    number: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TillAccount:
    """
    What the clerk sees before he takes money, in minor units.

    ``due_minor`` is what is open and not disputed, or was given back of money that did not stand, less unused money and
    what is in later parts of a plan (``later_minor``); ``previous_minor`` of it is not of the latest bill.
    """

    account: Account
    balance_minor: int
    due_minor: int
    later_minor: int
    previous_minor: int
    advance_minor: int
    bills: tuple[DueBill, ...]
    debts: AccountDebts
    lines: tuple[TillLine, ...]
    last_paid_on: date | None
    last_paid_minor: int

    @property
    def disputed_minor(self) -> int:
        """What need not be paid until it is answered."""
        return self.debts.disputed_minor

    @property
    def given_back_minor(self) -> int:
        """What was given back of money that did not stand."""
        return self.debts.given_back_minor

    @property
    def is_for_suspense(self) -> bool:
        """Whether its money would wait for an owner: it is closed and owes nothing (see ``takes_money``)."""
        return self.account.is_closed and self.balance_minor <= 0

    @property
    def due_on(self) -> date | None:
        """The day by which the first bill, or part of a plan, with something to be paid is due."""
        return min((bill.due_on for bill in self.bills if bill.asked_minor), default=None)


def find_till_account(*, number: str, on: date) -> TillAccount | None:
    """Return what the till shows on a day of an account by its number, or ``None`` where there is none."""
    account = Account.objects.select_related("subscriber").filter(number=number).first()
    if account is None:
        return None
    debts, advance_minor = debts_of_account(account.pk), advance_of(account.pk)
    bills = _bills(debts, asked_in_parts([account.pk], on=on).get(account.pk))
    open_minor = max(0, debts.asked_minor - advance_minor)
    later_minor = min(open_minor, sum(bill.later_minor for bill in bills))
    due_minor = open_minor - later_minor
    last = Payment.objects.filter(account_id=account.pk, reversal__isnull=True).order_by("-id").first()
    return TillAccount(
        account=account,
        balance_minor=balance_of(account.ledger_account_id),
        due_minor=due_minor,
        later_minor=later_minor,
        previous_minor=max(0, due_minor - _latest_minor(bills)),
        advance_minor=advance_minor,
        bills=bills,
        debts=debts,
        lines=_lines_of(account.pk),
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


def _bills(debts: AccountDebts, in_parts: AskedInParts | None) -> tuple[DueBill, ...]:
    """
    Return the open bills in the order in which money pays them, those with nothing but disputed lines last.

    A bill that was disputed is due on the day that the answer gave, one of a plan on that of its next part.
    """
    ids = list(dict.fromkeys(debt.invoice_id for debt in (*debts.payable, *debts.disputed)))
    facts, later = Invoice.objects.only("number", "due_on").in_bulk(ids), new_due_days(ids)
    later_minor = in_parts.later_minor if in_parts else {}
    return tuple(
        DueBill(
            invoice_id=pk,
            number=facts[pk].number or "",
            due_on=in_parts.part.due_on
            if in_parts and pk in later_minor
            else max(facts[pk].due_on, later.get(pk, facts[pk].due_on)),
            payable_minor=debts.payable_of(pk),
            disputed_minor=debts.disputed_of(pk),
            later_minor=min(debts.payable_of(pk), later_minor.get(pk, 0)),
        )
        for pk in ids
    )


def _latest_minor(bills: Sequence[DueBill]) -> int:
    """Return what is to be paid now of the bill that was posted last."""
    latest = max(bills, key=lambda bill: bill.invoice_id, default=None)
    return latest.asked_minor if latest is not None else 0


def _lines_of(account_id: int, *, limit: int = 4) -> tuple[TillLine, ...]:
    """Return lines of an account that have not ended, a few of them: those with a number first."""
    lines = Subscription.objects.filter(account=account_id).exclude(state=Subscription.State.TERMINATED)
    held = NumberAssignment.objects.filter(subscription__in=lines, during__upper_inf=True)
    found = [
        TillLine(number=number, kind=kind)
        for number, kind in held.order_by("number").values_list("number", "subscription__kind")[:limit]
    ]
    bare = lines.exclude(pk__in=held.values("subscription")).order_by("kind", "pk").values_list("kind", flat=True)
    return (*found, *(TillLine(number="", kind=kind) for kind in bare[: limit - len(found)]))
