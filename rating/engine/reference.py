"""
What lines are matched with: who held which number and had which plan, as columns, read once for each run and range of
days.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import polars as pl
from django.db import connection

from rating.engine.days import day_of, from_us, to_us
from rating.engine.shared_tables import read_shared
from rating.engine.spool_files import SpoolFolder
from subscribers.queries.holders import LAST_ID, holder_columns_sql, past_categories_sql, plan_columns_sql

DAY_US = 86_400_000_000
# Tables are read for whole blocks of so many days: the lines of a run begin near to each other, and one reading does
# for all, whoever reads.
BLOCK_DAYS = 16
# One piece of the holders for so many spools, and no more pieces than that.
SPOOLS_PER_PIECE = 10
MOST_PIECES = 8
# Numbers become integers behind a leading 1, so that leading zeros count.
_NUMBER = (pl.lit("1") + pl.col("number")).cast(pl.Int64, strict=False)
HOLDER_SCHEMA: dict[str, Any] = {
    "number": pl.String,
    "from_us": pl.Int64,
    "until_us": pl.Int64,
    "subscription_id": pl.Int64,
    "account_id": pl.Int64,
    "cycle_id": pl.Int32,
    "category": pl.Categorical(),
    "ends_line": pl.String,
}
PAST_SCHEMA: dict[str, Any] = {
    "account_id": pl.Int64,
    "from_day": pl.Int32,
    "until_day": pl.Int32,
    "category": pl.String,
}
PLAN_SCHEMA: dict[str, Any] = {
    "subscription_id": pl.Int64,
    "from_day": pl.Int32,
    "until_day": pl.Int32,
    "plan_id": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class _Span:
    """The job and the days (since 1970) for which a table was read."""

    scope: tuple[Any, ...] = ()
    first_day: int = 0
    last_day: int = 0

    def reaching(self, first_day: int, last_day: int, *, job_id: int) -> "_Span":
        """Return the span if it holds some days of a job, or else a wider one."""
        scope = (str(connection.settings_dict["NAME"]), job_id)
        first, last = first_day // BLOCK_DAYS * BLOCK_DAYS, (last_day // BLOCK_DAYS + 1) * BLOCK_DAYS - 1
        if self.scope == scope:
            # Where pieces of a run have calls of different days, the table is soon that of all.
            first, last = min(first, self.first_day), max(last, self.last_day)
        return _Span(scope, first, last)


@dataclass(slots=True)
class _Held:
    """The tables in memory, and for what they were read."""

    holders_span: _Span = _Span()
    singles: pl.DataFrame | None = None
    others: pl.DataFrame | None = None
    plans_span: _Span = _Span()
    # Of subscriptions that kept their plan, and of those that changed it.
    plans: pl.DataFrame | None = None
    changing_plans: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PLAN_SCHEMA))


_held = _Held()


def match_holders(calls: pl.DataFrame, *, job_id: int, cuts: Sequence[int] = ()) -> pl.DataFrame:
    """
    Add subscription_id, account_id, cycle_id and category of who held the calling number at the start; null where
    nobody did.

    Also outlasts: whether the call went on after that subscription had ended.

    :param calls: with number (normalised, may be null), start_us and end_us; their order is kept
    :param cuts: accounts at which a run is cut into spools, where several workers want the holders; none: read alone
    """
    singles, others = _holders(calls, job_id=job_id, cuts=cuts)
    # Only what is looked at is joined and put back in order: the calls have many columns, and none is copied for it.
    asked = calls.select("start_us", "end_us", held=_NUMBER).with_row_index("at")
    changes_hands = asked["held"].is_in(others["held"].unique().implode()).fill_null(value=False)
    found = [_judged(_looked_up(asked.filter(~changes_hands), singles, on="held"))]
    if changes_hands.any():
        several = asked.filter(changes_hands).sort("start_us")
        by_time = several.join_asof(
            others, left_on="start_us", right_on="from_us", by="held", strategy="backward", check_sortedness=False
        )
        found.append(_judged(by_time))
    return calls.hstack(pl.concat(found).sort("at").drop("at"))


def match_called(calls: pl.DataFrame, *, job_id: int) -> pl.DataFrame:
    """
    Add called_subscription: the line that held the called number at the start; null where none did.

    :param calls: with called (normalised) and start_us; their order is not kept
    """
    narrow = calls.with_columns(number=pl.col("called"), end_us=pl.col("start_us"))
    held = match_holders(narrow, job_id=job_id)
    return held.select(*calls.columns, called_subscription="subscription_id")


def _judged(asked: pl.DataFrame) -> pl.DataFrame:
    """Keep the holder of those calls only that began while he held the number."""
    inside = (pl.col("from_us") <= pl.col("start_us")) & (
        pl.col("until_us").is_null() | (pl.col("start_us") < pl.col("until_us"))
    )
    names = ("subscription_id", "account_id", "cycle_id", "category")
    return asked.select(
        "at",
        *(pl.when(inside).then(pl.col(name)).alias(name) for name in names),
        outlasts=inside & (pl.col("ends_line") & (pl.col("end_us") > pl.col("until_us"))).fill_null(value=False),
    )


def _holders(calls: pl.DataFrame, *, job_id: int, cuts: Sequence[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the holdings of the calls' days: those of numbers held once, and the others in order of time."""
    known = _held.holders_span
    first, last = calls["start_us"].min(), calls["start_us"].max()
    # Where no line has a start, none has a number that is asked for, and any day does.
    days = (at // DAY_US if isinstance(at, int) else known.first_day for at in (first, last))
    span = known.reaching(*days, job_id=job_id)
    if span != known or _held.singles is None or _held.others is None:
        table = _read_holders(span, job_id=job_id, cuts=cuts)
        several = table["held"].is_duplicated()
        _held.singles, _held.others = (
            table.filter(~several).drop_nulls("held").sort("held"),
            table.filter(several).sort("from_us"),
        )
        _held.holders_span = span
    return _held.singles, _held.others


def _read_holders(span: _Span, *, job_id: int, cuts: Sequence[int]) -> pl.DataFrame:
    """Return the holdings in force on any day of a span; those of a large run are read by its workers together."""
    count = min(MOST_PIECES, (len(cuts) + 1) // SPOOLS_PER_PIECE)
    if count <= 1:
        return _read_holdings(span, 0, LAST_ID)
    bounds = [0, *(cuts[len(cuts) * at // count] for at in range(1, count)), LAST_ID + 1]
    pieces = [partial(_read_holdings, span, first, behind - 1) for first, behind in pairwise(bounds)]
    return read_shared(SpoolFolder(job_id), f"holders-{span.first_day}-{span.last_day}", pieces)


def _read_holdings(span: _Span, first_account: int, last_account: int) -> pl.DataFrame:
    first_at, last_at = from_us(span.first_day * DAY_US), from_us((span.last_day + 1) * DAY_US)
    with connection.cursor() as cursor:
        select = holder_columns_sql(
            first_at=first_at,
            last_at=last_at,
            first_account=first_account,
            last_account=last_account,
            cursor=cursor.cursor,
        )
    return (
        fetch_frame(select, HOLDER_SCHEMA)
        .with_columns(
            held=_NUMBER,
            from_us=pl.col("from_us").fill_null(to_us(first_at - timedelta(days=1))),
            ends_line=pl.col("ends_line") == "t",
        )
        .drop("number")
    )


def match_plans(calls: pl.DataFrame, *, job_id: int) -> pl.DataFrame:
    """
    Add the plan_id that the subscription had on the local day of the start, and plan_from, the day from which it had
    it; null where it had none.

    :param calls: with subscription_id and day (days since 1970); their order is kept
    """
    first, last = calls["day"].min(), calls["day"].max()
    assert isinstance(first, int)
    assert isinstance(last, int)
    span = _held.plans_span.reaching(first, last, job_id=job_id)
    if span != _held.plans_span or _held.plans is None:
        _hold_plans(_read_plans(span), span)
    assert _held.plans is not None
    asked = calls.select("subscription_id", "day").with_row_index("place")
    if _held.changing_plans.is_empty():
        found = [_looked_up(asked, _held.plans, on="subscription_id")]
    else:
        several = _held.changing_plans
        changing = asked.join(several, on="subscription_id", how="semi")
        steady = asked.join(several, on="subscription_id", how="anti")
        found = [_looked_up(steady, _held.plans, on="subscription_id"), _latest(changing, several)]
    inside = (pl.col("from_day") <= pl.col("day")) & (
        pl.col("until_day").is_null() | (pl.col("day") < pl.col("until_day"))
    )
    plans = pl.concat(found).sort("place").select(plan_id=pl.when(inside).then("plan_id"), plan_from="from_day")
    return calls.hstack(plans)


def _read_plans(span: _Span) -> pl.DataFrame:
    """Return the plans that subscriptions have on any day of a span."""
    days = {"first_on": day_of(span.first_day), "last_on": day_of(span.last_day)}
    with connection.cursor() as cursor:
        select = plan_columns_sql(**days, cursor=cursor.cursor)
    return fetch_frame(select, PLAN_SCHEMA).with_columns(pl.col("from_day").fill_null(span.first_day - 1))


def _hold_plans(plans: pl.DataFrame, span: _Span) -> None:
    is_several = plans["subscription_id"].is_duplicated()
    _held.plans, _held.changing_plans = plans.filter(~is_several).sort("subscription_id"), plans.filter(is_several)
    _held.plans_span = span


def dated_categories(calls: pl.DataFrame) -> pl.DataFrame:
    """
    Put the category that the account had on the day of the call in the place of the present one.

    :param calls: with at (a number of their own), account_id, category and day (days since 1970)
    """
    bounds = (pl.min("day").alias("first"), pl.max("day").alias("last"))
    ids = (pl.min("account_id").alias("lowest"), pl.max("account_id").alias("highest"))
    first, last, lowest, highest = calls.select(*bounds, *ids).row(0)
    with connection.cursor() as cursor:
        select = past_categories_sql(
            first_account=lowest,
            last_account=highest,
            first_on=day_of(first),
            last_on=day_of(last),
            cursor=cursor.cursor,
        )
    past = fetch_frame(select, PAST_SCHEMA)
    if past.is_empty():
        return calls
    held = pl.col("from_day").is_null() | (pl.col("from_day") <= pl.col("day"))
    then = (
        calls.select("at", "account_id", "day")
        .join(past, on="account_id", how="inner")
        .filter(held & (pl.col("day") < pl.col("until_day")))
        .select("at", was=pl.col("category").cast(pl.Categorical))
    )
    return (
        calls.join(then, on="at", how="left", maintain_order="left")
        .with_columns(category=pl.coalesce("was", "category"))
        .drop("was")
    )


def _looked_up(asked: pl.DataFrame, table: pl.DataFrame, *, on: str) -> pl.DataFrame:
    """
    Join the one row of a table that there is for each key, or nulls; the order is not kept.

    A join would hash the table anew for every piece of a run: millions of lines of a network for some thousand calls.

    :param table: in the order of ``on``, each key once
    """
    if table.is_empty():
        return asked.join(table, on=on, how="left")
    asked = asked.sort(on)
    place = table[on].search_sorted(asked[on], side="left")
    found = table[place.clip(upper_bound=table.height - 1)]
    is_same = (found[on] == asked[on]).fill_null(value=False)
    others = found.drop(on).with_columns(is_same=is_same)
    return asked.hstack(others.select(pl.when("is_same").then(pl.all().exclude("is_same"))))


def _latest(calls: pl.DataFrame, plans: pl.DataFrame) -> pl.DataFrame:
    """Add the plan that began last on or before the day of each call."""
    found = calls.sort("day").join_asof(
        plans.sort("from_day"),
        left_on="day",
        right_on="from_day",
        by="subscription_id",
        strategy="backward",
        check_sortedness=False,
        coalesce=False,
    )
    return found.drop("subscription_id_right", strict=False)


def fetch_frame(select: str, schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows of a SELECT as a frame, copied out in one stream."""
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY ({select}) TO STDOUT (FORMAT csv)", buffer)
    if buffer.tell() == 0:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(buffer.getvalue(), has_header=False, schema=schema)
