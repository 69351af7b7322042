"""
The calculating phase of a bill run: a chunk of accounts becomes drafts, in one transaction.

An account whose data cannot be billed is parked with the reason and the others go on; an error of the database ends
the whole
chunk, which is tried again. The chunk's row is the truth: a chunk that is calculated is never calculated twice.
"""

from django.db.models import Sum
from django.db.models.functions import Now

from billing_site.core.errors import BillingError
from billing_site.core.garbage import without_collection
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import (
    commit_to_disk,
    commit_without_waiting,
    read_by_keys,
    transaction_required,
)
from billing_site.jobs.progress import add_progress, finish_job
from invoicing.models import BillRun, BillRunChunk, ParkedAccount
from invoicing.operations.bill_run_drafts import (
    Calculated,
    calculate_accounts,
    scope_of,
    set_odd_bills_aside,
    write_drafts,
)
from invoicing.operations.bill_run_payers import bill_payers
from invoicing.queries.account_scopes import read_scope
from invoicing.queries.bill_inputs import read_chunk
from invoicing.queries.reference import Reference


class BillRunStopped(BillingError):
    """The run was cancelled, or is past the phase, while this piece of work was on its way."""

    default_code = "BILL_RUN_STOPPED"


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
    read_by_keys()
    commit_without_waiting()
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
    commit_to_disk()
    bill_payers(run)
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
