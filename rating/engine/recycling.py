"""
Lines in quarantine are taken up again: read from their files by the same reader, matched and priced by the same engine.

One chunk is one transaction: rated rows, totals, allowances, the rows of the lines and the counters of their files
change together or not at all. Chunks follow one another in order of time, so that allowances are drawn as in a run of
files. No run of files starts or goes on meanwhile: what it knows of committed calls would be out of date.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl
from django.conf import settings
from django.db import connection, transaction

from billing_site.core import clock
from billing_site.core.money import micro_to_minor
from billing_site.db.crash_points import crash_point
from billing_site.documents.files import path_of
from billing_site.jobs.models import Job
from billing_site.jobs.progress import add_progress, finish_job
from rating.engine.batches import Source, named_lines, open_source, with_owners
from rating.engine.charging import Charged, charge_calls
from rating.engine.days import from_us
from rating.engine.duplicates import NEAR_US, split_duplicates, split_known
from rating.engine.layout import parts_of
from rating.engine.plans import COMMITTED_SCHEMA, make_partitions
from rating.engine.present import price_tables, share_books, share_cycles
from rating.engine.reading import PartReader
from rating.engine.recording import DAY_US
from rating.engine.reference import fetch_frame
from rating.engine.spool_files import SPOOL_SCHEMA
from rating.engine.spools import aside_rows, quarantined, shaped, write_charged
from rating.engine.stages import RECYCLE_LINES, add_stage
from rating.engine.traffic import add_charged_traffic
from rating.engine.writing import update_from_frame
from rating.models import QuarantineCheck
from rating.queries.open_runs import find_open_run
from rating.queries.reasons import RELEASABLE
from rating.queries.sources import SourceForm

WAITING_SCHEMA: dict[str, Any] = {
    "file_id": pl.Int64,
    "line": pl.Int32,
    "seconds_before": pl.Int64,
    "bytes_before": pl.Int64,
    "released": pl.String,
}
# Above what any exchange writes in six digits, and older than any exchange.
ANY_SECONDS = 999_999
ANY_DAYS = 36_500
MOVED = ("rated", "duplicate", "joined", "quarantined")
CALL_CHANGES = (
    "outcome",
    "reason",
    "detail",
    "calling",
    "called",
    "start_at",
    "duration_seconds",
    "volume_bytes",
    "tried_at",
)


@transaction.atomic
def recycle_chunk(*, job_id: int, chunk: int, now: datetime) -> list[int]:
    """
    Try a chunk of a job's lines again; lines that left the quarantine meanwhile are passed over.

    :returns: the accounts that were charged
    """
    hold_runs()
    share_books()
    job = Job.objects.select_for_update().get(pk=job_id)
    if find_open_run() is not None:
        _postpone(job, chunk)
        return []
    waiting = _lock_waiting(job.parameters["chunks"][chunk])
    found, account_ids = _rate_again(waiting, job_id=job_id, now=now)
    crash_point("lines_recycled")
    _go_on(job, chunk, found)
    return account_ids


def hold_runs() -> None:
    """Let no run of files begin until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('rating.rate_usage'))")


def _postpone(job: Job, chunk: int) -> None:
    """Leave the rest of the lines where they are: the next look finds them again."""
    left = sum(len(lines) for part in job.parameters["chunks"][chunk:] for _, lines in part)
    QuarantineCheck.objects.update(seen_act_id=0)
    message = f"{left} lines wait until the rating run is over"
    finish_job(job_id=job.pk, message=message, result={**_sums(job), "postponed": left})


def _go_on(job: Job, chunk: int, found: dict[str, int]) -> None:
    """Add what the chunk gave to the job, and begin the next chunk or end."""
    sums = _sums(job)
    total = {name: sums[name] + found[name] for name in sums}
    Job.objects.filter(pk=job.pk).update(result=total)
    add_progress(
        job_id=job.pk,
        done_units=sum(len(lines) for _, lines in job.parameters["chunks"][chunk]),
        set_aside_units=found["quarantined"],
        amount_minor=micro_to_minor(found["amount_micro"], digits=settings.SALDO_CURRENCY_DIGITS),
    )
    if chunk + 1 < len(job.parameters["chunks"]):
        add_stage(job_id=job.pk, kind=RECYCLE_LINES, items={str(chunk + 1): {"chunk": chunk + 1}})
        return
    message = f"{total['rated']} of {job.total_units} lines rated, {total['quarantined']} still wait"
    finish_job(job_id=job.pk, message=message, result=total)


def _sums(job: Job) -> dict[str, int]:
    return {name: int(job.result.get(name, 0)) for name in (*MOVED, "amount_micro")}


