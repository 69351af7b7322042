"""
The calculating phase of a bill run: a chunk of accounts becomes drafts, in one transaction.

An account whose data cannot be billed is parked with the reason and the others go on; an error of the database ends
the whole
chunk, which is tried again. The chunk's row is the truth: a chunk that is calculated is never calculated twice.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Now

from billing_site.core.errors import BillingError
from billing_site.core.money import RoundingMode
from billing_site.core.periods import DatePeriod
from billing_site.db.copying import copy_text
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import transaction_required
from billing_site.jobs.progress import add_progress, finish_job
from invoicing.domain.bill_bounds import bounds_from
from invoicing.domain.bill_items import LineKind
from invoicing.domain.bills import bill
from invoicing.models import BillRun, BillRunChunk, ContractBilling, ParkedAccount
from invoicing.operations.charged_rows import write_charged
from invoicing.operations.garbage import without_collection
from invoicing.operations.invoice_rows import INVOICE_COLUMNS, LINE_COLUMNS, TAX_COLUMNS, Draft, RowWriter
from invoicing.queries.account_scopes import Scope, read_scope
from invoicing.queries.bill_inputs import (
    AccountRow,
    ChunkInputs,
    ChunkScope,
    correction_items,
    read_chunk,
    usage_items,
)
from invoicing.queries.odd_bills import find_odd_bills
from invoicing.queries.reference import Reference

logger = logging.getLogger(__name__)

NOTHING_TO_BILL = "NOTHING_TO_BILL"
OTHER_CURRENCY = "OTHER_CURRENCY"
UNKNOWN_ITEM = "UNKNOWN_ITEM"
DEFECT = "DEFECT"
CONTRACT_KINDS = frozenset({LineKind.BONUS, LineKind.LEAVING_FEE})


class BillRunStopped(BillingError):
    """The run was cancelled, or is past the phase, while this piece of work was on its way."""

    default_code = "BILL_RUN_STOPPED"


@dataclass(slots=True)
class Calculated:
    """What came of the accounts of a chunk."""

    drafts: list[Draft] = field(default_factory=list)
    parked: list[ParkedAccount] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


@without_collection
@transaction_required
def calculate_chunk(*, chunk_id: int) -> None:
    """
    Make the drafts of a chunk's accounts; doing it again does nothing.

    :raises BillRunStopped: if the run was cancelled meanwhile; nothing is written then
    """
    chunk = BillRunChunk.objects.select_related("run", "run__cycle").select_for_update(of=("self",)).get(pk=chunk_id)
    if chunk.state != BillRunChunk.State.TODO:
        return
    run = chunk.run
    reference = Reference(run.reference)
    lo, hi = chunk.first_account_id, chunk.last_account_id
    inputs = read_chunk(scope=scope_of(run, first_id=lo, last_id=hi), reference=reference)
    crash_point("invoicing.calculate_chunk.read")
    result = calculate_accounts(
        run=run, inputs=inputs, reference=reference, scope=read_scope(run=run, first_id=lo, last_id=hi)
    )
    set_odd_bills_aside(run=run, result=result)
    write_drafts(run, inputs, result.drafts)
    ParkedAccount.objects.bulk_create(result.parked)
    crash_point("invoicing.calculate_chunk.copied")
    _close_chunk(chunk, result)
    _close_phase(chunk)
    crash_point("invoicing.calculate_chunk.closed")


def scope_of(run: BillRun, *, first_id: int, last_id: int, behind_from: date | None = None) -> ChunkScope:
    """Return what is read for accounts between two ids: everything from the run's row."""
    return ChunkScope(
        cycle_id=run.cycle_id,
        bill_day=run.cycle.bill_day,
        months=run.cycle.months,
        first_account_id=first_id,
        last_account_id=last_id,
        period=DatePeriod(run.period_from, run.period_until),
        usage_through=run.usage_through,
        ledger_through=run.ledger_through,
        ledger_after=run.ledger_after,
        ledger_after_of_runs=[(pk, through) for pk, through in run.reference.get("ledger_after_of_runs", ())],
        behind_from=behind_from,
    )


