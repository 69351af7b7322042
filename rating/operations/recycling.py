"""Lines in quarantine are taken up again: those that somebody chose, and by themselves those whose cause is gone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from billing_site.audit.recording import SYSTEM, record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.progress import start_job
from billing_site.jobs.work import ring
from rating.engine.stages import RECYCLE_LINES, add_stage
from rating.models import QuarantineCheck, SetAsideLine
from rating.queries.open_runs import find_open_run
from rating.queries.quarantine import LineChoice, line_keys, waiting_lines
from rating.queries.reasons import TARIFF_REASONS

# A chunk is one transaction: lines and files are both its memory and its time.
LINES_PER_CHUNK = 20_000
FILES_PER_CHUNK = 200
# More lines than this are taken up by the next run.
MOST_LINES = 200_000
# A line that was tried in vain is not tried again by itself for so long, unless something changed.
REST = timedelta(hours=1)

LineKeys = Sequence[tuple[int, int]]


class NothingWaits(BillingError):
    """The choice holds no line in quarantine."""

    default_message = _("No line in quarantine fits this choice: nothing was done.")
    default_code = "NOTHING_WAITS"


class RatingUnderWay(BillingError):
    """Files are being rated: what is committed changes under the lines."""

    default_message = _("Files are being rated (job %(job_id)s). Try again when that is over.")
    default_code = "RATING_UNDER_WAY"


@durable
def recycle_lines(
    *,
    choice: LineChoice,
    actor: User | None,
    now: datetime | None = None,
    lines_per_chunk: int = LINES_PER_CHUNK,
) -> Job:
    """
    Start to rate chosen lines in quarantine again, in order of time.

    They are read from their files, matched and priced as any line, at the prices of the call's day. A line that is
    rated is TAKEN_UP, one whose call is counted already is DUPLICATE or JOINED, any other stays with its reason of now.

    :param choice: which lines; a person of a centre reaches those of its numbers alone
    :param now: needed where the choice is by days of waiting
    :param lines_per_chunk: lines rated in one transaction
    :returns: the job to watch; at most ``MOST_LINES`` lines
    :raises NothingWaits: if no line in quarantine is chosen
    :raises RatingUnderWay: while files are being rated
    """
    _hold_runs()
    open_run = find_open_run()
    if open_run is not None:
        raise RatingUnderWay(context={"job_id": open_run.pk})
    keys = line_keys(waiting_lines(choice=choice, viewer=actor, now=now), most=MOST_LINES)
    if not keys:
        raise NothingWaits
    return start_recycling(keys, actor=actor, lines_per_chunk=lines_per_chunk)


@durable
def recycle_quarantine(*, now: datetime, everything: bool = False) -> Job | None:
    """
    Look through the quarantine, and start to rate again the lines whose cause is gone.

    These are the lines of numbers that are held at the start of the call by now, and, where prices, zones or plans
    changed since the last look, the lines that lacked one. While files are being rated, or lines are being taken up
    already, nothing is started: the next look finds them.

    :param now: kept as the time of the last look
    :param everything: try the lines that lacked a price or plan even if nobody changed any
    :returns: the job to watch, or ``None`` if there is nothing to take up now
    """
    _hold_runs()
    check, _is_new = QuarantineCheck.objects.select_for_update().get_or_create(
        pk=QuarantineCheck.THE_ONE, defaults={"checked_at": now}
    )
    check.checked_at = now
    job = None
    if not _is_held_up():
        act = fetch_sql("rating", "find_tariff_act", {"seen": check.seen_act_id})[0][0]
        keys = _mended(now)
        if everything or act is not None:
            keys = list(dict.fromkeys(keys + _repriced()))
        check.seen_act_id = act or check.seen_act_id
        job = start_recycling(keys[:MOST_LINES], actor=None) if keys else None
    check.save(update_fields=["checked_at", "seen_act_id"])
    return job


@transaction_required
def start_recycling(keys: LineKeys, *, actor: User | None, lines_per_chunk: int = LINES_PER_CHUNK) -> Job:
    """Start a job over lines given as (file, line), in the caller's transaction."""
    chunks = chunks_of(keys, lines_per_chunk=lines_per_chunk)
    _make_partitions(keys)
    job = start_job(
        kind=RECYCLE_LINES,
        title=gettext_noop("Lines taken up from quarantine (%(count)s)"),
        started_by=actor.username if actor else SYSTEM,
        stage=gettext_noop("Rating"),
        total_units=len(keys),
        parameters={"count": len(keys), "chunks": chunks},
    )
    add_stage(job_id=job.pk, kind=RECYCLE_LINES, items={"0": {"chunk": 0}})
    record("rating.recycle_lines", actor=actor, subject=job, changes={"lines": len(keys)})
    return job


def chunks_of(keys: LineKeys, *, lines_per_chunk: int, files_per_chunk: int = FILES_PER_CHUNK) -> list[list[list[Any]]]:
    """
    Return lines in pieces, each as lists of [file, [lines]], in the order given.

    :param keys: (file, line), each once
    """
    chunks: list[dict[int, list[int]]] = [{}]
    held = 0
    for file_id, line in keys:
        is_full = held >= lines_per_chunk or (len(chunks[-1]) >= files_per_chunk and file_id not in chunks[-1])
        if is_full:
            chunks.append({})
            held = 0
        chunks[-1].setdefault(file_id, []).append(line)
        held += 1
    return [[[file_id, lines] for file_id, lines in chunk.items()] for chunk in chunks]


def _hold_runs() -> None:
    """Let no run of files begin until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('rating.rate_usage'))")


def _is_held_up() -> bool:
    """Return whether nothing may be taken up by itself now; work of an earlier job is rung for."""
    if find_open_run() is not None:
        return True
    items = WorkItem.objects.filter(kind=RECYCLE_LINES)
    if items.filter(state=WorkItem.State.TODO, job__state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists():
        ring(RECYCLE_LINES)
        return True
    # A person looks at what failed three times, before it is tried a fourth.
    return items.filter(state=WorkItem.State.PARKED, job__state=Job.State.RUNNING).exists()


def _mended(now: datetime) -> list[tuple[int, int]]:
    found = fetch_sql("rating", "find_mended", {"tried_before": now - REST, "most": MOST_LINES})
    return [(int(file_id), int(line)) for file_id, line in found]


def _repriced() -> list[tuple[int, int]]:
    found = fetch_sql("rating", "find_repriced", {"reasons": list(TARIFF_REASONS), "most": MOST_LINES})
    return [(int(file_id), int(line)) for file_id, line in found]


def _make_partitions(keys: LineKeys) -> None:
    """Make the partitions of the lines' days ahead of their records."""
    files = sorted({file_id for file_id, _line in keys})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rating_make_partition(d) FROM ("
            " SELECT DISTINCT (start_at AT TIME ZONE 'UTC')::date AS d FROM rating_setasideline"
            " WHERE outcome = %s AND start_at IS NOT NULL AND file_id = ANY(%s) ORDER BY d) days"
            " WHERE NOT EXISTS (SELECT FROM rating_usagepartition p WHERE p.day = d)",
            [SetAsideLine.Outcome.QUARANTINED, files],
        )
