"""What a job says of itself: written by whoever works on it, read by browser and terminal alike."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Now

from billing_site.core.errors import BillingError
from billing_site.db.transactions import transaction_required
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.work import ring


class JobCannotChange(BillingError):
    """The job is in a state in which the wish makes no sense."""


def start_job(*, kind: str, title: str, started_by: str, key: str | None = None, **fields: Any) -> Job:
    """Create a running job; with a ``key`` that exists already, return that one."""
    if key is not None:
        existing = Job.objects.filter(key=key).first()
        if existing is not None:
            return existing
    return Job.objects.create(
        kind=kind, title=title, started_by=started_by, key=key, state=Job.State.RUNNING, started_at=Now(), **fields
    )


def set_stage(*, job_id: int, stage: str, index: int, count: int, total_units: int) -> None:
    """
    Begin a stage: its name, its place and how many units it has.

    A queued job runs from now on; one that somebody paused or cancelled meanwhile stays so.
    """
    begun = Case(When(state=Job.State.QUEUED, then=Value(Job.State.RUNNING)), default=F("state"))
    Job.objects.filter(pk=job_id).update(
        stage=stage,
        stage_index=index,
        stage_count=count,
        total_units=total_units,
        done_units=0,
        state=begun,
        started_at=Coalesce(F("started_at"), Now()),
    )


def add_progress(*, job_id: int, done_units: int, set_aside_units: int = 0, amount_minor: int = 0) -> None:
    """Add to the counters, in the transaction of the work that they count."""
    changes: dict[str, Any] = {
        "done_units": F("done_units") + done_units,
        "set_aside_units": F("set_aside_units") + set_aside_units,
    }
    if amount_minor:
        changes["amount_minor"] = Coalesce(F("amount_minor"), 0) + amount_minor
    Job.objects.filter(pk=job_id).update(**changes)


def finish_job(*, job_id: int, message: str = "", result: dict[str, Any] | None = None) -> None:
    """Mark a job done; one that was cancelled stays cancelled."""
    rows = Job.objects.filter(pk=job_id).exclude(state=Job.State.CANCELLED)
    rows.update(state=Job.State.DONE, message=message, result=result or {}, finished_at=Now())


def fail_job(*, job_id: int, message: str, result: dict[str, Any] | None = None) -> None:
    """Mark a job failed, with the reason and what to do; ``result`` holds what its own page shows of it."""
    told = {"state": Job.State.FAILED, "message": message, "finished_at": Now(), "result": result or {}}
    Job.objects.filter(pk=job_id).update(**told)


@transaction_required
def run_as_job(work: Callable[[], str], *, job_id: int) -> None:
    """
    Do what a job is about in one go, all of it or nothing, in the transaction of its work item.

    A refusal undoes the work and is the job's last word; so is a cancellation that came while it was done.

    :param work: returns the last word of a job that is done
    """
    try:
        with transaction.atomic():
            message = work()
            _refuse_cancelled(job_id)
    except JobCannotChange:
        return
    except BillingError as error:
        params = {name: value if isinstance(value, int) else str(value) for name, value in error.context.items()}
        Job.objects.filter(pk=job_id).update(result={"params": params})
        fail_job(job_id=job_id, message=str(error.template))
        return
    Job.objects.filter(pk=job_id).update(done_units=F("total_units"))
    finish_job(job_id=job_id, message=message)


def say_stage(*, job_id: int, stage: str, index: int, count: int) -> None:
    """
    Say which stage a long transaction is in, before it commits: over a connection of its own.

    It waits for nobody: where the job's row is locked, it says nothing.
    """
    aside = connection.copy()
    try:
        with aside.cursor() as cursor:
            cursor.execute(
                "UPDATE jobs_job SET stage = %s, stage_index = %s, stage_count = %s WHERE id ="
                " (SELECT id FROM jobs_job WHERE id = %s FOR UPDATE SKIP LOCKED)",
                [stage, index, count, job_id],
            )
    finally:
        aside.close()


def pause_job(*, job_id: int) -> None:
    """
    Stop taking new pieces; those under way end.

    :raises JobCannotChange: if it does not run
    """
    _change(job_id, {Job.State.QUEUED, Job.State.RUNNING}, Job.State.PAUSED)


def resume_job(*, job_id: int) -> None:
    """
    Take pieces again, at once: the workers are rung for every kind of work that the job has left.

    :raises JobCannotChange: if it is not paused
    """
    _change(job_id, {Job.State.PAUSED}, Job.State.RUNNING)
    _ring_for_what_is_left(job_id)


def retry_parked(*, job_id: int) -> int:
    """
    Give new attempts to the parked pieces of a job, which runs again if it had failed; return how many there were.

    The workers are rung for everything that the job has left.
    """
    parked = WorkItem.objects.filter(job_id=job_id, state=WorkItem.State.PARKED)
    count = parked.update(state=WorkItem.State.TODO, attempt=0, claimed_until=None, finished_at=None)
    if count:
        failed = Job.objects.filter(pk=job_id, state=Job.State.FAILED)
        failed.update(state=Job.State.RUNNING, message="", finished_at=None)
    _ring_for_what_is_left(job_id)
    return count


def fail_stranded_jobs() -> int:
    """
    Mark as failed the running jobs that have nothing left to do but parked pieces; return how many.

    The first parked piece says why. Whoever mends that takes the job up again where it is started.
    """
    first = "(SELECT w.id FROM jobs_workitem w WHERE w.job_id = j.id AND w.state = 'PARKED' ORDER BY w.id LIMIT 1)"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_job j SET state = 'FAILED', finished_at = now(),"  # noqa: S608 - a text of ours
            " message = left(p.kind || ' ' || p.key || ': ' || p.last_error, 500)"
            f" FROM jobs_workitem p WHERE j.state = 'RUNNING' AND p.job_id = j.id AND p.id = {first}"
            " AND NOT EXISTS (SELECT FROM jobs_workitem w WHERE w.job_id = j.id AND w.state = 'TODO')"
        )
        return int(cursor.rowcount)


def cancel_job(*, job_id: int) -> None:
    """
    End a job after the pieces under way.

    :raises JobCannotChange: if it is finished
    """
    _change(job_id, {Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED}, Job.State.CANCELLED)


def _refuse_cancelled(job_id: int) -> None:
    if Job.objects.select_for_update().get(pk=job_id).state == Job.State.CANCELLED:
        raise JobCannotChange


def _ring_for_what_is_left(job_id: int) -> None:
    for kind in WorkItem.objects.filter(job_id=job_id, state="TODO").values_list("kind", flat=True).distinct():
        transaction.on_commit(partial(ring, kind))


def _change(job_id: int, allowed: set[Job.State], target: Job.State) -> None:
    changes: dict[str, Any] = {"state": target}
    if target == Job.State.CANCELLED:
        changes["finished_at"] = Now()
    if not Job.objects.filter(pk=job_id, state__in=allowed).update(**changes):
        state = Job.objects.filter(pk=job_id).values_list("state", flat=True).first() or "unknown"
        message = f"Job {job_id} is {state}: it cannot become {target}."
        raise JobCannotChange(message)
