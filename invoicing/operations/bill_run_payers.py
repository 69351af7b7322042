"""
The bills of accounts that pay for others, and of those paid for: made together, once all other chunks are calculated.

They lie in any chunks; each is counted in its own. Who cannot be billed because the payer cannot is set aside with
that reason, so that nothing is taken over that nobody takes on.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import F

from billing_site.core.messages import gettext_noop
from billing_site.core.money import micro_per_minor
from billing_site.db.transactions import transaction_required
from billing_site.jobs.progress import add_progress
from invoicing.domain.closing import round_to_cash
from invoicing.domain.payers import PayerRule, Taken, by_account, take_over, with_taken, without_rounding
from invoicing.models import BillRun, BillRunChunk, Invoice, ParkedAccount
from invoicing.operations.bill_run_drafts import (
    NOTHING_TO_BILL,
    Calculated,
    calculate_accounts,
    scope_of,
    set_odd_bills_aside,
    write_drafts,
)
from invoicing.operations.invoice_rows import Draft
from invoicing.queries.account_inputs import read_payer_rules
from invoicing.queries.account_scopes import Scope, read_scope
from invoicing.queries.bill_inputs import read_chunk
from invoicing.queries.reference import Reference

PAYER_PARKED = "PAYER_PARKED"
WHY_PARKED = gettext_noop("Account %(payer)s pays for it and cannot be billed.")
WHY_BILLED = gettext_noop(
    "Account %(payer)s pays for it and has its bill of the period: the next run for everybody bills them together."
)


@transaction_required
def bill_payers(run: BillRun) -> None:
    """Make the bills of a run's payers and of whom they pay for; nothing where nobody pays for another."""
    chunks = list(run.chunks.order_by("n"))
    rules = _rules_of(run, chunks)
    if not rules:
        return
    accounts = accounts_in_scope(
        run, sorted({account for rule in rules for account in (rule.account_id, rule.payer_id)})
    )
    if not accounts:
        return
    reference = Reference(run.reference)
    read = scope_of(run, first_id=accounts[0], last_id=accounts[-1], only=accounts)
    inputs = read_chunk(scope=read, reference=reference)
    result = calculate_accounts(run=run, inputs=inputs, reference=reference, scope=Scope())
    # Bounds are about what an account comes to by itself: its usual bill is compared before anything is taken over.
    set_odd_bills_aside(run=run, result=result)
    settle_payers(run, result, rules, reference)
    write_drafts(run, inputs, result.drafts)
    ParkedAccount.objects.bulk_create(result.parked)
    _count(run, chunks, result, accounts=[row.account_id for row in inputs.accounts])


def accounts_in_scope(run: BillRun, accounts: Sequence[int]) -> list[int]:
    """Return the accounts that the run bills; those that it leaves alone are counted in their chunks."""
    scope = read_scope(run=run, first_id=accounts[0], last_id=accounts[-1])
    return [key for key in accounts if key not in scope.left and (scope.chosen is None or key in scope.chosen)]


def _rules_of(run: BillRun, chunks: Sequence[BillRunChunk]) -> list[PayerRule]:
    if not chunks:
        return []
    return read_payer_rules(
        cycle_id=run.cycle_id,
        first_account_id=chunks[0].first_account_id,
        last_account_id=chunks[-1].last_account_id,
        until=run.period_until,
    )


def settle_payers(run: BillRun, result: Calculated, rules: Sequence[PayerRule], reference: Reference) -> None:
    """Move what is paid by others from bill to bill, in place."""
    drafts = {draft.account.account_id: draft for draft in result.drafts}
    bare = {key: without_rounding(draft.bill) for key, draft in drafts.items()}
    over: dict[int, Sequence[Taken]] = {}
    on: dict[int, list[Taken]] = defaultdict(list)
    for account_id, own in by_account(rules).items():
        if account_id not in drafts:
            continue
        lost = next((rule for rule in own if rule.payer_id not in drafts), None)
        if lost is not None:
            _park(run, result, lost)
            del drafts[account_id]
            continue
        over[account_id] = take_over(made=bare[account_id], rules=own)
        for taken in over[account_id]:
            on[taken.rule.payer_id].append(taken)
    result.drafts = []
    for key, draft in drafts.items():
        settled = _settled(run, draft, over.get(key, ()), on.get(key, ()), reference)
        if settled.bill.lines:
            result.drafts.append(settled)
        else:
            result.skipped[NOTHING_TO_BILL] += 1


def _settled(run: BillRun, draft: Draft, over: Sequence[Taken], on: Sequence[Taken], reference: Reference) -> Draft:
    made = with_taken(
        made=without_rounding(draft.bill), over=over, on=on, start_on=run.period_from, until_on=run.period_until
    )
    if reference.cash_unit is not None:
        unit = micro_per_minor(digits=run.currency_digits)
        made = round_to_cash(made, reference.cash_unit, start_on=run.period_from, until_on=run.period_until, unit=unit)
    return draft._replace(bill=made)


def _park(run: BillRun, result: Calculated, rule: PayerRule) -> None:
    living = Invoice.objects.filter(account_id=rule.payer_id, period_from=run.period_from)
    is_billed = living.exclude(state=Invoice.State.CANCELLED).exists()
    detail = (WHY_BILLED if is_billed else WHY_PARKED) % {"payer": rule.payer_number}
    result.parked.append(ParkedAccount(run=run, account_id=rule.account_id, reason=PAYER_PARKED, detail=detail))


def _count(run: BillRun, chunks: Sequence[BillRunChunk], result: Calculated, *, accounts: Sequence[int]) -> None:
    """Count every account, in the order of ids, in the chunk that it belongs to, and in the progress."""
    billed = {draft.account.account_id: draft for draft in result.drafts}
    parked = {one.account_id for one in result.parked}
    for chunk in chunks:
        own = accounts[bisect_left(accounts, chunk.first_account_id) : bisect_right(accounts, chunk.last_account_id)]
        if own:
            _count_chunk(chunk, own, {key: billed[key] for key in own if key in billed}, parked)
    add_progress(
        job_id=run.job_id or 0,
        done_units=len(accounts),
        set_aside_units=len(result.parked),
        amount_minor=sum(draft.bill.gross_minor for draft in result.drafts),
    )


def _count_chunk(chunk: BillRunChunk, own: Sequence[int], billed: Mapping[int, Draft], parked: set[int]) -> None:
    set_aside = sum(key in parked for key in own)
    skipped = len(own) - len(billed) - set_aside
    reasons = dict(chunk.skipped_reasons)
    if skipped:
        reasons[NOTHING_TO_BILL] = reasons.get(NOTHING_TO_BILL, 0) + skipped
    bills = [draft.bill for draft in billed.values()]
    BillRunChunk.objects.filter(pk=chunk.pk).update(
        account_count=F("account_count") + len(own),
        billed_count=F("billed_count") + len(bills),
        parked_count=F("parked_count") + set_aside,
        skipped_count=F("skipped_count") + skipped,
        skipped_reasons=reasons,
        net_minor=F("net_minor") + sum(made.net_minor for made in bills),
        tax_minor=F("tax_minor") + sum(made.tax_minor for made in bills),
        gross_minor=F("gross_minor") + sum(made.gross_minor for made in bills),
    )
