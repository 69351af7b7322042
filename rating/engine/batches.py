"""
A batch: lines are read, their numbers normalised, their owners found, and all of it spooled by ranges of accounts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import transaction

from billing_site.core import clock
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import commit_without_waiting
from billing_site.documents.files import path_of
from billing_site.jobs.models import Job
from billing_site.jobs.progress import add_progress
from rating.domain.cdr_formats.faults import LineFault
from rating.domain.duplicate_keys import MULTIPLIER
from rating.domain.guiding import NumberingPlan
from rating.engine.days import day_number, local_days
from rating.engine.layout import Part
from rating.engine.numbers import duplicate_keys, normalise_numbers
from rating.engine.reading import LinesRead, PartReader
from rating.engine.reference import match_holders
from rating.engine.spool_files import SPOOL_SCHEMA, SpoolFolder
from rating.engine.stages import PLAN_SPOOLS, READ_BATCH, add_stage, is_last, item_key
from rating.engine.zones import NAMED_CODES
from rating.models import UsageFile
from rating.queries.sources import SourceForm, form_of
from subscribers.queries.holders import test_number_ranges

HASH_DIVISOR = 1 << 40
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US


@dataclass(slots=True, kw_only=True)
class Source:
    """A file under work."""

    file: UsageFile
    form: SourceForm
    reader: PartReader


@transaction.atomic
def spool_batch(*, job_id: int, batch: int) -> None:
    """Read a batch of a run and write its lines to the spools, and what it holds of each file."""
    commit_without_waiting()
    write_batch(job_id=job_id, batch=batch)
    crash_point("batch_spooled")
    job = Job.objects.get(pk=job_id)
    lines = sum(part[4] for part in job.parameters["batches"][batch])
    add_progress(job_id=job_id, done_units=lines)
    if is_last(job_id=job_id, kind=READ_BATCH, key=item_key(job_id, batch)):
        add_stage(job_id=job_id, kind=PLAN_SPOOLS, items={"plan": {}})


def write_batch(*, job_id: int, batch: int) -> None:
    """Write the spool files of a batch; without any change in the database."""
    job = Job.objects.get(pk=job_id)
    spools = int(job.parameters["spools"])
    parts = [
        Part(file_id=p[0], first_line=p[1], start=p[2], end=p[3], line_count=p[4])
        for p in job.parameters["batches"][batch]
    ]
    frame, facts = _read_parts(parts, job_id=job_id, cuts=job.parameters["account_cuts"])
    folder = SpoolFolder(job_id)
    cuts = pl.Series(job.parameters["account_cuts"], dtype=pl.Int64)
    # Lines without an owner are shared out by their key: they are counted, never priced.
    spread = pl.coalesce(pl.col("key").reinterpret(signed=False), pl.col("line").cast(pl.UInt64))
    hashed = (spread * pl.lit(MULTIPLIER, dtype=pl.UInt64)) // HASH_DIVISOR % spools
    by_account = pl.Series(cuts.search_sorted(frame["account_id"], side="right"))
    frame = frame.with_columns(
        spool=pl.when(pl.col("account_id").is_not_null()).then(by_account).otherwise(hashed).cast(pl.Int32)
    )
    by_spool = frame.partition_by("spool", as_dict=True, include_key=False)
    empty = pl.DataFrame(schema=SPOOL_SCHEMA)
    for spool in range(spools):
        folder.write_frame(folder.part(batch=batch, spool=spool), by_spool.pop((spool,), empty))
    folder.write_facts(batch, facts)


def _read_parts(parts: Sequence[Part], *, job_id: int, cuts: Sequence[int]) -> tuple[pl.DataFrame, dict[str, Any]]:
    sources: dict[int, Source] = {}
    frames = []
    for part in parts:
        if part.file_id not in sources:
            sources[part.file_id] = open_source(part.file_id)
        source = sources[part.file_id]
        read = source.reader.read(part)
        frames.append(named_lines(read, source, part))
    frame = pl.concat(frames) if frames else pl.DataFrame(schema=SPOOL_SCHEMA)
    frame = with_owners(frame, job_id=job_id, cuts=cuts)
    return frame, _facts(frame)


def with_owners(frame: pl.DataFrame, *, job_id: int, cuts: Sequence[int] = ()) -> pl.DataFrame:
    """Return named lines with who held the calling number, and the reasons that need the owner."""
    asked = frame.with_columns(number=pl.when(pl.col("reason").is_null()).then(pl.col("calling")))
    frame = match_holders(asked, job_id=job_id, cuts=cuts)
    return frame.with_columns(_reasoned()).select(SPOOL_SCHEMA.keys()).cast(SPOOL_SCHEMA)


def open_source(file_id: int) -> Source:
    """Return a file with its form and its reader."""
    file = UsageFile.objects.select_related("source", "content", "lines").get(pk=file_id)
    form = form_of(file.source, on=file.business_day or file.arrived_at.astimezone(clock.operator_zone()).date())
    reader = PartReader(form=form, path=path_of(file.readable.sha256), arrived_at=file.arrived_at)
    return Source(file=file, form=form, reader=reader)


def named_lines(read: LinesRead, source: Source, part: Part) -> pl.DataFrame:
    """Return the lines of a part with normalised numbers, keys and the reasons that can be told without an owner."""
    calls = read.calls
    calling = normalise_numbers(calls["calling"], source.form.numbering)
    called = _normalise_called(calls, source.form.numbering)
    calls = calls.with_columns(
        was_calling=pl.col("calling"),
        was_called=pl.col("called"),
        calling=pl.Series(calling["number"].fill_null(calls["calling"])),
        called=pl.Series(called["number"].fill_null(calls["called"])),
        calling_fault=calling["fault"],
        called_fault=called["fault"],
    )
    joined = (pl.col("call_ref") != "") if source.form.joins else pl.lit(value=False)
    calls = calls.with_columns(
        key=duplicate_keys(calls, joins=source.form.joins),
        group_us=pl.when(joined).then(0).otherwise(pl.col("start_us")),
    )
    wrong_day = _wrong_days(calls["end_us"], source)
    reason = pl.coalesce(
        pl.col("calling_fault"),
        pl.when(_is_test_number()).then(pl.lit("TEST_NUMBER")),
        pl.when(wrong_day).then(pl.lit("WRONG_DAY")),
    )
    calls = calls.with_columns(
        pl.col("trunk_in", "trunk_out").cast(pl.Categorical),
        reason=reason,
        field=pl.when(pl.col("calling_fault").is_not_null()).then(pl.lit("calling")),
        value=pl.when(pl.col("calling_fault").is_not_null()).then(pl.col("was_calling")),
    )
    faults = read.faults.with_columns(file_id=part.file_id)
    return pl.concat([calls.with_columns(file_id=pl.lit(part.file_id)), faults], how="diagonal_relaxed").select(
        *(name for name in SPOOL_SCHEMA if name not in {"subscription_id", "account_id", "cycle_id", "category"}),
        "called_fault",
        "was_called",
        "end_us",
    )


def reason_is_part() -> pl.Expr:
    """Return whether a line reports a session that went on: it is joined to the last report, and no fault."""
    return (pl.col("reason") == str(LineFault.SESSION_PART)).fill_null(value=False)


def _normalise_called(calls: pl.DataFrame, plan: NumberingPlan) -> pl.DataFrame:
    """Return (number, fault) of what was called; access points and contents have names, in small letters."""
    is_named = calls["service"].is_in(NAMED_CODES)
    if not is_named.any():
        return normalise_numbers(calls["called"], plan)
    # Only what is a number is read as one: a name would be found faulty.
    found = normalise_numbers(calls["called"].zip_with(~is_named, pl.Series([plan.country_code])), plan)
    return found.with_columns(
        number=pl.when(is_named).then(calls["called"].str.strip_chars().str.to_lowercase()).otherwise("number"),
        fault=pl.when(~is_named).then("fault"),
    )


def _is_test_number() -> pl.Expr:
    """Return whether the calling or the called number is for test traffic."""
    found = pl.lit(value=False)
    for first, last in test_number_ranges():
        for name in ("calling", "called"):
            same_length = pl.col(name).str.len_bytes() == len(first)
            found |= same_length & (pl.col(name) >= first) & (pl.col(name) <= last)
    return found


def _wrong_days(ends: pl.Series, source: Source) -> pl.Series:
    """Return whether a call ended on a day that the file cannot hold."""
    day = source.file.business_day
    if day is None or len(ends) == 0:
        return pl.select(pl.repeat(value=False, n=len(ends))).to_series()
    days = local_days(ends, zone=clock.operator_zone())
    return (days - day_number(day)).abs() > source.form.day_tolerance


def _reasoned() -> list[pl.Expr]:
    """
    Add the reasons that need the owner: nobody held the number, the called number is none, or the subscription
    ended during the call.
    """
    no_owner = pl.col("reason").is_null() & pl.col("subscription_id").is_null()
    bad_called = pl.col("reason").is_null() & ~no_owner & pl.col("called_fault").is_not_null()
    outlasts = pl.col("reason").is_null() & ~no_owner & ~bad_called & pl.col("outlasts")
    return [
        pl.when(no_owner)
        .then(pl.lit("NO_SUBSCRIBER"))
        .when(bad_called)
        .then(pl.col("called_fault"))
        .when(outlasts)
        .then(pl.lit("OUTLASTS_SUBSCRIPTION"))
        .otherwise(pl.col("reason"))
        .alias("reason"),
        pl.when(no_owner)
        .then(pl.lit("calling"))
        .when(bad_called)
        .then(pl.lit("called"))
        .otherwise(pl.col("field"))
        .alias("field"),
        pl.when(no_owner)
        .then(pl.col("calling"))
        .when(bad_called)
        .then(pl.col("was_called"))
        .otherwise(pl.col("value"))
        .alias("value"),
    ]


def _facts(frame: pl.DataFrame) -> dict[str, Any]:
    """
    Return what a batch holds of each file: lines, seconds, lines that cannot be rated by reason, first and last
    start, lines by hour of start; and the hours (since 1970) in which lines begin that can be rated.
    """
    files = frame.group_by("file_id").agg(
        lines=pl.len(),
        seconds=pl.col("duration").sum(),
        bytes=pl.col("volume").sum(),
        first=pl.col("start_us").min(),
        last=pl.col("start_us").max(),
    )
    reasons = frame.select("file_id", "reason").filter(pl.col("reason").is_not_null() & ~reason_is_part())
    reasons = reasons.group_by("file_id", "reason").len()
    facts: dict[str, Any] = {
        str(row["file_id"]): {**row, "reasons": {}, "hours": {}} for row in files.iter_rows(named=True)
    }
    for file_id, reason, count in reasons.iter_rows():
        facts[str(file_id)]["reasons"][reason] = count
    hours = frame.group_by("file_id", hour=pl.col("start_us") // HOUR_US).len().drop_nulls()
    for file_id, hour, count in hours.iter_rows():
        facts[str(file_id)]["hours"][str(hour)] = count
    owned = frame.select(hour=pl.col("start_us") // HOUR_US, is_owned=pl.col("reason").is_null()).unique()
    return {"files": facts, "owned_hours": owned.filter("is_owned")["hour"].sort().to_list()}
