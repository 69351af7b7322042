"""
Counters of files, and the end of a run: a file is closed when each of its lines has one outcome and the seconds add
up.
"""

from datetime import datetime
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import F

from billing_site.jobs.models import Job
from billing_site.jobs.progress import finish_job
from rating.models import UsageFile

_OUTCOMES = ("duplicate", "joined", "quarantined", "rejected")
_IS_COMPLETE = "line_count = rated_count + duplicate_count + joined_count + quarantined_count + rejected_count"


def add_to_files(rows: pl.DataFrame, aside: pl.DataFrame, *, now: datetime) -> None:
    """Add a spool's outcomes to its files, and close those whose last lines these were."""
    counted = pl.concat(
        [
            rows.select("file_id", "duration", "volume", "amount_micro", outcome=pl.lit("RATED")),
            aside.select(
                "file_id",
                pl.col("duration").fill_null(0),
                pl.col("volume").fill_null(0),
                amount_micro=pl.lit(0, dtype=pl.Int64),
                outcome="outcome",
            ),
        ]
    )
    sums = counted.group_by("file_id", "outcome").agg(
        count=pl.len(),
        seconds=pl.col("duration").sum(),
        bytes=pl.col("volume").sum(),
        amount=pl.col("amount_micro").sum(),
    )
    for (file_id,), found in sorted(sums.partition_by("file_id", as_dict=True).items()):
        changes: dict[str, Any] = {}
        for row in found.iter_rows(named=True):
            name = str(row["outcome"]).lower()
            changes[f"{name}_count"] = F(f"{name}_count") + row["count"]
            if name != "rejected":
                changes[f"{name}_seconds"] = F(f"{name}_seconds") + row["seconds"]
                changes[f"{name}_bytes"] = F(f"{name}_bytes") + row["bytes"]
            if name == "rated":
                changes["amount_micro"] = F("amount_micro") + row["amount"]
        UsageFile.objects.filter(pk=file_id).update(**changes)
        close_files([int(file_id)], now=now)


def close_files(file_ids: list[int], *, now: datetime) -> None:
    """Close the files whose every line has an outcome; the database refuses those whose seconds do not add up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE rating_usagefile SET state = 'CLOSED', closed_at = %s WHERE id = ANY(%s)"  # noqa: S608 - our own text
            f" AND state IN ('STAGED', 'BALANCED', 'RATED') AND {_IS_COMPLETE}"
            " AND total_seconds = rated_seconds + duplicate_seconds + joined_seconds + quarantined_seconds"
            " AND total_bytes = rated_bytes + duplicate_bytes + joined_bytes + quarantined_bytes",
            [now, file_ids],
        )


def end_run(*, job_id: int, now: datetime) -> None:
    """Close the files without lines, hold those that do not add up, and finish the run's job with its figures."""
    job = Job.objects.get(pk=job_id)
    close_files(list(job.parameters["files"]), now=now)
    UsageFile.objects.filter(job_id=job_id).exclude(state__in=[UsageFile.State.CLOSED, UsageFile.State.HELD]).update(
        state=UsageFile.State.HELD, held_reason=UsageFile.HeldReason.DOES_NOT_ADD_UP
    )
    files = UsageFile.objects.filter(job_id=job_id)
    result = {
        name: sum(getattr(file, name) for file in files)
        for name in ("line_count", "rated_count", *(f"{outcome}_count" for outcome in _OUTCOMES), "amount_micro")
    }
    result["files"] = len(files)
    result["held_files"] = sum(file.state == UsageFile.State.HELD for file in files)
    finish_job(job_id=job_id, message=f"{result['rated_count']} of {result['line_count']} lines rated", result=result)
