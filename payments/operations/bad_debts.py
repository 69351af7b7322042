"""Bad debts: proposed by one person, approved by another and posted; money that comes in later is posted back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, lock_rows, transaction_required
from billing_site.identity.models import User
from billing_site.ledger.closing import get_closed_through
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entries
from payments.domain.bad_debt import tax_in_debt
from payments.models import WriteOff, WriteOffItem
from payments.operations.dunning_cases import settle_accounts
from payments.queries.bad_debts import Selection, select_debts, taxes_of_bills
from payments.queries.dunning_policies import policies_on
from payments.queries.open_items import open_items_of
from subscribers.models import Account

WRITE_OFF = "WRITE_OFF"


class NoBadDebt(BillingError):
    """The selection is empty."""

    default_message = gettext_noop("No debt is as old and as large as that. Nothing was proposed.")
    default_code = "NO_BAD_DEBT"


class BadDebtDecided(BillingError):
    """It was decided before."""

    default_message = gettext_noop("Write-off %(write_off)s is decided already.")
    default_code = "BAD_DEBT_DECIDED"


class BadDebtProposedBySamePerson(BillingError):
    """Who proposes does not decide."""

    default_message = gettext_noop("You proposed write-off %(write_off)s: another person decides.")
    default_code = "BAD_DEBT_PROPOSED_BY_SAME_PERSON"


class BadDebtBooksClosed(BillingError):
    """The day is closed."""

    default_message = gettext_noop("The books are closed for %(day)s: nothing was written off.")
    default_code = "BAD_DEBT_BOOKS_CLOSED"


@durable
def propose_bad_debt(
    *, selection: Selection, reason: str, note: str, as_of: date, currency: str, at: datetime, actor: User
) -> WriteOff:
    """
    Propose to write off every debt that a selection takes.

    :param reason: one of ``WriteOff.Reason``
    :raises NoBadDebt: if there is none
    """
    items = select_debts(selection, as_of=as_of, currency=currency)
    if not items:
        raise NoBadDebt
    made = WriteOff.objects.create(
        reason=reason,
        note=note.strip(),
        selection=asdict(selection),
        as_of=as_of,
        currency=currency,
        proposed_by=actor,
        proposed_at=at,
    )
    WriteOffItem.objects.bulk_create(
        [
            WriteOffItem(
                write_off=made,
                account_id=item.account_id,
                invoice_id=item.invoice_id,
                due_on=item.due_on,
                proposed_minor=item.open_minor,
            )
            for item in items
        ],
        batch_size=1000,
    )
    total = str(sum(item.open_minor for item in items))
    changes = {"reason": str(reason), "bills": len(items), "proposed_minor": total}
    record("payments.propose_bad_debt", actor=actor, subject=made, changes=changes)
    return made


@durable
def approve_bad_debt(*, write_off_id: int, posted_on: date, at: datetime, actor: User) -> WriteOff:
    """
    Write off what is still open of a proposal: never more than that, whatever was paid or disputed meanwhile.

    The receivable is credited; the loss is debited to the bad debts, the tax in it to the tax where the policy says so.

    :raises BadDebtDecided: if it was decided before
    :raises BadDebtProposedBySamePerson: if ``actor`` proposed it
    :raises BadDebtBooksClosed: if the day lies in a closed period
    """
    made = _lock_proposal(write_off_id, actor)
    if posted_on <= get_closed_through():
        raise BadDebtBooksClosed(context={"day": posted_on})
    items = list(made.items.order_by("account_id", "pk"))
    accounts = {row.pk: row for row in lock_rows(Account.objects.all(), {item.account_id for item in items})}
    taxes = _write_items(made, items, accounts)
    post_entries(_entries(made, items, accounts, taxes, posted_on=posted_on, actor=actor))
    _decide(made, WriteOff.State.APPROVED, at=at, actor=actor, posted_on=posted_on)
    settle_accounts(account_ids=list(accounts), on=posted_on, at=at)
    changes = {"reason": made.reason, "written_minor": str(sum(item.written_minor for item in items))}
    record("payments.approve_bad_debt", actor=actor, subject=made, changes=changes)
    return made


@durable
def reject_bad_debt(*, write_off_id: int, at: datetime, actor: User) -> WriteOff:
    """
    Refuse a proposal: the debts stay owed.

    :raises BadDebtDecided: if it was decided before
    :raises BadDebtProposedBySamePerson: if ``actor`` proposed it
    """
    made = _lock_proposal(write_off_id, actor)
    _decide(made, WriteOff.State.REJECTED, at=at, actor=actor, posted_on=None)
    record("payments.reject_bad_debt", actor=actor, subject=made, changes={"reason": made.reason})
    return made


@transaction_required
def bad_debt_account(currency: str) -> int:
    """Return the books' account of debts written off in a currency, made when it is missing."""
    code = f"BAD_DEBT:{currency}"
    known = LedgerAccount.objects.filter(code=code).values_list("pk", flat=True).first()
    return known or open_accounts(codes=[code], kind=LedgerAccount.Kind.BAD_DEBT, currency=currency)[code]


