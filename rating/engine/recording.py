"""Rated rows into the books: records into the partitions of their days, and what they sum up to into the totals."""

from typing import Any

import polars as pl
from django.db import connection

from rating.engine.days import day_of
from rating.engine.plans import partition_name
from rating.engine.writing import copy_frame, merge_from_frame

DAY_US = 86_400_000_000
TOTAL_KEY = ("account_id", "bill_period", "subscription_id", "bill_item_id")
CORRECTION_KEY = (*TOTAL_KEY, "corrects")
_KEPT = (
    *("subscription_id", "account_id", "file_id", "unit_price_micro", "amount_micro", "zone_id", "bill_item_id"),
    *("plan_version_id", "rate_id", "charged_units", "allowance_id", "allowance_units", "third_party_micro"),
    *("units_before", "events_before", "service", "is_late", "calling", "called", "revision"),
)
_SUMS = ("record_count", "duration_seconds", "volume_bytes", "charged_units", "allowance_units", "amount_micro")
_DAYS = ("bill_period", "corrects")


def copy_records(rows: pl.DataFrame) -> None:
    """
    COPY records into the partitions of their days, which are there already.

    :param rows: in the order of the key, with revision; corrects (days since 1970, or null) where there is such a thing
    """
    corrects = [pl.col("corrects").cast(pl.Date)] if "corrects" in rows.columns else []
    table = rows.select(
        *_KEPT,
        *corrects,
        start_at=pl.col("start_us").cast(pl.Datetime("us")),
        duplicate_key="key",
        line_number="line",
        duration_seconds="duration",
        volume_bytes="volume",
        bill_period=pl.col("bill_period").cast(pl.Date),
        day=pl.col("start_us") // DAY_US,
    )
    for (day,), part in sorted(table.partition_by("day", as_dict=True, include_key=False).items()):
        copy_frame(part, table=partition_name(int(day)))


def add_totals(rows: pl.DataFrame, *, table: str = "rating_usagetotal", key: tuple[str, ...] = TOTAL_KEY) -> None:
    """
    Add records to the totals of their subscriptions, periods and bill items; a record that takes another back counts
    minus one.
    """
    if rows.is_empty():
        return
    totals = (
        rows.group_by(key)
        .agg(
            record_count=pl.len().cast(pl.Int64) - 2 * (pl.col("revision") % 2).cast(pl.Int64).sum(),
            duration_seconds=pl.col("duration").sum(),
            volume_bytes=pl.col("volume").sum(),
            charged_units=pl.col("charged_units").sum(),
            allowance_units=pl.col("allowance_units").sum(),
            amount_micro=pl.col("amount_micro").sum(),
        )
        # Nearly the key's order, by one number: that is all that the index wants.
        .sort("account_id")
    )
    changes = ", ".join(f"{name} = t.{name} + n.{name}" for name in _SUMS)
    if _has_totals(totals, table=table):
        merge_from_frame(_dated(totals), table=table, keys=key, changes=changes)
    else:
        copy_frame(_dated(totals), table=table)


def _dated(totals: pl.DataFrame) -> pl.DataFrame:
    return totals.with_columns(pl.col(name).cast(pl.Date) for name in _DAYS if name in totals.columns)


def _has_totals(totals: pl.DataFrame, *, table: str) -> bool:
    """Say whether any of the accounts has totals of these periods; nobody else writes them meanwhile."""
    periods = [day_of(day) for day in totals["bill_period"].unique()]
    accounts: list[Any] = [totals["account_id"].min(), totals["account_id"].max()]
    with connection.cursor() as cursor:
        cursor.execute(
            # Work is a range of accounts: two bounds instead of a list of thousands.
            f"SELECT EXISTS (SELECT FROM {table} WHERE account_id BETWEEN %s AND %s"  # noqa: S608 - a name of our own
            " AND bill_period = ANY(%s::date[]))",
            [*accounts, periods],
        )
        return bool(cursor.fetchone()[0])
