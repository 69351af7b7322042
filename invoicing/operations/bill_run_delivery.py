"""
The delivering phase: each posted bill of a run gets a row for each of its ways, and goes out on it.

Pieces of work are ranges of accounts (rows written by one statement), then twenty papers at a time for those who get
mail. A paper depends on frozen rows alone, so a piece of work that is done twice writes the same file twice. Mail is
sent by ``bill_mails``, paper printed by ``print_batches``; both have jobs of their own.
"""

from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from billing_site.audit.recording import SYSTEM
from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.db.sql import run_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.jobs.models import Job
from billing_site.jobs.progress import add_progress, finish_job, set_stage, start_job
from billing_site.jobs.work import add_work, enqueue_on_commit
from invoicing.models import BillDelivery, BillRun, BillRunChunk, Invoice
from invoicing.operations.bill_run_calculation import BillRunStopped
from invoicing.operations.invoice_papers import keep_pdf
from invoicing.queries.bill_deliveries import MAIL_JOB
from invoicing.queries.papers import make_paper

WRITE = "invoicing.write_deliveries"
RENDER = "invoicing.render_invoices"
SEND = "invoicing.send_bills"
PAPERS_OF_AN_ITEM = 20
DELIVER_TITLE = gettext_noop("Bill run %(cycle)s, %(period)s: delivery")
MAIL_TITLE = gettext_noop("Bill run %(cycle)s, %(period)s: mail")
WAYS_STAGE = gettext_noop("How each bill goes out")
PAPERS_STAGE = gettext_noop("Papers for the mail")
MAIL_STAGE = gettext_noop("Mail sent")
TAKEN_BACK = gettext_noop("The bill was taken back.")


@durable
def deliver_bill_run(*, run_id: int) -> BillRun:
    """
    Hand out the bills of a posted run; doing it again does nothing.

    :raises BillRunStopped: if the run is not posted
    """
    return start_delivery(run_id=run_id)


@transaction_required
def start_delivery(*, run_id: int) -> BillRun:
    """
    Make the pieces of work of a run's delivery, in the caller's transaction.

    :raises BillRunStopped: if the run is not posted
    """
    run = _locked(run_id)
    if run.state in {BillRun.State.DELIVERING, BillRun.State.DELIVERED}:
        return run
    if run.state != BillRun.State.POSTED:
        raise BillRunStopped(f"Bill run {run_id} is {run.state}.")
    run.job = start_job(
        kind="invoicing.bill_run",
        title=DELIVER_TITLE,
        started_by=SYSTEM,
        key=f"bill-run-{run.pk}-deliver",
        stage=WAYS_STAGE,
        stage_count=2,
        total_units=run.posted_count,
        parameters=_words(run),
    )
    run.state = BillRun.State.DELIVERING
    run.save()
    chunks = run.chunks.filter(posted_count__gt=0).order_by("n").values_list("n", "pk")
    add_work(kind=WRITE, items={f"{run.pk}/{n}": {"chunk_id": pk} for n, pk in chunks}, job_id=run.job.pk)
    if not chunks:
        _finish(run)
    crash_point("invoicing.deliver_bill_run.handed_out")
    return run


@transaction_required
def write_deliveries(*, chunk_id: int, at: datetime) -> None:
    """Write how each bill of a range of accounts goes out; after the last range hand the papers and batches out."""
    chunk = BillRunChunk.objects.get(pk=chunk_id)
    range_of = {"run": chunk.run_id, "lo": chunk.first_account_id, "hi": chunk.last_account_id, "at": at}
    run_sql("invoicing", "write_deliveries", range_of)
    crash_point("invoicing.write_deliveries.written")
    run = _locked(chunk.run_id)
    job = _progressed(run, done_units=chunk.posted_count)
    if job is not None and job.stage_index == 1 and job.done_units >= job.total_units:
        _hand_out(run, job)
    crash_point("invoicing.write_deliveries.closed")


