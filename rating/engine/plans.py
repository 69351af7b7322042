"""Between reading and rating: each file is judged as a whole, partitions are made, and the spools become work."""

import tempfile
from collections import Counter
from collections.abc import Collection
from typing import Any

import polars as pl
from django.db import connection, transaction

from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.jobs.models import Job
from billing_site.jobs.progress import set_stage
from rating.engine.batches import DAY_US, write_batch
from rating.engine.days import day_of, from_us
from rating.engine.duplicates import NEAR_US
from rating.engine.spool_files import SpoolFolder
from rating.engine.stages import RATE_SPOOL, add_stage
from rating.models import UsageFile
from rating.queries.sources import form_of

# Fewer lines than this are a list that a person can read, whatever share of the file they are.
BREAKER_LEAST_LINES = 1_000
SHOWN_REASONS = 5
COMMITTED_SCHEMA: dict[str, Any] = {
    "key": pl.Int64,
    "start_us": pl.Int64,
    "subscription_id": pl.Int64,
    "of_file": pl.Int64,
    "of_line": pl.Int32,
    "of_duration": pl.Int64,
}


@transaction.atomic
def plan_run(*, job_id: int) -> None:
    """
    Hold the files of which too much cannot be rated, make partitions, keep committed keys at hand, and add the
    spools.
    """
    job = Job.objects.select_for_update().get(pk=job_id)
    facts = [read_facts(job_id=job_id, batch=batch) for batch in range(len(job.parameters["batches"]))]
    held = _judge_files(job, facts)
    days = sorted({int(day) for fact in facts for day in fact["days"]})
    make_partitions(days)
    job.parameters["held"] = held
    near = _days_near(days) if _joins(job) else set()
    job.parameters["days"] = days
    job.parameters["committed_days"] = [
        day for day in sorted({*days, *near}) if write_committed(job_id=job_id, day=day, days=days)
    ]
    job.save(update_fields=["parameters"])
    spools = int(job.parameters["spools"])
    set_stage(job_id=job_id, stage=gettext_noop("Rating"), index=2, count=2, total_units=job.total_units)
    crash_point("run_planned")
    add_stage(job_id=job_id, kind=RATE_SPOOL, items={str(spool): {"spool": spool} for spool in range(spools)})


def read_facts(*, job_id: int, batch: int) -> dict[str, Any]:
    """Return what a batch holds, reading it again if its spool files are gone."""
    folder = SpoolFolder(job_id)
    if not folder.facts(batch).exists():
        write_batch(job_id=job_id, batch=batch)
    return folder.read_facts(batch)


def make_partitions(days: list[int]) -> None:
    """Make the partitions of days (since 1970, UTC) that are missing; rating itself makes none."""
    with connection.cursor() as cursor:
        wanted = [day_of(day) for day in days]
        cursor.execute(
            "SELECT d FROM unnest(%s::date[]) d"
            " WHERE NOT EXISTS (SELECT 1 FROM rating_usagepartition p WHERE p.day = d) ORDER BY d",
            [wanted],
        )
        for (day,) in cursor.fetchall():
            cursor.execute("SELECT rating_make_partition(%s)", [day])


def _joins(job: Job) -> bool:
    """Return whether the run has a file of which several rows may be one call."""
    files = UsageFile.objects.filter(job=job).select_related("source").distinct("source_id").order_by("source_id")
    return any(form_of(file.source).joins for file in files)


def _days_near(days: list[int]) -> set[int]:
    """Return the days beside these that have partitions: a row of a call may have been rated there."""
    beside = {day + step for day in days for step in (-1, 1)}.difference(days)
    with connection.cursor() as cursor:
        names = {partition_name(day): day for day in beside}
        cursor.execute("SELECT n FROM unnest(%s::text[]) n WHERE to_regclass(n) IS NOT NULL", [list(names)])
        return {names[name] for (name,) in cursor.fetchall()}


