"""The start page of a subscriber: what he owes on each account, by when, and what happened last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from billing_site.ledger.balances import balances_of
from invoicing.models import Invoice
from invoicing.queries.invoices import bills_that_were_posted
from payments.queries.direct_debits import (
    DebitFailure,
    DebitUnderWay,
    find_debit_failure,
    find_debit_under_way,
)
from payments.queries.instalments import AskedInParts, PlanPart, asked_in_parts
from payments.queries.open_items import OpenItem, open_items_of
from rating.queries.limits import AccountLimits, get_account_limits
from subscribers.models import Account, Notice

SHOWN_BILLS = 3
SHOWN_NOTICES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """
    An account as its owner sees it first; amounts in minor units, a balance above zero is owed.

    ``disputed_minor`` is owed and need not be paid until his disputes are answered: no money of his is used for it.
    ``plan_part`` is what he pays next where he pays in parts, ``later_minor`` what he pays in later ones.
    """

    account: Account
    balance_minor: int
    disputed_minor: int
    later_minor: int
    due_on: date | None
    limits: AccountLimits
    debit_failure: DebitFailure | None
    debit_under_way: DebitUnderWay | None
    plan_part: PlanPart | None

    @property
    def due_minor(self) -> int:
        """What is to be paid now."""
        return max(0, self.balance_minor - self.disputed_minor - self.later_minor)

    @property
    def advance_minor(self) -> int:
        """What is there in advance."""
        return max(0, self.disputed_minor - self.balance_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHome:
    """The start page."""

    accounts: tuple[OwnAccount, ...]
    bills: tuple[Invoice, ...]
    notices: tuple[Notice, ...]


def get_own_home(*, accounts: Sequence[Account], at: datetime, today: date) -> OwnHome:
    """Return the start page of a subscriber with these accounts."""
    ids = [account.pk for account in accounts]
    posted = bills_that_were_posted(ids)
    return OwnHome(
        accounts=own_account_states(accounts=accounts, at=at, today=today),
        bills=tuple(posted.order_by("-issued_on", "-pk")[:SHOWN_BILLS]),
        notices=tuple(
            Notice.objects.filter(account_id__in=ids)
            .exclude(state=Notice.State.WITHDRAWN)  # what it was about had ended before anybody was told
            .select_related("account", "letter_text")
            .order_by("-pk")[:SHOWN_NOTICES]
        ),
    )


def own_account_states(*, accounts: Sequence[Account], at: datetime, today: date) -> tuple[OwnAccount, ...]:
    """Return accounts with what is owed, what of it is disputed, and what is used of their limits."""
    balances = balances_of([account.ledger_account_id for account in accounts])
    ids = [account.pk for account in accounts]
    items, in_parts = open_items_of(ids), asked_in_parts(ids, on=today)
    return tuple(
        _account_state(
            account,
            balance_minor=balances.get(account.ledger_account_id, 0),
            items=items.get(account.pk, ()),
            in_parts=in_parts.get(account.pk),
            limits=get_account_limits(account_id=account.pk, at=at, today=today),
        )
        for account in accounts
    )


def _account_state(
    account: Account,
    *,
    balance_minor: int,
    items: Sequence[OpenItem],
    in_parts: AskedInParts | None,
    limits: AccountLimits,
) -> OwnAccount:
    """
    Leave out of what is due what is disputed or in later parts; the day is that of the first bill with something left,
    or of the next part.
    """
    later_minor = in_parts.later_minor if in_parts else {}
    days = [item.due_on for item in items if item.payable_minor and item.invoice_id not in later_minor]
    if in_parts:
        days.append(in_parts.part.due_on)
    return OwnAccount(
        account=account,
        balance_minor=balance_minor,
        disputed_minor=sum(item.disputed_minor for item in items),
        later_minor=sum(later_minor.values()),
        due_on=min(days, default=None),
        limits=limits,
        debit_failure=find_debit_failure(account.pk),
        debit_under_way=find_debit_under_way(account.pk),
        plan_part=in_parts.part if in_parts else None,
    )
