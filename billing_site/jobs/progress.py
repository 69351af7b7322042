"""What a job says of itself: written by whoever works on it, read by browser and terminal alike."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Now

from billing_site.core.errors import BillingError
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


def fail_job(*, job_id: int, message: str) -> None:
    """Mark a job failed, with the reason and what to do."""
    Job.objects.filter(pk=job_id).update(state=Job.State.FAILED, message=message, finished_at=Now())


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
    for kind in WorkItem.objects.filter(job_id=job_id, state="TODO").values_list("kind", flat=True).distinct():
        transaction.on_commit(partial(ring, kind))


def cancel_job(*, job_id: int) -> None:
    """
    End a job after the pieces under way.

    :raises JobCannotChange: if it is finished
    """
    _change(job_id, {Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED}, Job.State.CANCELLED)


def _change(job_id: int, allowed: set[Job.State], target: Job.State) -> None:
    changes: dict[str, Any] = {"state": target}
    if target == Job.State.CANCELLED:
        changes["finished_at"] = Now()
    if not Job.objects.filter(pk=job_id, state__in=allowed).update(**changes):
        state = Job.objects.filter(pk=job_id).values_list("state", flat=True).first() or "unknown"
        message = f"Job {job_id} is {state}: it cannot become {target}."
        raise JobCannotChange(message)