def calculate_accounts(*, run: BillRun, inputs: ChunkInputs, reference: Reference, scope: Scope) -> Calculated:
    """Make the bills of the accounts in scope; nothing is written."""
    result = Calculated()
    for account in inputs.accounts:
        if scope.chosen is not None and account.account_id not in scope.chosen:
            continue
        if account.account_id in scope.left:
            result.skipped[scope.left[account.account_id]] += 1
            continue
        _bill_account(result, run, account, inputs, reference)
    return result


def _bill_account(
    result: Calculated, run: BillRun, account: AccountRow, inputs: ChunkInputs, reference: Reference
) -> None:
    """Add what comes of one account: a bill, nothing, or a reason to set it aside."""
    try:
        draft = _draft_of(run, account, inputs, reference)
    except BillingError as error:
        _park(result, run, account, reason=error.code or DEFECT, detail=str(error))
    except KeyError as error:
        _park(result, run, account, reason=UNKNOWN_ITEM, detail=f"Not in the run's price list: {error}")
    except Exception as error:
        logger.exception("Account %s cannot be billed", account.number)
        _park(result, run, account, reason=DEFECT, detail=f"{type(error).__name__}: {error}")
    else:
        if draft is None:
            result.skipped[NOTHING_TO_BILL] += 1
        else:
            result.drafts.append(draft)


def set_odd_bills_aside(*, run: BillRun, result: Calculated) -> None:
    """Take the bills outside the bounds of their category out of the drafts, and set their accounts aside."""
    bounds = bounds_from(run.reference.get("bounds", {}))
    if not bounds:
        return
    amounts = {draft.account.account_id: draft.bill.gross_minor for draft in result.drafts}
    faults = find_odd_bills(amounts=amounts, bounds=bounds, before=run.period_from)
    if faults:
        result.drafts = [draft for draft in result.drafts if draft.account.account_id not in faults]
        result.parked += [
            ParkedAccount(
                run=run,
                account_id=account,
                reason=odd.fault.value,
                gross_minor=odd.gross_minor,
                usual_minor=odd.usual_minor,
            )
            for account, odd in faults.items()
        ]


def _draft_of(run: BillRun, account: AccountRow, inputs: ChunkInputs, reference: Reference) -> Draft | None:
    """Return the bill of an account, or ``None`` where there is nothing to bill."""
    key = account.account_id
    recurring = inputs.recurring.get(key, ())
    one_offs = inputs.one_offs.get(key, ())
    usage = inputs.usage.get(key, ())
    corrections = inputs.corrections.get(key, ())
    contract_charges = inputs.contract_charges.get(key, ())
    if not (recurring or one_offs or usage or corrections or contract_charges):
        return None
    if account.currency != run.currency:
        raise BillingError(
            f"The account is kept in {account.currency}, the run in {run.currency}.", code=OTHER_CURRENCY
        )
    made = bill(
        account_id=key,
        start_on=run.period_from,
        until_on=run.period_until,
        digits=run.currency_digits,
        tax_table=reference.tax_table,
        recurring=recurring,
        one_offs=one_offs,
        usage=usage_items(rows=usage, bill_day=run.cycle.bill_day, tax_category_of=reference.tax_category_of),
        corrections=correction_items(
            rows=corrections, bill_day=run.cycle.bill_day, tax_category_of=reference.tax_category_of
        ),
        discounts=inputs.discounts.get(key, ()),
        promotions=inputs.promotions.get(key, ()),
        contract_charges=contract_charges,
        periods=inputs.periods,
        rounding=RoundingMode(run.rounding_mode),
    )
    return Draft(account, made, usage, corrections)


def _park(result: Calculated, run: BillRun, account: AccountRow, *, reason: str, detail: str) -> None:
    result.parked.append(
        ParkedAccount(run=run, account_id=account.account_id, reason=reason[:64], detail=detail[:2000])
    )


