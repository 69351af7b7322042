"""Stopping, going on and giving up: what a person may do to a bill run on its way."""

from django.utils.translation import gettext_lazy as _

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from billing_site.jobs.progress import cancel_job, pause_job, resume_job, retry_parked
from invoicing.models import BillRun, Invoice
from invoicing.operations.charged_rows import throw_drafts_away
from invoicing.queries.account_scopes import ENDED
from subscribers.models import BillCycle

CANCELLABLE = frozenset({BillRun.State.PLANNED, BillRun.State.CALCULATING, BillRun.State.CALCULATED})
# Runs that cut their period when they are planned.
CUTTING = frozenset({BillRun.Kind.FULL, BillRun.Kind.PILOT})


class BillRunNotCancellable(BillingError):
    """Posting has begun: what is owed stays owed."""

    default_message = _("Posting has begun: the run cannot be cancelled. Mistakes are put right by credit notes.")
    default_code = "BILL_RUN_NOT_CANCELLABLE"


class BillRunNotLast(BillingError):
    """A later period of the cycle was cut: this one cannot be opened again."""

    default_message = _("A later run of the cycle exists: cancel that one first.")
    default_code = "BILL_RUN_NOT_LAST"


@durable
def cancel_bill_run(*, run_id: int, actor: User | None) -> BillRun:
    """
    Throw the drafts of a run away, and open its period again unless another run of it lives.

    :raises BillRunNotCancellable: if posting has begun
    :raises BillRunNotLast: if a later period of the cycle is cut already
    """
    cycle_id = BillRun.objects.values_list("cycle_id", flat=True).get(pk=run_id)
    cycle = BillCycle.objects.select_for_update().get(pk=cycle_id)
    run = BillRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state not in CANCELLABLE:
        raise BillRunNotCancellable
    cuts = run.kind in CUTTING
    if cuts and cycle.open_from != run.period_until:
        raise BillRunNotLast
    run.state = BillRun.State.CANCELLED
    run.save(update_fields=["state"])
    throw_drafts_away(Invoice.objects.filter(run_id=run_id, state=Invoice.State.DRAFT))
    crash_point("invoicing.cancel_bill_run.thrown_away")
    if cuts and not _others_of_period(run):
        cycle.open_from = run.period_from
        cycle.save(update_fields=["open_from"])
    job = Job.objects.filter(pk=run.job_id or 0).first()
    if job is not None and not job.is_finished:
        cancel_job(job_id=job.pk)
    record("invoicing.cancel_bill_run", actor=actor, subject=run)
    return run


def _others_of_period(run: BillRun) -> bool:
    """Whether another living run has bills of the period: then it stays cut."""
    others = BillRun.objects.filter(cycle_id=run.cycle_id, period_from=run.period_from, kind__in=CUTTING)
    return others.exclude(state__in=ENDED).exclude(pk=run.pk).exists()


@durable
def pause_bill_run(*, run_id: int, actor: User | None) -> BillRun:
    """
    Let chunks under way end and take no more.

    :raises JobCannotChange: if nothing runs
    """
    run = BillRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    pause_job(job_id=run.job_id or 0)
    record("invoicing.pause_bill_run", actor=actor, subject=run)
    return run


@durable
def resume_bill_run(*, run_id: int, actor: User | None) -> BillRun:
    """
    Take up again what is left: after a pause, after workers died, and after chunks were parked for errors that
    are mended now.

    Harmless for a run that is at work or at its end.
    """
    run = BillRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if Job.objects.filter(pk=run.job_id or 0, state=Job.State.PAUSED).exists():
        resume_job(job_id=run.job_id or 0)
    retry_parked(job_id=run.job_id or 0)
    record("invoicing.resume_bill_run", actor=actor, subject=run)
    return run
