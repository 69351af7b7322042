"""
The delivering phase: papers of a posted run are rendered by workers.

Only subscribers who get their bill by e-mail are rendered ahead; everybody else's paper is made when somebody asks
for it. A paper
depends on frozen rows alone, so a piece of work that is done twice writes the same file twice.
"""

from django.db.models.functions import Now

from billing_site.audit.recording import SYSTEM
from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.jobs.progress import add_progress, finish_job, start_job
from billing_site.jobs.work import add_work
from invoicing.models import BillRun, Invoice
from invoicing.operations.bill_run_calculation import BillRunStopped
from invoicing.operations.invoice_papers import keep_pdf
from invoicing.queries.papers import make_paper

RENDER = "invoicing.render_invoices"
INVOICES_OF_AN_ITEM = 20


@durable
def deliver_bill_run(*, run_id: int) -> BillRun:
    """
    Hand out the papers of a posted run; doing it again does nothing.

    :raises BillRunStopped: if the run is not posted
    """
    return start_delivery(run_id=run_id)


@transaction_required
def start_delivery(*, run_id: int) -> BillRun:
    """
    Make the pieces of work of a run's papers, in the caller's transaction.

    :raises BillRunStopped: if the run is not posted
    """
    run = BillRun.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=run_id)
    if run.state in {BillRun.State.DELIVERING, BillRun.State.DELIVERED}:
        return run
    if run.state != BillRun.State.POSTED:
        raise BillRunStopped(f"Bill run {run_id} is {run.state}.")
    ids = [invoice_id for (invoice_id,) in fetch_sql("invoicing", "find_papers_ahead", {"run": run_id})]
    run.job = start_job(
        kind="invoicing.bill_run",
        title=gettext_noop("Bill run %(cycle)s, %(period)s: delivery"),
        started_by=SYSTEM,
        key=f"bill-run-{run.pk}-deliver",
        stage="Deliver",
        total_units=len(ids),
        parameters={"run_id": run.pk, "cycle": run.cycle.code, "period": f"{run.period_from:%Y-%m}"},
    )
    run.state = BillRun.State.DELIVERING
    run.save()
    parts = [ids[at : at + INVOICES_OF_AN_ITEM] for at in range(0, len(ids), INVOICES_OF_AN_ITEM)]
    add_work(
        kind=RENDER,
        items={f"{run.pk}/{n}": {"run_id": run.pk, "invoice_ids": part} for n, part in enumerate(parts, start=1)},
        job_id=run.job.pk,
    )
    if not ids:
        _finish(run)
    crash_point("invoicing.deliver_bill_run.handed_out")
    return run


@transaction_required
def render_invoices(*, run_id: int, invoice_ids: list[int]) -> None:
    """Render and keep the papers of some invoices of a run."""
    reference = BillRun.objects.only("reference").get(pk=run_id).reference
    for invoice in Invoice.objects.filter(pk__in=invoice_ids, run_id=run_id, state="POSTED").order_by("pk"):
        keep_pdf(paper=make_paper(invoice=invoice, reference=reference, language=invoice.language))
        crash_point("invoicing.render_invoices.kept")
    crash_point("invoicing.render_invoices.rendered")
    run = BillRun.objects.select_for_update(no_key=True, of=("self",)).select_related("job").get(pk=run_id)
    if run.job is None:
        return
    add_progress(job_id=run.job.pk, done_units=len(invoice_ids))
    run.job.refresh_from_db()
    if run.job.done_units >= run.job.total_units:
        _finish(run)


def _finish(run: BillRun) -> None:
    BillRun.objects.filter(pk=run.pk).update(state=BillRun.State.DELIVERED, delivered_at=Now())
    finish_job(job_id=run.job_id or 0)
