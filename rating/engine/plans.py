"""Between reading and rating: each file is judged as a whole, partitions are made, and the spools become work."""

import tempfile
from collections import Counter
from typing import Any

import polars as pl
from django.db import connection, transaction

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.jobs.models import Job
from billing_site.jobs.progress import set_stage
from rating.domain.own_days import own_day_of_file
from rating.engine.batches import DAY_US, HOUR_US, write_batch
from rating.engine.days import day_of, from_us
from rating.engine.duplicates import NEAR_HOURS
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
    hours = {int(hour) for fact in facts for hour in fact["owned_hours"]}
    make_partitions(sorted({hour * HOUR_US // DAY_US for hour in hours}))
    job.parameters["held"] = held
    spans = _spans(hours, near_hours=NEAR_HOURS if _joins(job) else 0)
    job.parameters["spans"] = spans
    job.parameters["committed_days"] = [
        day for day in _days_with_records(spans) if write_committed(job_id=job_id, day=day, spans=spans)
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


def _spans(begun: set[int], *, near_hours: int) -> list[list[int]]:
    """Return the hours in which calls of the run begin, and those near to them, as spans of microseconds in order."""
    hours = sorted({hour + step for hour in begun for step in range(-near_hours, near_hours + 1)})
    spans: list[list[int]] = []
    for hour in hours:
        if spans and spans[-1][1] == hour * HOUR_US:
            spans[-1][1] += HOUR_US
        else:
            spans.append([hour * HOUR_US, (hour + 1) * HOUR_US])
    return spans


def _days_with_records(spans: list[list[int]]) -> list[int]:
    """Return the days of spans that have partitions."""
    days = {day for begin, end in spans for day in range(begin // DAY_US, (end - 1) // DAY_US + 1)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day - date '1970-01-01' FROM rating_usagepartition WHERE day = ANY(%s::date[])",
            [[day_of(day) for day in days]],
        )
        return sorted(day for (day,) in cursor.fetchall())


def write_committed(*, job_id: int, day: int, spans: list[list[int]]) -> bool:
    """
    Keep the keys of a day's committed records as a spool file, read once for the whole run.

    :param spans: of which only records that began in them can be calls of the run
    :returns: whether there are any
    """
    table = partition_name(day)
    wanted = " OR ".join(
        f"start_at >= '{from_us(begin).isoformat()}' AND start_at < '{from_us(end).isoformat()}'"
        for begin, end in spans
        if begin < (day + 1) * DAY_US and end > day * DAY_US
    )
    with connection.cursor() as cursor, tempfile.NamedTemporaryFile(suffix=".csv") as copied:
        cursor.cursor.copy_expert(
            "COPY (SELECT duplicate_key, (extract(epoch FROM start_at) * 1000000)::bigint,"  # noqa: S608 - names and numbers of our own making
            " subscription_id, file_id,"
            f" line_number, duration_seconds FROM {table} WHERE revision = 0 AND ({wanted})) TO STDOUT (FORMAT csv)",
            copied,
        )
        if not copied.tell():
            return False
        copied.flush()
        # In a stream: a whole network's day may be sent again.
        folder = SpoolFolder(job_id)
        keys = pl.scan_csv(copied.name, has_header=False, schema=COMMITTED_SCHEMA)
        folder.write_lazily(folder.committed(day), keys)
    return True


def partition_name(day: int) -> str:
    """Return the table of a day's records."""
    return f"rating_ratedusage_{day_of(day):%Y%m%d}"


def _judge_files(job: Job, facts: list[dict[str, Any]]) -> list[int]:
    """Write what the files hold; hold and return those of which too many lines cannot be rated."""
    held = []
    found, zone = _by_file(facts), clock.operator_zone()
    for file in (
        UsageFile.objects.select_related("source").filter(job=job).order_by("pk").select_for_update(of=("self",))
    ):
        fact = found.get(file.pk, _no_facts())
        file.total_seconds = fact["seconds"]
        file.total_bytes = fact["bytes"]
        file.hours = dict(fact["hours"])
        file.first_start_at = None if fact["first"] is None else from_us(fact["first"])
        file.last_start_at = None if fact["last"] is None else from_us(fact["last"])
        file.own_day = own_day_of_file(
            named=file.business_day, last_at=file.last_start_at, arrived_at=file.arrived_at, zone=zone
        )
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
                "own_day",
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
