"""
The bills of accounts that pay for others, and of those paid for: made together, once all other chunks are calculated.

They lie in any chunks; each is counted in its own. Who cannot be billed because the payer cannot is set aside with
that reason. What a payer pays that has its bill already waits for its next one, so that nothing is taken over that
nobody takes on.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from django.db.models import F

from billing_site.core.messages import Message, gettext_noop
from billing_site.core.money import micro_per_minor
from billing_site.db.transactions import transaction_required
from billing_site.jobs.progress import add_progress
from invoicing.domain.bill_items import LineKind
from invoicing.domain.closing import round_to_cash
from invoicing.domain.payers import PayerRule, Taken, by_account, take_over, with_taken, without_rounding
from invoicing.models import BillRun, BillRunChunk, FinalBill, Invoice, ParkedAccount
from invoicing.operations.bill_run_drafts import (
    NOTHING_TO_BILL,
    Calculated,
    calculate_accounts,
    detail_of,
    scope_of,
    set_odd_bills_aside,
    write_drafts,
)
from invoicing.operations.invoice_rows import Draft
from invoicing.queries.account_inputs import read_carried, read_payer_rules
from invoicing.queries.account_scopes import Scope, read_scope
from invoicing.queries.bill_inputs import ChunkInputs, read_chunk
from invoicing.queries.reference import Reference

PAYER_PARKED = "PAYER_PARKED"
WHY_PARKED = gettext_noop("Account %(payer)s pays for it and cannot be billed.")


class Tied(NamedTuple):
    """What came of the accounts of a run that are billed together; ``accounts`` are all of them, in order."""

    inputs: ChunkInputs
    result: Calculated
    accounts: Sequence[int]


class Elsewhere(NamedTuple):
    """Payers that have no bill in hand: billed already, or gone for good with their final bill."""

    billed: frozenset[int] = frozenset()
    left: frozenset[int] = frozenset()


@transaction_required
def bill_payers(run: BillRun) -> None:
    """Make the bills of a run's payers and of whom they pay for; nothing where nobody pays for another."""
    chunks = list(run.chunks.order_by("n"))
    ranges = [(chunk.first_account_id, chunk.last_account_id) for chunk in chunks]
    tied = calculate_tied(run=run, ranges=ranges, reference=Reference(run.reference))
    if tied is None:
        return
    write_drafts(run, tied.inputs, tied.result.drafts)
    ParkedAccount.objects.bulk_create(tied.result.parked)
    _count(run, chunks, tied.result, accounts=tied.accounts)


def calculate_tied(
    *,
    run: BillRun,
    ranges: Sequence[tuple[int, int]],
    reference: Reference,
    chosen: Collection[int] | None = None,
) -> Tied | None:
    """
    Make the bills of accounts that pay for others, and of those paid for, in ranges of accounts in the order of ids;
    nothing is written. ``None`` where nobody pays for another.

    :param chosen: the accounts meant, where they are not those of the run's rows
    """
    if not ranges:
        return None
    first_id, last_id = ranges[0][0], ranges[-1][1]
    rules = read_payer_rules(
        cycle_id=run.cycle_id, first_account_id=first_id, last_account_id=last_id, until=run.period_until
    )
    waiting = read_carried(parameters=scope_of(run, first_id=first_id, last_id=last_id).parameters, number_of={})
    keys = sorted({key for rule in rules for key in rule[:2]} | waiting.keys())
    accounts = accounts_in_scope(run, keys, chosen=chosen) if keys else []
    if not accounts:
        return None
    read = scope_of(run, first_id=accounts[0], last_id=accounts[-1], only=accounts)
    inputs = read_chunk(scope=read, reference=reference)
    result = calculate_accounts(run=run, inputs=inputs, reference=reference, scope=Scope())
    # Bounds are about what an account comes to by itself: its usual bill is compared before anything is taken over.
    set_odd_bills_aside(run=run, result=result)
    settle_payers(run=run, result=result, rules=rules, reference=reference, inputs=inputs)
    return Tied(inputs, result, [row.account_id for row in inputs.accounts])


