"""
A spool: all lines of a run of a range of accounts, rated in one transaction.

Whatever happens to the process, either everything of the spool is committed (rows, lines set aside, totals,
allowances, counters of the files) or nothing.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import polars as pl
from django.conf import settings
from django.db import transaction

from billing_site.core import clock
from billing_site.core.garbage import without_collection
from billing_site.core.money import micro_to_minor
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import commit_to_disk, commit_without_waiting
from billing_site.documents.files import path_of
from billing_site.jobs.models import Job
from billing_site.jobs.progress import add_progress
from rating.engine.batches import reason_is_part, write_batch
from rating.engine.buckets import write_buckets
from rating.engine.charging import Charged, charge_calls
from rating.engine.closing import add_to_files
from rating.engine.duplicates import split_committed, split_duplicates
from rating.engine.plans import write_committed
from rating.engine.present import price_tables, share_books, share_cycles
from rating.engine.recording import add_totals, copy_records
from rating.engine.spool_files import SpoolFolder
from rating.engine.stages import RATE_SPOOL, add_stage, is_last, item_key
from rating.engine.traffic import add_charged_traffic
from rating.engine.writing import copy_frame
from rating.models import UsageFile
from rating.queries.open_runs import CHECK_RUN

SECOND_US = 1_000_000
SHOWN_CHARACTERS = 64


@without_collection
@transaction.atomic
def rate_one_spool(*, job_id: int, spool: int, now: datetime) -> None:
    """Rate a spool of a run; the last one has the run checked."""
    commit_without_waiting()
    share_books()
    job = Job.objects.get(pk=job_id)
    folder = SpoolFolder(job_id)
    all_lines = _read_lines(job, folder, spool)
    held = job.parameters["held"]
    lines = all_lines.filter(~pl.col("file_id").is_in(held)) if held else all_lines
    cycles = share_cycles()
    lines, again = split_duplicates(lines)
    lines, rated_before = split_committed(lines, folder=folder, days=job.parameters["committed_days"])
    charged = charge_calls(
        lines.filter(pl.col("reason").is_null()),
        tables=price_tables(job_id=job_id),
        cycles=cycles,
        zone=clock.operator_zone(),
        job_id=job_id,
    )
    aside = pl.concat(
        [
            shaped(again),
            shaped(rated_before),
            quarantined(lines.filter(pl.col("reason").is_not_null())),
            quarantined(charged.unpriced),
        ]
    )
    assert charged.rows.height + aside.height == sum(frame.height for frame in (lines, again, rated_before))
    _write(charged, aside, now=now)
    crash_point("spool_written")
    add_to_files(charged.rows, aside, now=now)
    amount_micro = int(charged.rows["amount_micro"].sum())
    digits = settings.SALDO_CURRENCY_DIGITS
    add_progress(
        job_id=job_id,
        done_units=all_lines.height,
        set_aside_units=aside.height,
        amount_minor=micro_to_minor(amount_micro, digits=digits),
    )
    add_charged_traffic(charged.rows, zone=clock.operator_zone())
    if is_last(job_id=job_id, kind=RATE_SPOOL, key=item_key(job_id, spool)):
        # What made it is dropped afterwards: all spools are on the disk then.
        commit_to_disk()
        add_stage(job_id=job_id, kind=CHECK_RUN, items={"check": {}})
        transaction.on_commit(folder.drop)
    crash_point("spool_ended")


def _read_lines(job: Job, folder: SpoolFolder, spool: int) -> pl.DataFrame:
    """Return the spool's lines; make again what is missing of the spool files."""
    batches = range(len(job.parameters["batches"]))
    for batch in batches:
        if not folder.has_all(batch=batch, spool=spool):
            write_batch(job_id=job.pk, batch=batch)
    for day in job.parameters["committed_days"]:
        if not folder.committed(day).exists():
            write_committed(job_id=job.pk, day=day, spans=job.parameters["spans"])
    return folder.read_spool(batches=batches, spool=spool)


def quarantined(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines with a reason as they are set aside."""
    return shaped(
        lines.with_columns(
            outcome=pl.when(reason_is_part()).then(pl.lit("JOINED")).otherwise(pl.lit("QUARANTINED")),
            why=pl.col("reason"),
            of_file=pl.lit(None, dtype=pl.Int64),
            of_line=pl.lit(None, dtype=pl.Int32),
        )
    )


def shaped(lines: pl.DataFrame) -> pl.DataFrame:
    """Return what is kept of lines that are set aside."""
    return lines.select(
        "file_id",
        "line",
        "offset",
        "length",
        "outcome",
        "why",
        "field",
        "value",
        "of_file",
        "of_line",
        "calling",
        "called",
        "start_us",
        "duration",
        "volume",
    )


def _write(charged: Charged, aside: pl.DataFrame, *, now: datetime) -> None:
    """Write everything but the counters of the files."""
    write_charged(charged)
    since = pl.lit(now.replace(tzinfo=None)).cast(pl.Datetime("us"))
    rows = aside_rows(aside.sort("file_id", "line")).with_columns(set_aside_at=since)
    copy_frame(rows, table="rating_setasideline")


def write_charged(charged: Charged) -> None:
    """Write rated rows with their totals and allowances."""
    rows = charged.rows.sort(_in_key_order()).with_columns(revision=pl.lit(0, dtype=pl.Int16))
    copy_records(rows)
    add_totals(rows)
    write_buckets(charged.buckets)


def _in_key_order() -> pl.Expr:
    """Return subscription and second of the start as one number: a sort by one is four times as quick as by two."""
    seconds = (pl.col("start_us") - pl.col("start_us").min()) // SECOND_US
    return pl.col("subscription_id") * (seconds.max() + 1) + seconds


def aside_rows(aside: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of lines set aside, each with its text as it came."""
    place = pl.struct("of_file", "of_line")
    fault = pl.struct("field", pl.col("value").fill_null("").str.head(SHOWN_CHARACTERS))
    is_copy = pl.col("of_file").is_not_null()
    detail = pl.when(is_copy).then(place.struct.json_encode()).otherwise(fault.struct.json_encode())
    return aside.select(
        "file_id",
        "outcome",
        line_number="line",
        reason="why",
        detail=detail,
        raw=pl.Series(list(_texts(aside)), dtype=pl.String),
        calling=pl.col("calling").fill_null("").str.head(SHOWN_CHARACTERS),
        called=pl.col("called").fill_null("").str.head(SHOWN_CHARACTERS),
        start_at=pl.col("start_us").cast(pl.Datetime("us")),
        duration_seconds="duration",
        volume_bytes="volume",
    )


def _texts(aside: pl.DataFrame) -> Iterator[str]:
    """Yield the lines themselves, from their files."""
    paths = _paths(aside["file_id"].unique().to_list())
    for (file_id,), lines in aside.partition_by("file_id", as_dict=True, maintain_order=True).items():
        path, encoding = paths[int(file_id)]
        with path.open("rb") as stream:
            for offset, length in lines.select("offset", "length").iter_rows():
                yield _shown_raw(os.pread(stream.fileno(), length, offset), encoding)


def _paths(file_ids: list[int]) -> dict[int, tuple[Path, str]]:
    files = UsageFile.objects.filter(pk__in=file_ids).select_related("content", "lines", "source")
    return {file.pk: (path_of(file.readable.sha256), file.readable_encoding) for file in files}


def _shown_raw(raw: bytes, encoding: str) -> str:
    r"""Return a line as text; in hex (``\x...``) where it is none that can be kept."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = "\x00"
    return text.rstrip("\r\n") if "\x00" not in text else "\\x" + raw.hex()