@transaction_required
def tax_accounts(codes: Sequence[str], currency: str) -> Mapping[str, int]:
    """Return the books' accounts of tax categories, by code of the category."""
    made = open_accounts(codes=[f"TAX:{code}" for code in codes], kind=LedgerAccount.Kind.TAX, currency=currency)
    return {code: made[f"TAX:{code}"] for code in codes}


def _lock_proposal(write_off_id: int, actor: User) -> WriteOff:
    made = WriteOff.objects.select_for_update(of=("self",)).get(pk=write_off_id)
    named = {"write_off": made.pk}
    if made.state != WriteOff.State.PROPOSED:
        raise BadDebtDecided(context=named)
    if made.proposed_by_id == actor.pk:
        raise BadDebtProposedBySamePerson(context=named)
    return made


def _write_items(
    made: WriteOff, items: Sequence[WriteOffItem], accounts: Mapping[int, Account]
) -> dict[int, dict[str, int]]:
    """Set what is written off of each bill, and return the taxes taken back: by item, by code of the category."""
    found = open_items_of(list(accounts))
    # What is disputed since the proposal waits for its answer.
    open_now = {
        item.invoice_id: max(0, min(item.net_minor, item.payable_minor)) for of_one in found.values() for item in of_one
    }
    policies = policies_on(made.as_of)
    bills = taxes_of_bills([item.invoice_id for item in items])
    taxes: dict[int, dict[str, int]] = {}
    for item in items:
        item.written_minor = min(item.proposed_minor, open_now.get(item.invoice_id, 0))
        account = accounts[item.account_id]
        policy = policies.policy_for(category=account.category, currency=account.currency)
        bill = bills[item.invoice_id]
        if policy is not None and policy.policy.takes_tax_back and item.written_minor:
            parts = tax_in_debt(
                written_minor=item.written_minor,
                net_minor=bill.net_minor,
                taxes_minor=list(bill.taxes_minor.values()),
            )
            taxes[item.pk] = dict(zip(bill.taxes_minor, parts, strict=True))
            item.tax_minor = sum(parts)
    WriteOffItem.objects.bulk_update(items, ["written_minor", "tax_minor"], batch_size=1000)
    return taxes


def _entries(
    made: WriteOff,
    items: Sequence[WriteOffItem],
    accounts: Mapping[int, Account],
    taxes: Mapping[int, Mapping[str, int]],
    *,
    posted_on: date,
    actor: User,
) -> list[NewEntry]:
    """Return an entry for each account of which something is written off."""
    loss_id = bad_debt_account(made.currency)
    tax_ids = tax_accounts(sorted({code for parts in taxes.values() for code in parts}), made.currency)
    debits: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for item in items:
        debits[item.account_id][loss_id] += item.written_minor - item.tax_minor
        for code, minor in taxes.get(item.pk, {}).items():
            debits[item.account_id][tax_ids[code]] += minor
    entries = []
    for account_id, parts in debits.items():
        receivable = accounts[account_id].ledger_account_id
        pairs = [Pair(debit_id, receivable, minor) for debit_id, minor in parts.items() if minor]
        if pairs:
            entries.append(
                NewEntry(
                    source_type=WRITE_OFF,
                    source_id=f"{made.pk}/{account_id}",
                    posted_on=posted_on,
                    actor=str(actor),
                    reason=made.reason,
                    currency=made.currency,
                    pairs=pairs,
                )
            )
    return entries


def _decide(made: WriteOff, state: str, *, at: datetime, actor: User, posted_on: date | None) -> None:
    made.state, made.decided_by, made.decided_at, made.posted_on = state, actor, at, posted_on
    same_person = {
        "payments_writeoff_second_person": lambda: BadDebtProposedBySamePerson(context={"write_off": made.pk})
    }
    with constraint_errors(same_person):
        made.save(update_fields=["state", "decided_by", "decided_at", "posted_on"])