def _lock_waiting(chunk: list[list[Any]]) -> pl.DataFrame:
    """Return the chunk's lines that still wait, locked until the commit."""
    files = [file_id for file_id, lines in chunk for _ in lines]
    numbers = [line for _, lines in chunk for line in lines]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.file_id, s.line_number, coalesce(s.duration_seconds, 0), coalesce(s.volume_bytes, 0),"
            " s.released_reasons"
            " FROM rating_setasideline s"
            " JOIN unnest(%s::bigint[], %s::int[]) AS w (file_id, line)"
            " ON (s.file_id, s.line_number) = (w.file_id, w.line)"
            " JOIN rating_usagefile f ON f.id = s.file_id AND f.state = 'CLOSED'"
            " WHERE s.outcome = 'QUARANTINED' ORDER BY s.file_id, s.line_number FOR UPDATE OF s",
            [files, numbers],
        )
        return pl.DataFrame(cursor.fetchall(), schema=WAITING_SCHEMA, orient="row")


def _rate_again(waiting: pl.DataFrame, *, job_id: int, now: datetime) -> tuple[dict[str, int], list[int]]:
    """Rate what can be rated now, and write everything that changes; return what became of the lines, and whose."""
    lines = _read_waiting(waiting, job_id=job_id)
    assert lines.height == waiting.height
    cycles = share_cycles()
    lines, again = split_duplicates(lines)
    lines, rated_before = split_known(lines, _committed(lines))
    charged = charge_calls(
        lines.filter(pl.col("reason").is_null()),
        tables=price_tables(job_id=job_id),
        cycles=cycles,
        zone=clock.operator_zone(),
        job_id=job_id,
    )
    unrated = pl.concat([lines.filter(pl.col("reason").is_not_null()), charged.unpriced])
    aside = pl.concat([shaped(again), shaped(rated_before), quarantined(unrated)])
    assert charged.rows.height + aside.height == waiting.height
    # Made ahead for the days that are known; a call whose time could not be read before may need one more.
    make_partitions((charged.rows["start_us"] // DAY_US).unique().sort().to_list())
    write_charged(charged)
    _change_lines(charged, aside, now=now)
    add_charged_traffic(charged.rows, zone=clock.operator_zone())
    return _move_counts(charged, aside, waiting), charged.rows["account_id"].unique().sort().to_list()


def _read_waiting(waiting: pl.DataFrame, *, job_id: int) -> pl.DataFrame:
    """Return the waiting lines as a batch would, without the faults that a second person lets pass."""
    frames = list(_named_waiting(waiting))
    if not frames:
        return pl.DataFrame(schema=SPOOL_SCHEMA)
    lines = with_owners(pl.concat(frames), job_id=job_id)
    released = waiting.select("file_id", "line", "released")
    return _without_released(lines.join(released, on=("file_id", "line"), how="left")).select(SPOOL_SCHEMA.keys())


def _named_waiting(waiting: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Read the parts of the files that hold waiting lines, and keep these."""
    for (file_id, released), wanted in waiting.partition_by("file_id", "released", as_dict=True).items():
        source = _released_source(open_source(int(file_id)), frozenset(str(released).split()))
        layout, count = source.file.layout, source.file.line_count
        for part in parts_of(file_id=source.file.pk, layout=layout, line_count=count):
            last = part.first_line + part.line_count - 1
            mine = wanted.filter(pl.col("line").is_between(part.first_line, last)).select("line", "released")
            if not mine.is_empty():
                named = named_lines(source.reader.read(part), source, part).join(mine, on="line", how="inner")
                yield _without_released(named).drop("released")


def _without_released(lines: pl.DataFrame) -> pl.DataFrame:
    """Take away the reasons that are released for their line."""
    passes = pl.col("released").str.split(" ").list.contains(pl.col("reason")).fill_null(value=False)
    return lines.with_columns(pl.when(~passes).then(pl.col(name)).alias(name) for name in ("reason", "field", "value"))


def _released_source(source: Source, released: frozenset[str]) -> Source:
    """Return a file that is read without looking for the faults that are released."""
    if not released & RELEASABLE:
        return source
    form = released_form(source.form, released)
    reader = PartReader(form=form, path=path_of(source.file.readable.sha256), arrived_at=source.file.arrived_at)
    return replace(source, form=form, reader=reader)


def released_form(form: SourceForm, released: frozenset[str]) -> SourceForm:
    """Return a source's form with which released faults are none: the columns that contradict are not looked at."""
    ignored = set()
    if "LONGER_THAN_CALL" in released:
        ignored.add("total_seconds")
    if "UNANSWERED_WITH_SECONDS" in released:
        ignored.add("disposition")
    if "SESSION_OPEN" in released:
        # The last report is read as if it were the end.
        ignored.add("fault")
    columns = replace(
        form.columns,
        columns={name: column for name, column in form.columns.columns.items() if name not in ignored},
        max_duration_seconds=ANY_SECONDS if "TOO_LONG" in released else form.columns.max_duration_seconds,
    )
    return replace(form, columns=columns, oldest_days=ANY_DAYS if "TOO_OLD" in released else form.oldest_days)


def _committed(lines: pl.DataFrame) -> pl.DataFrame:
    """
    Return the committed records with the lines' keys, of the days of those lines that have an owner.

    Of rows of one call also those that began near to these days.
    """
    keys = lines["key"].drop_nulls().unique().to_list()
    owned = lines.filter(pl.col("reason").is_null())
    days = (owned["start_us"] // DAY_US).unique().sort().to_list()
    near_us = NEAR_US if (owned["group_us"] == 0).any() else 0
    found = [_committed_of_day(day, keys, near_us=near_us) for day in days]
    return pl.concat(found) if found else pl.DataFrame(schema=COMMITTED_SCHEMA)


def _committed_of_day(day: int, keys: list[int], *, near_us: int) -> pl.DataFrame:
    with connection.cursor() as cursor:
        select = cursor.cursor.mogrify(
            "SELECT duplicate_key, (extract(epoch FROM start_at) * 1000000)::bigint, subscription_id, file_id,"
            " line_number, duration_seconds FROM rating_ratedusage"
            " WHERE revision = 0 AND duplicate_key = ANY(%s) AND start_at >= %s AND start_at < %s",
            [keys, from_us(day * DAY_US - near_us), from_us((day + 1) * DAY_US + near_us)],
        )
    return fetch_frame(select.decode(), COMMITTED_SCHEMA)


def _change_lines(charged: Charged, aside: pl.DataFrame, *, now: datetime) -> None:
    """Write what became of each line on its own row."""
    tried = pl.lit(now.replace(tzinfo=None)).cast(pl.Datetime("us"))
    taken = charged.rows.select("file_id", line_number="line", outcome=pl.lit("TAKEN_UP"), tried_at=tried)
    keys = ("file_id", "line_number")
    update_from_frame(
        taken, table="rating_setasideline", keys=keys, changes="outcome = n.outcome, tried_at = n.tried_at"
    )
    rows = aside_rows(aside.sort("file_id", "line")).drop("raw").with_columns(tried_at=tried)
    changes = ", ".join(f"{name} = n.{name}" for name in CALL_CHANGES)
    update_from_frame(rows, table="rating_setasideline", keys=keys, changes=f"{changes}, estimated_at = NULL")


def _move_counts(charged: Charged, aside: pl.DataFrame, waiting: pl.DataFrame) -> dict[str, int]:
    """Move the lines and their seconds from one counter of their files to another; return the sums."""
    before = waiting.select("file_id", "line", "seconds_before", "bytes_before")
    ended = _ended(charged, aside).join(before, on=("file_id", "line"), how="left")
    is_of = {name: pl.col("outcome") == name for name in MOVED}
    sums: dict[str, pl.Expr] = {"amount_micro": pl.col("amount").sum()}
    for name in MOVED:
        sums[f"{name}_count"] = is_of[name].sum().cast(pl.Int64)
    sums["quarantined_count"] -= pl.len().cast(pl.Int64)
    for unit in ("seconds", "bytes"):
        # What could not be read before counts from now on.
        sums[f"total_{unit}"] = pl.col(unit).sum() - pl.col(f"{unit}_before").sum()
        for name in MOVED:
            sums[f"{name}_{unit}"] = pl.col(unit).filter(is_of[name]).sum()
        sums[f"quarantined_{unit}"] -= pl.col(f"{unit}_before").sum()
    changes = ended.group_by("file_id").agg(**sums).rename({"file_id": "id"}).sort("id")
    update_from_frame(
        changes,
        table="rating_usagefile",
        keys=("id",),
        changes=", ".join(f"{name} = t.{name} + n.{name}" for name in sums),
    )
    counts = {name: int(ended.select(is_of[name].sum()).item()) for name in MOVED}
    return {**counts, "amount_micro": int(ended["amount"].sum())}


def _ended(charged: Charged, aside: pl.DataFrame) -> pl.DataFrame:
    """Return how each line ended, with its seconds, bytes and amount."""
    return pl.concat(
        [
            charged.rows.select(
                "file_id",
                "line",
                seconds="duration",
                bytes="volume",
                amount="amount_micro",
                outcome=pl.lit("rated"),
            ),
            aside.select(
                "file_id",
                "line",
                seconds=pl.col("duration").fill_null(0),
                bytes=pl.col("volume").fill_null(0),
                amount=pl.lit(0, dtype=pl.Int64),
                outcome=pl.col("outcome").str.to_lowercase(),
            ),
        ]
    )