@transaction_required
def write_drafts(run: BillRun, inputs: ChunkInputs, drafts: list[Draft]) -> list[int]:
    """Write bills as drafts of a run, and return their ids in the same order."""
    writer = RowWriter(run, inputs.number_of)
    ids = _reserve_ids(len(drafts))
    invoices: list[str] = []
    lines: list[str] = []
    taxes: list[str] = []
    for invoice_id, draft in zip(ids, drafts, strict=True):
        invoices.append(writer.invoice(invoice_id, draft))
        lines.extend(writer.lines(invoice_id, draft))
        taxes.extend(writer.taxes(invoice_id, draft.bill))
    copy_text(table="invoicing_invoice", columns=INVOICE_COLUMNS, lines=invoices)
    write_charged(ids=ids, drafts=drafts, inputs=inputs)
    copy_text(table="invoicing_invoiceline", columns=LINE_COLUMNS, lines=lines)
    copy_text(table="invoicing_invoicetax", columns=TAX_COLUMNS, lines=taxes)
    # The database refuses what another invoice has billed: the chunk is then done again from what is left.
    ContractBilling.objects.bulk_create(
        ContractBilling(contract_id=line.source_id or 0, kind=line.kind.value, invoice_id=invoice_id, n=line.position)
        for invoice_id, draft in zip(ids, drafts, strict=True)
        if draft.bill.reasons
        for line in draft.bill.lines
        if line.kind in CONTRACT_KINDS
    )
    return ids


def _reserve_ids(count: int) -> list[int]:
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            # The name of the sequence is looked up once, not once a row.
            "SELECT nextval(s.name) FROM (SELECT pg_get_serial_sequence('invoicing_invoice', 'id')::regclass AS name"
            " OFFSET 0) s, generate_series(1, %s)",
            [count],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def _close_chunk(chunk: BillRunChunk, result: Calculated) -> None:
    bills = [draft.bill for draft in result.drafts]
    chunk.state = BillRunChunk.State.CALCULATED
    chunk.billed_count = len(bills)
    chunk.parked_count = len(result.parked)
    chunk.skipped_count = result.skipped.total()
    chunk.account_count = chunk.billed_count + chunk.parked_count + chunk.skipped_count
    chunk.net_minor = sum(made.net_minor for made in bills)
    chunk.tax_minor = sum(made.tax_minor for made in bills)
    chunk.gross_minor = sum(made.gross_minor for made in bills)
    chunk.skipped_reasons = dict(result.skipped)
    chunk.save()


def _close_phase(chunk: BillRunChunk) -> None:
    """
    Add the chunk to the progress, and mark the run calculated if it was the last.

    The run's row is locked last and for a moment, before the job's: of two chunks that end together the second
    sees the first.

    :raises BillRunStopped: if the run is not being calculated any more
    """
    run_id = chunk.run_id
    run = BillRun.objects.select_for_update(no_key=True, of=("self",)).get(pk=run_id)
    if run.state not in {BillRun.State.PLANNED, BillRun.State.CALCULATING}:
        raise BillRunStopped(f"Bill run {run_id} is {run.state}.")
    add_progress(
        job_id=run.job_id or 0,
        done_units=chunk.account_count,
        set_aside_units=chunk.parked_count,
        amount_minor=chunk.gross_minor,
    )
    chunks = BillRunChunk.objects.filter(run_id=run_id)
    if chunks.filter(state=BillRunChunk.State.TODO).exists():
        BillRun.objects.filter(pk=run_id, state=BillRun.State.PLANNED).update(state=BillRun.State.CALCULATING)
        return
    sums = chunks.aggregate(
        **{name: Sum(name) for name in ("account_count", "billed_count", "parked_count", "skipped_count")},
        **{name: Sum(name) for name in ("net_minor", "tax_minor", "gross_minor")},
    )
    BillRun.objects.filter(pk=run_id).update(
        state=BillRun.State.CALCULATED,
        calculated_at=Now(),
        **{name: total or 0 for name, total in sums.items()},
    )
    finish_job(job_id=run.job_id or 0, result={name: total or 0 for name, total in sums.items()})
