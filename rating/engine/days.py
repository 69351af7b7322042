"""Local days as columns: found between midnights, not by turning every instant into a calendar date."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from billing_site.core.periods import midnight_of

EPOCH_DAY = date(1970, 1, 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def day_number(day: date) -> int:
    """Return the days since 1970."""
    return (day - EPOCH_DAY).days


def day_of(number: int) -> date:
    """Return the day of a number of days since 1970."""
    return EPOCH_DAY + timedelta(days=number)


def to_us(moment: datetime) -> int:
    """Return microseconds since 1970, UTC."""
    return (moment - EPOCH) // MICROSECOND


def from_us(number: int) -> datetime:
    """Return the instant of a number of microseconds since 1970."""
    return EPOCH + number * MICROSECOND


def local_days(instants: pl.Series, *, zone: ZoneInfo) -> pl.Series:
    """
    Return the local day of each instant, as days since 1970.

    :param instants: microseconds since 1970; null stays null
    """
    first, last = instants.min(), instants.max()
    if not isinstance(first, int) or not isinstance(last, int):
        return pl.Series("day", [None] * len(instants), dtype=pl.Int32)
    start = from_us(first).astimezone(zone).date()
    end = from_us(last).astimezone(zone).date()
    count = (end - start).days + 1
    if count == 1:
        days = pl.select(pl.repeat(day_number(start), len(instants), dtype=pl.Int32)).to_series()
    else:
        midnights = [to_us(midnight_of(start + timedelta(days=at), zone=zone)) for at in range(count)]
        found = pl.Series(midnights).search_sorted(instants.fill_null(first), side="right")
        days = found.cast(pl.Int32) + (day_number(start) - 1)
    return (
        days.alias("day")
        if instants.null_count() == 0
        else days.zip_with(instants.is_not_null(), pl.Series("day", [None] * len(instants), dtype=pl.Int32))
    )
