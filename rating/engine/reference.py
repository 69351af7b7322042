"""
What lines are matched with: who held which number and had which plan, as columns, read once for each run and range of
days.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl
from django.db import connection

from rating.engine.days import day_of, from_us, to_us
from subscribers.queries.holders import holder_columns_sql, plan_columns_sql

DAY_US = 86_400_000_000
# Numbers become integers behind a leading 1, so that leading zeros count.
_NUMBER = (pl.lit("1") + pl.col("number")).cast(pl.Int64, strict=False)
HOLDER_SCHEMA: dict[str, Any] = {
    "number": pl.String,
    "from_us": pl.Int64,
    "until_us": pl.Int64,
    "subscription_id": pl.Int64,
    "account_id": pl.Int64,
    "cycle_id": pl.Int32,
}
PLAN_SCHEMA: dict[str, Any] = {
    "subscription_id": pl.Int64,
    "from_day": pl.Int32,
    "until_day": pl.Int32,
    "plan_id": pl.Int64,
}


@dataclass(slots=True)
class _Held:
    """The tables in memory, and for what they were read."""

    scope: tuple[Any, ...] = ()
    singles: pl.DataFrame | None = None
    others: pl.DataFrame | None = None
    plans_scope: tuple[Any, ...] = ()
    plans: pl.DataFrame | None = None


_held = _Held()


def match_holders(calls: pl.DataFrame, *, job_id: int) -> pl.DataFrame:
    """
    Add subscription_id, account_id and cycle_id of who held the calling number at the start; null where nobody did.

    :param calls: with number (normalised, may be null) and start_us; keeps its order
    """
    singles, others = _holders(calls, job_id=job_id)
    calls = calls.with_columns(held=_NUMBER)
    inside = (pl.col("from_us") <= pl.col("start_us")) & (
        pl.col("until_us").is_null() | (pl.col("start_us") < pl.col("until_us"))
    )
    names = ("subscription_id", "account_id", "cycle_id")
    found = calls.join(singles, on="held", how="left", maintain_order="left").with_columns(
        pl.when(inside).then(pl.col(name)).alias(name) for name in names
    )
    found = found.drop("from_us", "until_us")
    if not others.is_empty():
        found = found.with_row_index("at")
        several = (
            found.drop(names)
            .join(others.select("held").unique(), on="held", how="semi")
            .sort("start_us")
            .join_asof(
                others, left_on="start_us", right_on="from_us", by="held", strategy="backward", check_sortedness=False
            )
            .filter(inside)
            .select("at", *names)
        )
        found = found.join(several, on="at", how="left", maintain_order="left", suffix="_2").with_columns(
            pl.coalesce(f"{name}_2", name).alias(name) for name in names
        )
        found = found.drop("at", *(f"{name}_2" for name in names))
    return found.drop("held")


def _holders(calls: pl.DataFrame, *, job_id: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the holdings of the calls' days: those of numbers held once, and the others in order of time."""
    first, last = calls["start_us"].min(), calls["start_us"].max()
    if not isinstance(first, int) or not isinstance(last, int):
        first = last = 0
    scope = (str(connection.settings_dict["NAME"]), job_id, first // DAY_US, last // DAY_US)
    if _held.scope != scope or _held.singles is None or _held.others is None:
        first_at, last_at = from_us(first // DAY_US * DAY_US), from_us((last // DAY_US + 1) * DAY_US)
        with connection.cursor() as cursor:
            select = holder_columns_sql(first_at=first_at, last_at=last_at, cursor=cursor.cursor)
        table = (
            fetch_frame(select, HOLDER_SCHEMA)
            .with_columns(held=_NUMBER, from_us=pl.col("from_us").fill_null(to_us(first_at - timedelta(days=1))))
            .drop("number")
        )
        several = table["held"].is_duplicated()
        _held.scope = scope
        _held.singles, _held.others = table.filter(~several), table.filter(several).sort("from_us")
    return _held.singles, _held.others


def match_plans(calls: pl.DataFrame, *, job_id: int) -> pl.DataFrame:
    """
    Add the plan_id that the subscription had on the local day of the start; null where it had none.

    :param calls: with subscription_id and day (days since 1970)
    """
    first, last = calls["day"].min(), calls["day"].max()
    assert isinstance(first, int)
    assert isinstance(last, int)
    scope = (str(connection.settings_dict["NAME"]), job_id, first, last)
    if _held.plans_scope != scope or _held.plans is None:
        with connection.cursor() as cursor:
            select = plan_columns_sql(first_on=day_of(first), last_on=day_of(last), cursor=cursor.cursor)
        _held.plans = fetch_frame(select, PLAN_SCHEMA).with_columns(pl.col("from_day").fill_null(first - 1))
        _held.plans_scope = scope
    mine = _held.plans.join(calls.select("subscription_id").unique(), on="subscription_id", how="semi")
    inside = pl.col("until_day").is_null() | (pl.col("day") < pl.col("until_day"))
    return (
        calls.sort("day")
        .join_asof(
            mine.sort("from_day"),
            left_on="day",
            right_on="from_day",
            by="subscription_id",
            strategy="backward",
            check_sortedness=False,
        )
        .with_columns(plan_id=pl.when(inside).then(pl.col("plan_id")))
        .drop("from_day", "until_day")
    )


def fetch_frame(select: str, schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows of a SELECT as a frame, copied out in one stream."""
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY ({select}) TO STDOUT (FORMAT csv)", buffer)
    if buffer.tell() == 0:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(buffer.getvalue(), has_header=False, schema=schema)
