"""
Lines that are a call already counted: in the same file, in another file of the run, or among the records of earlier
runs.

Of the lines of one call one counts: a line that can be rated before one that cannot, an answered row before an
unanswered one, the longest, then the
first by file and line. A further line that says the same is DUPLICATE, one that says something else of the same call
(Asterisk writes a row for each leg) is JOINED.

Rows that a reference names as one call are one only where they begin near to each other: a server that counts its
sessions from one again after a fault gives a number twice, and the second session is a session of its own. So it
makes no difference whether they come in one run or in two.
"""

from collections.abc import Collection

import polars as pl

from rating.domain.duplicate_keys import MULTIPLIER
from rating.engine.spool_files import SpoolFolder

# Rows of one call begin within so long of each other: the clocks of servers differ, and a call that is passed on has
# a row that begins later.
NEAR_HOURS = 6
NEAR_US = NEAR_HOURS * 3_600_000_000
GROUP = ("key", "group_us", "time_of_reference")


def split_duplicates(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return (lines that count, lines set aside with outcome, why, of_file and of_line) of one spool."""
    narrow = lines.select(
        mark=(pl.col("key").reinterpret(signed=False) * pl.lit(MULTIPLIER, dtype=pl.UInt64)).reinterpret(signed=True)
        ^ pl.col("group_us")
    )["mark"]
    is_several = narrow.is_duplicated() & narrow.is_not_null()
    if not is_several.any():
        return lines, _no_aside(lines)
    several = _with_times(lines.with_row_index("at").filter(is_several)).sort(
        pl.col("reason").is_not_null(),
        ~pl.col("answered"),
        -pl.col("duration"),
        "file_id",
        "line",
        maintain_order=True,
    )
    several = several.with_columns(
        place=pl.int_range(pl.len()).over(GROUP),
        **{
            f"of_{name}": pl.col(name).first().over(GROUP)
            for name in ("file_id", "line", "start_us", "duration", "called")
        },
    )
    same = (
        (pl.col("start_us") == pl.col("of_start_us"))
        & (pl.col("duration") == pl.col("of_duration"))
        & (pl.col("called") == pl.col("of_called"))
    )
    aside = several.filter(pl.col("place") > 0).with_columns(
        outcome=pl.when(same).then(pl.lit("DUPLICATE")).otherwise(pl.lit("JOINED")),
        why=pl.when(~same)
        .then(pl.lit("SAME_CALL"))
        .when(pl.col("file_id") == pl.col("of_file_id"))
        .then(pl.lit("TWICE_IN_FILE"))
        .otherwise(pl.lit("IN_OTHER_FILE")),
        of_file=pl.col("of_file_id"),
        of_line=pl.col("of_line").cast(pl.Int32),
    )
    counting = lines.filter(~pl.int_range(lines.height, eager=True).is_in(aside["at"].implode()))
    return counting, aside.select(*lines.columns, "outcome", "why", "of_file", "of_line")


def _with_times(several: pl.DataFrame) -> pl.DataFrame:
    """Number the times that a reference is used: with a start that is far behind the one before another begins."""
    if not (several["group_us"] == 0).any():
        return several.with_columns(time_of_reference=pl.lit(0, dtype=pl.Int32))
    is_far = (pl.col("start_us") - pl.col("start_us").shift(1) > NEAR_US).fill_null(value=False)
    ordered = several.sort("key", "group_us", "start_us", maintain_order=True)
    return ordered.with_columns(time_of_reference=is_far.cast(pl.Int32).cum_sum().over("key", "group_us")).sort("at")


def split_committed(
    lines: pl.DataFrame, *, folder: SpoolFolder, days: Collection[int]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return (lines that count, lines whose call an earlier run has rated), by the keys committed in the run's days."""
    if not days:
        return lines, _no_aside(lines)
    mine = lines.select("key").drop_nulls().unique()
    found = [
        pl.scan_ipc(folder.committed(day)).join(mine.lazy(), on="key", how="semi").collect(engine="streaming")
        for day in days
    ]
    return split_known(lines, pl.concat(found))


def split_known(lines: pl.DataFrame, committed: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return (lines that count, lines whose call is among the committed records)."""
    if committed.is_empty():
        return lines, _no_aside(lines)
    is_joined = (pl.col("group_us") == 0) & ((pl.col("start_us") - pl.col("of_start")).abs() <= NEAR_US)
    hits = (
        lines.with_row_index("at")
        .join(committed.rename({"start_us": "of_start"}).drop("subscription_id"), on="key", how="inner")
        .filter(is_joined | (pl.col("start_us") == pl.col("of_start")))
        .sort("at", "of_file", "of_line")
        .unique("at", keep="first", maintain_order=True)
    )
    same = (pl.col("start_us") == pl.col("of_start")) & (pl.col("duration") == pl.col("of_duration"))
    aside = hits.with_columns(
        outcome=pl.when(same).then(pl.lit("DUPLICATE")).otherwise(pl.lit("JOINED")),
        why=pl.when(same).then(pl.lit("RATED_BEFORE")).otherwise(pl.lit("SAME_CALL")),
    )
    counting = lines.with_row_index("at").join(hits.select("at"), on="at", how="anti").drop("at")
    return counting, aside.select(*lines.columns, "outcome", "why", "of_file", "of_line")


def _no_aside(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.clear().with_columns(
        outcome=pl.lit(None, dtype=pl.String),
        why=pl.lit(None, dtype=pl.String),
        of_file=pl.lit(None, dtype=pl.Int64),
        of_line=pl.lit(None, dtype=pl.Int32),
    )
