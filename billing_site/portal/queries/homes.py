"""The start page of a subscriber: what he owes on each account, by when, and what happened last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from billing_site.ledger.balances import balances_of
from invoicing.models import Invoice
from invoicing.queries.invoices import OpenInvoice, open_invoices_of
from rating.queries.limits import AccountLimits, get_account_limits
from subscribers.models import Account, Notice

SHOWN_BILLS = 3
SHOWN_NOTICES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """An account as its owner sees it first; amounts in minor units, a balance above zero is owed."""

    account: Account
    balance_minor: int
    open_bills: tuple[OpenInvoice, ...]
    limits: AccountLimits

    @property
    def due_minor(self) -> int:
        """What is to be paid."""
        return max(0, self.balance_minor)

    @property
    def advance_minor(self) -> int:
        """What is there in advance."""
        return max(0, -self.balance_minor)

    @property
    def due_on(self) -> date | None:
        """By when the oldest bill is to be paid, ``None`` where none is open."""
        return self.open_bills[0].due_on if self.open_bills else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHome:
    """The start page."""

    accounts: tuple[OwnAccount, ...]
    bills: tuple[Invoice, ...]
    notices: tuple[Notice, ...]


def get_own_home(*, accounts: Sequence[Account], at: datetime, today: date) -> OwnHome:
    """Return the start page of a subscriber with these accounts."""
    ids = [account.pk for account in accounts]
    posted = Invoice.objects.filter(account_id__in=ids, state=Invoice.State.POSTED)
    return OwnHome(
        accounts=own_account_states(accounts=accounts, at=at, today=today),
        bills=tuple(posted.order_by("-issued_on", "-pk")[:SHOWN_BILLS]),
        notices=tuple(
            Notice.objects.filter(account_id__in=ids).select_related("account").order_by("-pk")[:SHOWN_NOTICES]
        ),
    )


def own_account_states(*, accounts: Sequence[Account], at: datetime, today: date) -> tuple[OwnAccount, ...]:
    """Return accounts with what is owed and what is used of their limits."""
    balances = balances_of([account.ledger_account_id for account in accounts])
    return tuple(
        OwnAccount(
            account=account,
            balance_minor=balances.get(account.ledger_account_id, 0),
            open_bills=open_invoices_of(account.pk),
            limits=get_account_limits(account_id=account.pk, at=at, today=today),
        )
        for account in accounts
    )
