"""
Taking a posted run back: one person asks and says why, another does it.

It is a run of reversals: every bill that is still owed gets a credit note, keeps its number, and frees what it had
charged for the next run. Nothing is deleted, and a piece that is done is never done twice.
"""

from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.progress import add_progress, finish_job, start_job
from billing_site.jobs.work import add_work
from billing_site.ledger.models import PeriodLock
from invoicing.models import BillRun, BillRunChunk, Invoice
from invoicing.operations.bill_run_parked import POSTED
from invoicing.operations.bill_run_posting import BooksClosed, SecondPersonNeeded
from invoicing.operations.cancellations import cancel_invoices, refuse_run_at_work
from subscribers.models import BillCycle

UNDO = "invoicing.undo_chunk"
# Of whoever keeps payments: a name, not an import.
BRING_UP = "payments.bring_undone_up"


class BillRunNotOwed(BillingError):
    """Only what is owed can be taken back."""

    default_message = gettext_noop("Only a posted run is taken back; one that is not posted is cancelled.")
    default_code = "BILL_RUN_NOT_OWED"


class UndoReasonMissing(BillingError):
    """A whole run is taken back for no reason."""

    default_message = gettext_noop("Say why the run is taken back: it stands on every credit note.")
    default_code = "UNDO_REASON_MISSING"


class UndoNotAsked(BillingError):
    """Nobody asked for it."""

    default_message = gettext_noop("Nobody has asked for this run to be taken back: one person asks, another does it.")
    default_code = "UNDO_NOT_ASKED"


@durable
def ask_undo_bill_run(*, run_id: int, reason: str, actor: User) -> BillRun:
    """
    Ask for a posted run to be taken back; nothing is written but who asks and why.

    :raises BillRunNotOwed: if the run is not posted, or taken back
    :raises UndoReasonMissing: without a reason
    """
    run = _locked(run_id)
    if not reason.strip():
        raise UndoReasonMissing
    run.undo_asked_by, run.undo_reason = actor, reason.strip()
    run.save(update_fields=["undo_asked_by", "undo_reason"])
    record("invoicing.ask_undo_bill_run", actor=actor, subject=run, changes={"reason": run.undo_reason})
    return run


@durable
def undo_bill_run(*, run_id: int, actor: User, at: datetime) -> BillRun:
    """
    Take a posted run back: its pieces are handed out to be credited, bill by bill. This cannot be undone.

    :param at: now; the credit notes are dated by its day
    :raises BillRunNotOwed: if the run is not posted, or taken back
    :raises UndoNotAsked: if nobody asked for it
    :raises SecondPersonNeeded: if the same person asked for it
    :raises BooksClosed: if the day lies in a closed period
    :raises BillRunAtWork: while bills of the cycle are being calculated
    """
    # The cycle is held as when a run is planned: none begins that does not see what is being freed.
    cycle_id = BillRun.objects.values_list("cycle_id", flat=True).get(pk=run_id)
    refuse_run_at_work(cycle_id)
    run = _locked(run_id)
    if run.undo_asked_by_id is None:
        raise UndoNotAsked
    if run.undo_asked_by_id == actor.pk:
        raise SecondPersonNeeded
    if PeriodLock.objects.filter(closed_through__gte=_day_of(at)).exists():
        raise BooksClosed
    run.state, run.undone_by, run.undone_at = BillRun.State.UNDOING, actor, at
    run.job = start_job(
        kind="invoicing.bill_run",
        title=gettext_noop("Bill run %(cycle)s, %(period)s: taken back"),
        started_by=actor.username,
        key=f"bill-run-{run.pk}-undo",
        stage="Take back",
        total_units=run.posted_count,
        parameters={"run_id": run.pk, "cycle": run.cycle.code, "period": f"{run.period_from:%Y-%m}"},
    )
    run.save()
    record("invoicing.undo_bill_run", actor=actor, subject=run, changes={"reason": run.undo_reason})
    chunks = run.chunks.order_by("n").values_list("n", "pk")
    add_work(kind=UNDO, items={f"{run.pk}/{n}": {"chunk_id": pk} for n, pk in chunks}, job_id=run.job.pk)
    crash_point("invoicing.undo_bill_run.handed_out")
    return run


@transaction_required
def undo_chunk(*, chunk_id: int) -> None:
    """Credit every bill of a piece that is still owed; doing it again does nothing."""
    chunk = BillRunChunk.objects.select_for_update(of=("self",)).get(pk=chunk_id)
    if chunk.state == BillRunChunk.State.UNDONE:
        return
    # A single account's bill of this moment sees what is freed, or is made before.
    cycle_id = BillRun.objects.values_list("cycle_id", flat=True).get(pk=chunk.run_id)
    BillCycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    run = BillRun.objects.select_related("undo_asked_by", "undone_by").get(pk=chunk.run_id)
    if run.undo_asked_by is None or run.undone_by is None or run.undone_at is None:
        raise UndoNotAsked
    owed = Invoice.objects.filter(run_id=run.pk, state=Invoice.State.POSTED)
    owed = owed.filter(account_id__range=(chunk.first_account_id, chunk.last_account_id)).order_by("account_id")
    cancelled = cancel_invoices(
        invoice_ids=list(owed.values_list("pk", flat=True)),
        issued_on=_day_of(run.undone_at),
        asked_by=run.undo_asked_by,
        done_by=run.undone_by,
        note=run.undo_reason,
        at=run.undone_at,
    )
    crash_point("invoicing.undo_chunk.credited")
    bounds = {"first_account_id": chunk.first_account_id, "last_account_id": chunk.last_account_id}
    add_work(kind=BRING_UP, items={f"{run.pk}/{chunk.n}": {"run_id": run.pk, **bounds}})
    chunk.state = BillRunChunk.State.UNDONE
    chunk.save(update_fields=["state"])
    # The run's row is locked last and for a moment: of two pieces that end together the second sees the first.
    BillRun.objects.select_for_update(no_key=True, of=("self",)).get(pk=run.pk)
    add_progress(job_id=run.job_id or 0, done_units=chunk.posted_count, amount_minor=-cancelled.gross_minor)
    if not run.chunks.exclude(state=BillRunChunk.State.UNDONE).exists():
        BillRun.objects.filter(pk=run.pk).update(state=BillRun.State.UNDONE)
        finish_job(job_id=run.job_id or 0)
    crash_point("invoicing.undo_chunk.closed")


def _locked(run_id: int) -> BillRun:
    run = BillRun.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=run_id)
    if run.state not in POSTED:
        raise BillRunNotOwed
    return run


def _day_of(at: datetime) -> date:
    return at.astimezone(clock.operator_zone()).date()
