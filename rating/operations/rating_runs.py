"""Rating runs: which files are rated together, in what pieces."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from billing_site.audit.recording import SYSTEM, record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.progress import fail_job, retry_parked, start_job
from billing_site.jobs.work import do_next, ring
from rating.engine.layout import Part, parts_of
from rating.engine.stages import KINDS, PLAN_SPOOLS, READ_BATCH, add_stage
from rating.models import UsageFile
from rating.queries.open_runs import JOB_KIND, READY, find_open_run
from subscribers.queries.holders import account_cuts

LINES_PER_BATCH = 200_000
LINES_PER_SPOOL = 100_000


class FileNotReady(BillingError):
    """Only staged or balanced files can be rated."""

    default_message = _("File %(file_id)s cannot be rated: its state is %(state)s.")
    default_code = "FILE_NOT_READY"


@durable
def rate_usage(
    *,
    actor: User | None = None,
    file_ids: Sequence[int] | None = None,
    lines_per_batch: int = LINES_PER_BATCH,
    lines_per_spool: int = LINES_PER_SPOOL,
) -> Job | None:
    """
    Start to rate every file that is ready, or go on with a run that was interrupted.

    One run works at a time: while files of an earlier run are open, or its limits are not checked, that run is taken
    up again (its parked pieces get new attempts) and returned.
    The result does not depend on the sizes of the pieces, nor on how many workers do them.

    :param file_ids: only these files; ``None`` = all that are ready
    :param lines_per_batch: lines read together: the memory of a reading worker
    :param lines_per_spool: lines rated in one transaction, about
    :returns: the job to watch, or ``None`` if there is nothing to rate
    :raises FileNotReady: if one of ``file_ids`` is not there, or not staged or balanced
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('rating.rate_usage'))")
    interrupted = _take_up_again()
    if interrupted is not None:
        return interrupted
    files = _ready_files(file_ids)
    if not files:
        return None
    parts = [p for f in files for p in parts_of(file_id=f.pk, layout=f.layout, line_count=f.line_count)]
    batches = _batches(parts, lines_per_batch)
    lines = sum(file.line_count for file in files)
    spools = max(1, -(-lines // lines_per_spool))
    job = start_job(
        kind=JOB_KIND,
        title=gettext_noop("Rating of usage files (%(count)s)"),
        started_by=actor.username if actor else SYSTEM,
        stage=gettext_noop("Reading"),
        stage_count=2,
        total_units=lines,
        parameters={
            "count": len(files),
            "files": [file.pk for file in files],
            "batches": [[_plain(part) for part in batch] for batch in batches],
            "spools": spools,
            "account_cuts": account_cuts(pieces=spools),
            "held": [],
            "committed_days": [],
        },
    )
    UsageFile.objects.filter(pk__in=[file.pk for file in files]).update(job=job)
    if batches:
        add_stage(job_id=job.pk, kind=READ_BATCH, items={str(at): {"batch": at} for at in range(len(batches))})
    else:
        add_stage(job_id=job.pk, kind=PLAN_SPOOLS, items={"plan": {}})
    record("rating.rate_usage", actor=actor, subject=job, changes={"files": len(files), "lines": lines})
    return job


def work_on_run(*, job_id: int, kinds: Sequence[str] = KINDS) -> bool:
    """
    Do one piece of a run's work in this process; return whether there was one to do.

    A run of which a piece is parked is marked failed: started again, it goes on from there.

    :param kinds: of the pieces that make the run up
    """
    if any(do_next(kind) for kind in kinds):
        return True
    items = WorkItem.objects.filter(job_id=job_id)
    parked = items.filter(state=WorkItem.State.PARKED).order_by("pk").first()
    if parked is not None and not items.filter(state=WorkItem.State.TODO).exists():
        fail_job(job_id=job_id, message=f"{parked.kind} {parked.key}: {parked.last_error}")
    return False


@transaction_required
def _take_up_again() -> Job | None:
    """Return the run whose files are still open or whose limits are not checked; what was parked is tried again."""
    job = find_open_run()
    if job is None:
        return None
    take_up_again(job, kinds=KINDS)
    return job


@transaction_required
def take_up_again(job: Job, *, kinds: Sequence[str]) -> None:
    """Give new attempts to what was parked of a job, and let it run."""
    retry_parked(job_id=job.pk)
    job.refresh_from_db()
    if job.state != Job.State.RUNNING:
        Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, message="", finished_at=None)
        job.refresh_from_db()
    for kind in kinds:
        ring(kind)


def _ready_files(file_ids: Sequence[int] | None) -> list[UsageFile]:
    files = UsageFile.objects.select_for_update().order_by("pk")
    if file_ids is None:
        return list(files.filter(state__in=READY, job=None))
    found = list(files.filter(pk__in=file_ids))
    if absent := sorted(set(file_ids) - {file.pk for file in found}):
        raise FileNotReady(context={"file_id": absent[0], "state": _("not known")})
    for file in found:
        if file.state not in READY:
            raise FileNotReady(context={"file_id": file.pk, "state": file.state})
    return found


def _batches(parts: list[Part], lines_per_batch: int) -> list[list[Part]]:
    """Put consecutive parts together into batches of about the same size: the workers then end together."""
    lines = sum(part.line_count for part in parts)
    count = max(1, -(-lines // lines_per_batch))
    batches: list[list[Part]] = [[] for _ in range(count)]
    before = 0
    for part in parts:
        batches[before * count // lines].append(part)
        before += part.line_count
    return [batch for batch in batches if batch]


def _plain(part: Part) -> list[Any]:
    return [part.file_id, part.first_line, part.start, part.end, part.line_count]
