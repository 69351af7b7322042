"""SQL that lives in files: statements of operations and queries, functions and triggers of migrations."""

import functools
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from django.db import connection, migrations

REVERSE_MARK = "-- reverse --"


def run_sql(app: str, name: str, parameters: Mapping[str, Any] | None = None) -> int:
    """
    Run the statement in ``<app>/sql/<name>.sql`` and return the number of rows it touched.

    Parameters are named (``%(day)s``).
    """
    with connection.cursor() as cursor:
        cursor.execute(read_sql(app, name), parameters)
        return int(cursor.rowcount)


def fetch_sql(app: str, name: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run the query in ``<app>/sql/<name>.sql`` and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql(app, name), parameters)
        return list(cursor.fetchall())


@functools.cache
def read_sql(app: str, name: str) -> str:
    """Return the text of ``<app>/sql/<name>.sql``."""
    return (_folder_of(app) / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def array_of(ids: Iterable[int]) -> str:
    """
    Return numbers as the text of an array, for a parameter compared with a column or cast (``%(ids)s::bigint[]``).

    The driver writes a list as an expression of so many parts, which costs both sides ten times as much.
    """
    return f"{{{','.join(map(str, ids))}}}"


def run_sql_file(app: str, name: str) -> migrations.RunSQL:
    """
    Return the migration operation for ``<app>/migrations/sql/<name>.sql``.

    The file holds the forward part, the line ``-- reverse --`` and the part that undoes it.
    """
    text = (_folder_of(app) / "migrations" / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    forward, _, backward = text.partition(REVERSE_MARK)
    return migrations.RunSQL(forward, backward or migrations.RunSQL.noop)


def _folder_of(app: str) -> Path:
    return Path(str(import_module(app).__file__)).parent