@transaction_required
def render_invoices(*, run_id: int, delivery_ids: list[int], at: datetime) -> None:
    """Render and keep the papers of some mails of a run; from ``at`` on these may be sent."""
    reference = BillRun.objects.only("reference").get(pk=run_id).reference
    mails = _mails(run_id).filter(pk__in=delivery_ids)
    languages = {mail.bill_id: mail.language for mail in mails.only("invoice_id", "language")}
    for invoice in Invoice.objects.filter(pk__in=languages).order_by("pk"):
        keep_pdf(paper=make_paper(invoice=invoice, reference=reference, language=languages[invoice.pk]))
        crash_point("invoicing.render_invoices.kept")
    mails.filter(due_at__isnull=True).update(due_at=at)
    enqueue_on_commit(SEND)
    crash_point("invoicing.render_invoices.rendered")
    run = _locked(run_id)
    job = _progressed(run, done_units=len(delivery_ids))
    if job is not None and job.done_units >= job.total_units:
        _finish(run)


@transaction_required
def plan_print_batches(*, run_id: int) -> int:
    """Put bills of a run that wait for paper into batches, in the order of the rounds; return how many bills."""
    with connection.cursor() as cursor:  # one statement for all bills of the country
        cursor.execute("SET LOCAL statement_timeout = 0")
    run_sql("invoicing", "withdraw_taken_back", {"run": run_id, "why": TAKEN_BACK})
    return run_sql("invoicing", "plan_print_batches", {"run": run_id, "size": settings.SALDO_PRINT_BATCH_BILLS})


def mail_job_key(run_id: int) -> str:
    """Return the key of the job that counts the mails of a run."""
    return f"bill-run-{run_id}-mail"


def _hand_out(run: BillRun, job: Job) -> None:
    plan_print_batches(run_id=run.pk)
    ids = list(_mails(run.pk).order_by("pk").values_list("pk", flat=True))
    set_stage(job_id=job.pk, stage=PAPERS_STAGE, index=2, count=2, total_units=len(ids))
    if not ids:
        _finish(run)
        return
    start_job(
        kind=MAIL_JOB,
        title=MAIL_TITLE,
        started_by=SYSTEM,
        key=mail_job_key(run.pk),
        stage=MAIL_STAGE,
        total_units=len(ids),
        parameters=_words(run),
    )
    parts = [ids[at : at + PAPERS_OF_AN_ITEM] for at in range(0, len(ids), PAPERS_OF_AN_ITEM)]
    add_work(
        kind=RENDER,
        items={f"{run.pk}/{n}": {"run_id": run.pk, "delivery_ids": part} for n, part in enumerate(parts, start=1)},
        job_id=job.pk,
    )


def _finish(run: BillRun) -> None:
    BillRun.objects.filter(pk=run.pk).update(state=BillRun.State.DELIVERED, delivered_at=Now())
    finish_job(job_id=run.job_id or 0)


def _progressed(run: BillRun, *, done_units: int) -> Job | None:
    """Add to the progress of a run that is locked, and return its job as it is then."""
    if run.job is None:
        return None
    add_progress(job_id=run.job.pk, done_units=done_units)
    run.job.refresh_from_db()
    return run.job


def _locked(run_id: int) -> BillRun:
    runs = BillRun.objects.select_for_update(no_key=True, of=("self",)).select_related("cycle", "job")
    return runs.defer("reference").get(pk=run_id)


def _mails(run_id: int) -> QuerySet[BillDelivery]:
    waiting = BillDelivery.objects.filter(run_id=run_id, channel="E_MAIL", state=BillDelivery.State.WAITING)
    return waiting.filter(credit_note_id__isnull=True)


def _words(run: BillRun) -> dict[str, object]:
    return {"run_id": run.pk, "cycle": run.cycle.code, "period": f"{run.period_from:%Y-%m}"}