def accounts_in_scope(run: BillRun, accounts: Sequence[int], *, chosen: Collection[int] | None = None) -> list[int]:
    """Return the accounts that the run bills; those that it leaves alone are counted in their chunks."""
    scope = read_scope(run=run, first_id=accounts[0], last_id=accounts[-1], chosen=chosen)
    return [key for key in accounts if key not in scope.left and (scope.chosen is None or key in scope.chosen)]


def settle_payers(
    *,
    run: BillRun,
    result: Calculated,
    rules: Sequence[PayerRule],
    reference: Reference,
    inputs: ChunkInputs,
    is_single: bool = False,
) -> None:
    """
    Move what is paid by others from bill to bill, in place.

    What a payer pays that has its bill already goes onto its next one; who cannot be billed yet is waited for; for one
    that left with its final bill everybody pays himself (ADR 0035).

    :param is_single: one account is billed by itself: whatever its payers pay goes onto their next bills
    """
    drafts = {draft.account.account_id: draft for draft in result.drafts}
    bare = {key: without_rounding(draft.bill) for key, draft in drafts.items()}
    elsewhere = _find_elsewhere(run, {rule.payer_id for rule in rules} - drafts.keys())
    over: dict[int, Sequence[Taken]] = {}
    on: dict[int, list[Taken]] = {key: list(taken) for key, taken in inputs.carried.items()}
    for account_id, every in by_account(rules).items():
        own = [rule for rule in every if rule.payer_id in drafts or rule.payer_id not in elsewhere.left]
        if account_id not in drafts or not own:
            continue
        lost = next((r for r in own if r.payer_id not in drafts and r.payer_id not in elsewhere.billed), None)
        if lost is not None and not is_single:
            _park(run, result, lost)
            del drafts[account_id]
            continue
        over[account_id] = take_over(made=bare[account_id], rules=own)
        for taken in over[account_id]:
            if taken.rule.payer_id in drafts:
                on.setdefault(taken.rule.payer_id, []).append(taken)
    result.drafts = []
    for key, draft in drafts.items():
        settled = _settled(run, draft, over.get(key, ()), on.get(key, ()), reference, in_hand=drafts.keys())
        if settled.bill.lines:
            result.drafts.append(settled)
        else:
            result.skipped[NOTHING_TO_BILL] += 1


def _find_elsewhere(run: BillRun, payers: Collection[int]) -> Elsewhere:
    if not payers:
        return Elsewhere()
    billed = Invoice.objects.filter(account_id__in=payers, period_from__gte=run.period_from)
    left = FinalBill.objects.filter(account_id__in=payers)
    return Elsewhere(
        frozenset(billed.exclude(state=Invoice.State.CANCELLED).values_list("account_id", flat=True)),
        frozenset(left.values_list("account_id", flat=True)),
    )


def _settled(
    run: BillRun,
    draft: Draft,
    over: Sequence[Taken],
    on: Sequence[Taken],
    reference: Reference,
    *,
    in_hand: Collection[int],
) -> Draft:
    """Return a draft with what others pay of it and what it pays, of which payers ``in_hand`` have their part now."""
    if not over and not on:
        return draft
    made = with_taken(
        made=without_rounding(draft.bill), over=over, on=on, start_on=run.period_from, until_on=run.period_until
    )
    lines = [line for line in made.lines if line.kind is LineKind.TAKEN_OVER]
    carries = [
        (line.position, taken.rule.payer_id)
        for line, taken in zip(lines, over, strict=True)
        if taken.rule.payer_id not in in_hand
    ]
    if reference.cash_unit is not None:
        unit = micro_per_minor(digits=run.currency_digits)
        made = round_to_cash(made, reference.cash_unit, start_on=run.period_from, until_on=run.period_until, unit=unit)
    return draft._replace(bill=made, carries=carries)


def _park(run: BillRun, result: Calculated, rule: PayerRule) -> None:
    detail = detail_of(Message(msgid=WHY_PARKED, params={"payer": rule.payer_number}))
    result.parked.append(
        ParkedAccount(run=run, account_id=rule.account_id, reason=PAYER_PARKED, waits_for_id=rule.payer_id, **detail)
    )


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
