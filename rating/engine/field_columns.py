"""Fields of text as columns of values: null for whatever is not surely right, and so left to the core."""

from datetime import datetime, timedelta

import polars as pl

from rating.domain.cdr_formats.column_maps import UTC_ZONE, ColumnMap
from rating.domain.cdr_formats.csv_lines import MICRO_PLACES
from rating.domain.cdr_formats.times import TimeFormat, read_time
from rating.engine.days import to_us

SECOND_US = 1_000_000
MILLISECOND_US = 1_000


class TimeColumn:
    """Reads times: whatever stands before the seconds is read by the core, once for each minute that occurs."""

    def __init__(self, column_map: ColumnMap) -> None:
        """Read the times of one source."""
        self._map = column_map
        self._minutes: dict[str, int | None] = {}

    def read(self, texts: pl.Series) -> pl.Series:
        """Return microseconds since 1970, null for what is not surely right."""
        if self._map.time_format is TimeFormat.EPOCH:
            good = texts.str.contains(r"^[0-9]{1,10}$")
            return pl.select(pl.when(good).then(texts.cast(pl.Int64, strict=False) * SECOND_US)).to_series()
        if self._map.zone is UTC_ZONE:
            texts = texts.str.strip_suffix("Z")  # what we write ourselves: in this zone it says the same without
        if self._map.time_format is TimeFormat.EPOCH_MS:
            good = texts.str.contains(r"^[0-9]{4,13}$")
            return pl.select(pl.when(good).then(texts.cast(pl.Int64, strict=False) * MILLISECOND_US)).to_series()
        lengths = [14, 15] if self._map.time_format is TimeFormat.COMPACT else [19]
        frame = pl.DataFrame({"text": texts}).select(
            head=pl.when(
                pl.col("text").str.len_bytes().is_in(lengths) & pl.col("text").str.contains(r"[0-5][0-9]$")
            ).then(pl.col("text").str.head(-2)),
            seconds=pl.col("text").str.tail(2).cast(pl.Int64, strict=False),
        )
        known = self._known(frame["head"].unique().drop_nulls())
        return frame.join(known, on="head", how="left", maintain_order="left").select(
            us=pl.col("minute_us") + pl.col("seconds") * SECOND_US
        )["us"]

    def _known(self, heads: pl.Series) -> pl.DataFrame:
        for head in heads:
            if head not in self._minutes:
                self._minutes[head] = self._minute(head)
        found = heads.to_list()
        return pl.DataFrame(
            {"head": found, "minute_us": [self._minutes[head] for head in found]},
            schema={"head": pl.String, "minute_us": pl.Int64},
        )

    def _minute(self, head: str) -> int | None:
        """Return the minute's beginning, unless the core refuses any of its seconds."""
        form, zone = self._map.time_format, self._map.zone
        first, last = (read_time(head + second, form=form, zone=zone) for second in ("00", "59"))
        if isinstance(first, datetime) and isinstance(last, datetime) and last - first == timedelta(seconds=59):
            return to_us(first)
        return None


def seconds(name: str, longest: int) -> pl.Expr:
    """Return 1 to 6 ASCII digits as a number, null for anything else or above the longest."""
    number = pl.when(pl.col(name).str.contains(r"^[0-9]{1,6}$")).then(pl.col(name)).cast(pl.Int64, strict=False)
    return pl.when(number <= longest).then(number)


def whole(name: str, digits: int) -> pl.Expr:
    """Return ASCII digits as a number, nothing as 0, null for anything else."""
    text = pl.when(pl.col(name) == "").then(pl.lit("0")).otherwise(pl.col(name))
    return pl.when(text.str.contains(f"^[0-9]{{1,{digits}}}$")).then(text).cast(pl.Int64, strict=False)


def micro(name: str) -> pl.Expr:
    """Return an amount of digits with at most six decimals in millionths, nothing as 0, null for anything else."""
    text = pl.when(pl.col(name) == "").then(pl.lit("0")).otherwise(pl.col(name))
    parts = text.str.extract_groups(f"^([0-9]{{1,11}})(?:[.]([0-9]{{1,{MICRO_PLACES}}}))?$")
    decimals = parts.struct[1].fill_null("").str.pad_end(MICRO_PLACES, "0")
    return (parts.struct[0] + decimals).cast(pl.Int64, strict=False)
