"""
Traffic added up by day while rating, in the spool's own transaction: the pages never look at millions of records.

Unlike the totals of an account, a row of traffic belongs to no spool: several workers add to the same hour. Rows are
therefore put in with ``ON CONFLICT``, always in the order of the key (nobody waits in a ring), and as the last thing
before the commit (nobody waits for long).
"""

from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connection
from psycopg2 import sql

from rating.engine.days import day_number, from_us
from rating.engine.writing import copy_whole
from rating.models import UsageFile

QUARTER_US = 900_000_000
TRAFFIC_KEY = ("day", "hour", "source_id", "trunk_in", "trunk_out", "category", "service", "usage_category_id")
SERVICE_KEY = ("day", "service")
KEY_ACCOUNT_KEY = ("account_id", "day", "service")
STAFF_LINE_KEY = ("subscription_id", "day", "service")
SUMS = ("record_count", "duration_seconds", "volume_bytes", "amount_micro")
TEXTS = ("trunk_in", "trunk_out", "category")
LONGEST = {"trunk_in": 64, "trunk_out": 64, "category": 16}


def add_charged_traffic(rows: pl.DataFrame, *, zone: ZoneInfo) -> None:
    """
    Add rated rows to the traffic of their hours; must run in the transaction that writes them.

    :param rows: with a ``sign`` where some of them take others back
    """
    if rows.is_empty():
        return
    sources = dict(UsageFile.objects.filter(pk__in=rows["file_id"].unique().to_list()).values_list("pk", "source_id"))
    rows = rows.with_columns(
        source_id=pl.col("file_id").replace_strict(sources, return_dtype=pl.Int64),
        quarter=pl.col("start_us") // QUARTER_US,
    ).with_columns(*_hours(rows["start_us"] // QUARTER_US, zone=zone))
    add_traffic(rows if "sign" in rows.columns else rows.with_columns(sign=pl.lit(1, dtype=pl.Int8)))


def _hours(quarters: pl.Series, *, zone: ZoneInfo) -> list[pl.Expr]:
    """Return the local day and hour of each quarter of an hour: clocks differ from UTC by whole quarters."""
    moments = {quarter: from_us(quarter * QUARTER_US).astimezone(zone) for quarter in quarters.unique()}
    days = {quarter: day_number(moment.date()) for quarter, moment in moments.items()}
    hours = {quarter: moment.hour for quarter, moment in moments.items()}
    quarter = pl.col("quarter")
    return [
        quarter.replace_strict(days, return_dtype=pl.Int32).alias("day_local"),
        quarter.replace_strict(hours, return_dtype=pl.Int16).alias("hour"),
    ]


def add_traffic(rows: pl.DataFrame) -> None:
    """
    Add records to the traffic of their hours, and to the days of key accounts and of lines in the hands of staff; must
    run in the spool's transaction.

    :param rows: one row a record: ``day_local`` (days since 1970 of the operator's time), ``hour``, ``source_id``,
        ``trunk_in``, ``trunk_out``, ``category`` (of the account), ``service`` (a small number),
        ``usage_category_id`` or else ``zone_id``, ``account_id``, ``subscription_id``, ``sign`` (1, or -1 for what
        takes a record back), and ``duration``, ``volume``, ``amount_micro`` as the record has them (below zero in a
        reversal)
    """
    if rows.is_empty():
        return
    if "usage_category_id" not in rows.columns:
        # Before they are summed: there are some categories, but hundreds of zones, and as many more sums.
        rows = rows.with_columns(
            usage_category_id=pl.col("zone_id").replace_strict(_categories(), return_dtype=pl.Int64)
        )
    # Summed as they are, then named: of millions of rows some thousands are left.
    hours = _summed(rows, ("day_local", "hour", "source_id", *TEXTS, "service", "usage_category_id"))
    texts = (pl.col(name).cast(pl.String).fill_null("").str.head(LONGEST[name]) for name in TEXTS)
    sums = hours.with_columns(*texts, *_typed()).group_by(TRAFFIC_KEY).agg(pl.col(SUMS).sum()).sort(TRAFFIC_KEY)
    _put_in(sums, table="rating_trafficday", key=TRAFFIC_KEY)
    services = sums.group_by(SERVICE_KEY).agg(pl.col(SUMS).sum()).sort(SERVICE_KEY)
    _put_in(services, table="rating_trafficserviceday", key=SERVICE_KEY)
    _put_in_days(rows, _key_accounts(rows["account_id"]), table="rating_keyaccountday", key=KEY_ACCOUNT_KEY)
    _put_in_days(rows, _staff_lines(rows["subscription_id"]), table="rating_stafflineday", key=STAFF_LINE_KEY)


def _put_in_days(rows: pl.DataFrame, followed: list[int], *, table: str, key: tuple[str, str, str]) -> None:
    """Add the rows of who is followed, by the first column of the key, to his days."""
    if followed:
        days = _summed(rows.filter(pl.col(key[0]).is_in(followed)), (key[0], "day_local", "service"))
        _put_in(days.with_columns(_typed("service")).sort(key), table=table, key=key)


def _typed(*names: str) -> list[pl.Expr]:
    small = [pl.col(name).cast(pl.Int16) for name in names or ("hour", "service")]
    return [*small, pl.col("day_local").cast(pl.Date).alias("day")]


def _summed(rows: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    return rows.group_by(key).agg(
        record_count=pl.col("sign").cast(pl.Int64).sum(),
        duration_seconds=pl.col("duration").cast(pl.Int64).sum(),
        volume_bytes=pl.col("volume").cast(pl.Int64).sum(),
        amount_micro=pl.col("amount_micro").sum(),
    )


def _put_in(sums: pl.DataFrame, *, table: str, key: tuple[str, ...]) -> None:
    """Add sums to a table's rows; those that are not there yet are made."""
    names: dict[str, Any] = {
        "table": sql.Identifier(table),
        "new": sql.Identifier(f"new_{table}"),
        "columns": sql.SQL(", ").join(map(sql.Identifier, (*key, *SUMS))),
        "key": sql.SQL(", ").join(map(sql.Identifier, key)),
        "added": sql.SQL(", ").join(sql.SQL("{0} = t.{0} + excluded.{0}").format(sql.Identifier(one)) for one in SUMS),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE {new} ON COMMIT DROP AS SELECT {columns} FROM {table} LIMIT 0").format(**names)
        )
        copy_whole(sums.select(*key, *SUMS), table=f"new_{table}")
        cursor.execute(
            sql.SQL(
                "INSERT INTO {table} AS t ({columns}) SELECT {columns} FROM {new} ORDER BY {key}"
                " ON CONFLICT ({key}) DO UPDATE SET {added}"
            ).format(**names)
        )
        cursor.execute(sql.SQL("DROP TABLE {new}").format(**names))


def _categories() -> dict[int, int]:
    """Return the usage category of each zone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, usage_category_id FROM tariffs_zone")
        return dict(cursor.fetchall())


def _key_accounts(accounts: pl.Series) -> list[int]:
    """
    Return which accounts are followed.

    Whoever begins to follow one waits for the spools under way, and they for him: its days are then counted once.
    """
    # A spool is a range of accounts: two bounds instead of a list of thousands.
    bounds: list[Any] = [accounts.min(), accounts.max()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext('rating.follow_key_account'))")
        cursor.execute("SELECT id FROM subscribers_account WHERE is_key AND id BETWEEN %s AND %s", bounds)
        return [int(pk) for (pk,) in cursor.fetchall()]


def _staff_lines(subscriptions: pl.Series) -> list[int]:
    """Return which lines of staff are followed; who begins to follow one waits as he does for a key account."""
    bounds: list[Any] = [subscriptions.min(), subscriptions.max()]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subscription_id FROM rating_followedstaffline WHERE subscription_id BETWEEN %s AND %s", bounds
        )
        return [int(pk) for (pk,) in cursor.fetchall()]
