"""Frames into Postgres: by COPY, in the order of the key."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from django.db import connection
from psycopg2 import sql

from billing_site.db.copying import COPY_BYTES, BlockStream, copy_statement
from rating.engine.binary_rows import binary_rows

INSTANT = "%Y-%m-%d %H:%M:%S%.6f+00"
# Fewer rows are quicker written as text.
WORTHWHILE = 1_000
# Defaults of columns, as the database writes them, and what they are.
USUAL = {None: None, "0": 0, "false": False}
# The backslash first: the others bring some.
_SIGNS = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))


def copy_frame(frame: pl.DataFrame, *, table: str) -> int:
    """
    COPY a frame into a table, column by name, inside the current transaction; return how many rows went in.

    Columns in which every row has what the table puts in by itself are left out: each costs as much as any other.
    """
    if not frame.is_empty():
        types, defaults = _columns_of(table)
        usual = {name: USUAL[default] for name, default in defaults.items() if default in USUAL}
        _copy(_without_usual(frame, usual), table=table, types=types)
    return frame.height


def copy_whole(frame: pl.DataFrame, *, table: str) -> None:
    """COPY every column of a frame into a table."""
    types = _columns_of(table)[0] if frame.height >= WORTHWHILE else {}
    _copy(frame, table=table, types=types)


def _copy(frame: pl.DataFrame, *, table: str, types: Mapping[str, str]) -> None:
    found = binary_rows(frame, types) if frame.height >= WORTHWHILE else None
    columns, stream = (frame.columns, _as_text(frame)) if found is None else (found[0], BlockStream(found[1]))
    statement = copy_statement(table=table, columns=columns, is_binary=found is not None)
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(statement, stream, COPY_BYTES)


def _as_text(frame: pl.DataFrame) -> io.BytesIO:
    """Return a frame in COPY's text form."""
    texts = pl.selectors.string()
    buffer = io.BytesIO()
    frame.with_columns(_escaped(texts)).write_csv(
        buffer, include_header=False, separator="\t", null_value="\\N", quote_style="never", datetime_format=INSTANT
    )
    buffer.seek(0)
    return buffer


def _columns_of(table: str) -> tuple[dict[str, str], dict[str, str | None]]:
    """Return the type of each column of a table, and its default as the database writes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.attname, format_type(a.atttypid, NULL), pg_get_expr(d.adbin, d.adrelid) FROM pg_attribute a"
            " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
            " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped",
            [table],
        )
        found = cursor.fetchall()
    return {name: kind for name, kind, _ in found}, {name: default for name, _, default in found}


def _without_usual(frame: pl.DataFrame, usual: Mapping[str, Any]) -> pl.DataFrame:
    """Return a frame without the columns that hold nothing but their table's default."""
    return frame.select(
        series.name for series in frame if series.name not in usual or not _is(series, usual[series.name])
    )


def _is(series: pl.Series, value: Any) -> bool:
    """Return whether a column holds nothing but a value; most columns show with their first row that they do not."""
    if value is None:
        return series.null_count() == len(series)
    return bool(series[0] == value and series.eq_missing(value).all())


def _escaped(texts: pl.Expr) -> pl.Expr:
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