def write_committed(*, job_id: int, day: int, days: Collection[int]) -> bool:
    """
    Keep the keys of a day's committed records as a spool file, read once for the whole run.

    :param days: the days of the run; of a day beside them only what is near to them is kept
    :returns: whether there are any
    """
    table = partition_name(day)
    wanted = "revision = 0" if day in days else f"revision = 0 AND {_is_near(day, days)}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {wanted})")  # noqa: S608 - names and numbers of our own making
        if not cursor.fetchone()[0]:
            return False
        with tempfile.NamedTemporaryFile(suffix=".csv") as copied:
            cursor.cursor.copy_expert(
                "COPY (SELECT duplicate_key, (extract(epoch FROM start_at) * 1000000)::bigint,"  # noqa: S608 - as above
                " subscription_id, file_id,"
                f" line_number, duration_seconds FROM {table} WHERE {wanted}) TO STDOUT (FORMAT csv)",
                copied,
            )
            copied.flush()
            # In a stream: a whole network's day may be sent again.
            folder = SpoolFolder(job_id)
            keys = pl.scan_csv(copied.name, has_header=False, schema=COMMITTED_SCHEMA)
            folder.write_stream(folder.committed(day), keys)
    return True


def _is_near(day: int, days: Collection[int]) -> str:
    """Return the condition of the records of a day that begin near to a day of the run."""
    begins, ends = day * DAY_US, (day + 1) * DAY_US
    early = from_us(begins + NEAR_US if day - 1 in days else begins)
    late = from_us(ends - NEAR_US if day + 1 in days else ends)
    return f"(start_at < '{early.isoformat()}' OR start_at >= '{late.isoformat()}')"


def partition_name(day: int) -> str:
    """Return the table of a day's records."""
    return f"rating_ratedusage_{day_of(day):%Y%m%d}"


def _judge_files(job: Job, facts: list[dict[str, Any]]) -> list[int]:
    """Write what the files hold; hold and return those of which too many lines cannot be rated."""
    held = []
    found = _by_file(facts)
    for file in (
        UsageFile.objects.select_related("source").filter(job=job).order_by("pk").select_for_update(of=("self",))
    ):
        fact = found.get(file.pk, _no_facts())
        file.total_seconds = fact["seconds"]
        file.total_bytes = fact["bytes"]
        file.hours = dict(fact["hours"])
        file.first_start_at = None if fact["first"] is None else from_us(fact["first"])
        file.last_start_at = None if fact["last"] is None else from_us(fact["last"])
        bad = sum(fact["reasons"].values())
        is_flood = bad >= BREAKER_LEAST_LINES and bad * 100 > file.source.breaker_percent * file.line_count
        if file.released_at is None and is_flood:
            file.state, file.held_reason = UsageFile.State.HELD, UsageFile.HeldReason.TOO_MANY_SET_ASIDE
            file.held_detail = {
                "set_aside": bad,
                "lines": file.line_count,
                "reasons": dict(fact["reasons"].most_common(SHOWN_REASONS)),
            }
            held.append(file.pk)
        file.save(
            update_fields=[
                "state",
                "held_reason",
                "held_detail",
                "total_seconds",
                "total_bytes",
                "hours",
                "first_start_at",
                "last_start_at",
            ]
        )
    return held


def _by_file(facts: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for fact in facts:
        for name, row in fact["files"].items():
            known = found.setdefault(int(name), _no_facts())
            for figure in ("lines", "seconds", "bytes"):
                known[figure] += row[figure]
            known["reasons"].update(row["reasons"])
            known["hours"].update(row["hours"])
            known["first"] = min((at for at in (known["first"], row["first"]) if at is not None), default=None)
            known["last"] = max((at for at in (known["last"], row["last"]) if at is not None), default=None)
    return found


def _no_facts() -> dict[str, Any]:
    return {"lines": 0, "seconds": 0, "bytes": 0, "first": None, "last": None, "reasons": Counter(), "hours": Counter()}
