"""
An account set aside that pays for others, or is paid for: decided about in its run, and its bills made anew.

What one pays stands on two bills. So the drafts of everybody who is tied to the account are thrown away and made
again, together with those of it; who waits for a decision of his own stays out. Who was set aside because of the payer
alone is billed with it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from billing_site.core.messages import Message
from billing_site.db.transactions import transaction_required
from invoicing.domain.payers import PayerRule
from invoicing.models import BillRun, Invoice, ParkedAccount
from invoicing.operations.bill_run_drafts import (
    Calculated,
    calculate_accounts,
    scope_of,
    set_odd_bills_aside,
    write_drafts,
)
from invoicing.operations.bill_run_payers import PAYER_PARKED, accounts_in_scope, settle_payers
from invoicing.operations.charged_rows import throw_drafts_away
from invoicing.queries.account_inputs import read_payer_rules
from invoicing.queries.account_scopes import Scope
from invoicing.queries.bill_inputs import read_chunk
from invoicing.queries.reference import Reference
from invoicing.queries.words import Word, reason_word


class Moved(NamedTuple):
    """What a decision did to the counts of one account: differences of numbers of bills and of minor units."""

    account_id: int
    billed: int
    parked: int
    skipped: int
    net_minor: int
    tax_minor: int
    gross_minor: int


class PairBilled(NamedTuple):
    """What came of an account and of everybody tied to it; ``refusal`` says why it cannot be billed."""

    moved: Sequence[Moved] = ()
    billed: Collection[int] = ()
    solved: Collection[int] = ()
    refusal: Message | Word | None = None


def rules_around(*, run: BillRun, account_id: int) -> list[PayerRule]:
    """Return who pays for whom among the accounts that are tied to one, over any number of others; empty: nobody."""
    found: dict[tuple[int, int, int | None], PayerRule] = {}
    todo, seen = [account_id], {account_id}
    while todo:
        key = todo.pop()
        for rule in read_payer_rules(
            cycle_id=run.cycle_id, first_account_id=key, last_account_id=key, until=run.period_until
        ):
            found[rule[:3]] = rule
            todo += {rule.account_id, rule.payer_id} - seen
            seen |= {rule.account_id, rule.payer_id}
    return list(found.values())


@transaction_required
def bill_pair(*, run: BillRun, account_id: int, rules: Sequence[PayerRule], is_as_it_is: bool) -> PairBilled:
    """
    Bill an account that a run set aside with everybody tied to it.

    :param rules: those around it
    :param is_as_it_is: its own bill may be out of the ordinary
    """
    tied = sorted({account for rule in rules for account in (rule.account_id, rule.payer_id)})
    waiting = dict(
        ParkedAccount.objects.filter(run=run, account_id__in=tied, outcome="").values_list("account_id", "reason")
    )
    left_out = {key for key, reason in waiting.items() if reason != PAYER_PARKED} - {account_id}
    meant = [key for key in accounts_in_scope(run, tied) if key not in left_out]
    before = _throw_drafts_away(run, meant)
    reference = Reference(run.reference)
    read = scope_of(run, first_id=meant[0], last_id=meant[-1], only=meant)
    inputs = read_chunk(scope=read, reference=reference)
    result = calculate_accounts(run=run, inputs=inputs, reference=reference, scope=Scope())
    own = [draft for draft in result.drafts if draft.account.account_id == account_id]
    set_odd_bills_aside(run=run, result=result)
    if is_as_it_is and own:
        result.drafts = [draft for draft in result.drafts if draft.account.account_id != account_id] + own
        result.parked = [one for one in result.parked if one.account_id != account_id]
    settle_payers(run=run, result=result, rules=rules, reference=reference, inputs=inputs)
    own_parked = (one for one in result.parked if one.account_id == account_id)
    refusal = next((one.why or reason_word(one.reason) for one in own_parked), None)
    if refusal is not None:
        return PairBilled(refusal=refusal)
    result.drafts.sort(key=lambda draft: draft.account.account_id)
    write_drafts(run, inputs, result.drafts)
    ParkedAccount.objects.bulk_create([one for one in result.parked if one.account_id not in waiting])
    return _what_came(result, meant, before, waiting)


def _throw_drafts_away(run: BillRun, accounts: Collection[int]) -> dict[int, tuple[int, int, int]]:
    """Throw the drafts of accounts away, and return what each came to: net, tax and gross by account."""
    drafts = Invoice.objects.filter(run_id=run.pk, account_id__in=accounts, state=Invoice.State.DRAFT)
    rows = list(drafts.values_list("account_id", "net_minor", "tax_minor", "gross_minor"))
    throw_drafts_away(drafts)
    return {account: (net, tax, gross) for account, net, tax, gross in rows}


def _what_came(
    result: Calculated,
    meant: Sequence[int],
    before: Mapping[int, tuple[int, int, int]],
    waiting: Collection[int],
) -> PairBilled:
    billed = {draft.account.account_id: draft.bill for draft in result.drafts}
    parked = {one.account_id for one in result.parked}
    moved = []
    for key in meant:
        was, made = before.get(key), billed.get(key)
        now = (made.net_minor, made.tax_minor, made.gross_minor) if made is not None else (0, 0, 0)
        skipped = (made is None and key not in parked) - (was is None and key not in waiting)
        sums = [new - old for new, old in zip(now, was or (0, 0, 0), strict=True)]
        moved.append(
            Moved(key, (made is not None) - (was is not None), (key in parked) - (key in waiting), skipped, *sums)
        )
    solved = [key for key in meant if key in waiting and key not in parked]
    return PairBilled(moved=moved, billed=frozenset(billed), solved=solved)
