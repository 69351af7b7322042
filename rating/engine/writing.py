"""Frames into Postgres: by COPY, in the order of the key."""

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import polars as pl
from django.db import connection
from psycopg2 import sql

from billing_site.db.copying import COPY_BYTES, copy_statement
from rating.engine.field_columns import SECOND_US

WHOLE_SECONDS = "%Y-%m-%d %H:%M:%S+00"
MICROSECONDS = "%Y-%m-%d %H:%M:%S%.6f+00"
DAY_SECONDS = 86_400
# Fewer rows are written as they are.
WORTHWHILE = 1_000
# Defaults of columns, as the database writes them, and what they are.
USUAL = {None: None, "0": 0, "false": False}
# The backslash first: the others bring some.
_SIGNS = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
SPECIAL = str.maketrans(dict(_SIGNS))


def copy_frame(frame: pl.DataFrame, *, table: str, at: str = WHOLE_SECONDS) -> int:
    """
    COPY a frame into a table, column by name, inside the current transaction; return how many rows went in.

    Columns in which every row has what the table puts in by itself are left out: each costs as much as any other.
    Texts must hold no tab, backslash or line end: numbers and codes do not, others are ``escaped`` before.

    :param at: how instants are written
    """
    if not frame.is_empty():
        copy_whole(_without_usual(frame, table), table=table, at=at)
    return frame.height


def copy_whole(frame: pl.DataFrame, *, table: str, at: str = WHOLE_SECONDS) -> None:
    """COPY every column of a frame, as ``copy_frame`` does, into a table that puts nothing in by itself."""
    for name, kind in frame.schema.items():
        if isinstance(kind, pl.Datetime) and frame.select((pl.col(name).dt.microsecond() != 0).any()).item():
            at = MICROSECONDS
    if at == WHOLE_SECONDS:
        frame = frame.with_columns(_spelt(column) for column in frame if column.dtype in {pl.Date, pl.Datetime})
    buffer = io.BytesIO()
    frame.write_csv(
        buffer, include_header=False, separator="\t", null_value="\\N", quote_style="never", datetime_format=at
    )
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(copy_statement(table=table, columns=frame.columns), buffer, COPY_BYTES)


def _spelt(instants: pl.Series) -> pl.Series:
    """Return days, or instants of one day, as texts: spelling each of a hundred thousand anew takes the longest."""
    if len(instants) < WORTHWHILE or instants.null_count():
        return instants
    if instants.dtype == pl.Date:
        days = instants.unique()
        return instants.replace_strict(days, days.dt.strftime("%Y-%m-%d"), return_dtype=pl.String)
    seconds = instants.to_physical() // SECOND_US
    day = int(seconds[0]) // DAY_SECONDS
    if not seconds.is_between(day * DAY_SECONDS, (day + 1) * DAY_SECONDS - 1).all():
        return instants
    return _seconds_of(day).gather(seconds - day * DAY_SECONDS).alias(instants.name)


@lru_cache(maxsize=8)
def _seconds_of(day: int) -> pl.Series:
    """Return every second of a day (since 1970) as a text."""
    seconds = pl.int_range(day * DAY_SECONDS, (day + 1) * DAY_SECONDS, eager=True) * SECOND_US
    return seconds.cast(pl.Datetime("us")).dt.strftime(WHOLE_SECONDS)


def _without_usual(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Return a frame without the columns that hold nothing but their table's default."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.attname, pg_get_expr(d.adbin, d.adrelid) FROM pg_attribute a"
            " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
            " WHERE a.attrelid = %s::regclass AND a.attname = ANY(%s)",
            [table, frame.columns],
        )
        defaults = {name: USUAL[default] for name, default in cursor.fetchall() if default in USUAL}
    return frame.select(
        name for name in frame.columns if name not in defaults or not frame[name].eq_missing(defaults[name]).all()
    )


def escape(text: str) -> str:
    """Return a text as COPY reads it back."""
    return text.translate(SPECIAL)


def escaped(texts: pl.Expr) -> pl.Expr:
    """Return texts as COPY reads them back."""
    for sign, spelt in _SIGNS:
        texts = texts.str.replace_all(sign, spelt, literal=True)
    return texts


def update_from_frame(frame: pl.DataFrame, *, table: str, keys: Sequence[str], changes: str) -> None:
    """
    Change rows that exist, from a frame of new values.

    :param changes: the SET list; ``n`` is the row of the frame
    """
    _from_frame("UPDATE {table} t SET {changes} FROM {new} n WHERE {same}", frame, table, keys, changes)


def merge_from_frame(frame: pl.DataFrame, *, table: str, keys: Sequence[str], changes: str) -> None:
    """
    Change the rows that exist from a frame of new values, and put the others in: each is looked up once.

    :param changes: the SET list of rows that exist; ``n`` is the row of the frame
    """
    merge = (
        "MERGE INTO {table} t USING {new} n ON {same} WHEN MATCHED THEN UPDATE SET {changes}"
        " WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({values})"
    )
    _from_frame(merge, frame, table, keys, changes)


def _from_frame(statement: str, frame: pl.DataFrame, table: str, keys: Sequence[str], changes: str) -> None:
    if frame.is_empty():
        return
    columns = [sql.Identifier(name) for name in frame.columns]
    names: dict[str, Any] = {
        "table": sql.Identifier(table),
        "new": sql.Identifier(f"new_{table}"),
        "columns": sql.SQL(", ").join(columns),
        "values": sql.SQL(", ").join(sql.SQL("n.{0}").format(column) for column in columns),
        "same": sql.SQL(" AND ").join(sql.SQL("t.{0} = n.{0}").format(sql.Identifier(key)) for key in keys),
        "changes": sql.SQL(changes),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE {new} ON COMMIT DROP AS SELECT {columns} FROM {table} LIMIT 0").format(**names)
        )
        copy_whole(frame, table=f"new_{table}")
        # Each is looked up by its key: the planner would read all of the table for every piece of a run.
        cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
        cursor.execute(sql.SQL(statement).format(**names))
        if cursor.rowcount != frame.height:
            message = f"{table}: {frame.height} rows to change, {cursor.rowcount} found"
            raise RuntimeError(message)
        cursor.execute("SET LOCAL enable_hashjoin TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT")
        cursor.execute(sql.SQL("DROP TABLE {new}").format(**names))
