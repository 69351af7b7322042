"""COPY in and out: how sets of rows enter and leave Postgres."""

import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from psycopg2 import sql

# Rows turned to text at a time: large enough to be quick, small enough to stay flat in memory.
BLOCK_ROWS = 20_000
# Bytes handed to the driver at a time.
COPY_BYTES = 1 << 16
# Rows handed to the driver at a time where they are written meanwhile.
STREAM_ROWS = 500
# How COPY's text form writes nothing.
NULL = "\\N"
_has_special = re.compile(r"[\\\t\n\r]").search
_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(*, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """
    COPY rows into a table inside the current transaction and return how many went in.

    Values may be ``None``, text, integers, Decimals, booleans, dates and aware instants.

    :raises django.db.IntegrityError: as any other statement would
    """
    statement = copy_statement(table=table, columns=columns)
    count = 0
    iterator = iter(rows)
    with connection.cursor() as cursor:
        raw = cursor.cursor
        while block := list(itertools.islice(iterator, BLOCK_ROWS)):
            # The driver's own COPY knows nothing of Django's errors: without this no duplicate is recognised.
            with connection.wrap_database_errors:
                raw.copy_expert(statement, io.StringIO("".join(map(copy_line, block))))
            count += len(block)
    return count


def copy_text(*, table: str, columns: Sequence[str], lines: Iterable[str] | Iterable[bytes]) -> None:
    """
    COPY rows that are in COPY's text form already (``copy_line``, or a quicker one for a known table), all of them as
    text or all as bytes (UTF-8); nothing is said to the database where there are none.

    All go in with one statement, so statement triggers look at them once: give whole chunks, not single rows. Give
    what writes them, not a list: the database then takes rows in while the next ones are written.
    """
    blocks = _blocks(lines)
    first = next(blocks, None)
    if first is None:
        return
    with connection.cursor() as cursor, connection.wrap_database_errors:
        statement = copy_statement(table=table, columns=columns)
        cursor.cursor.copy_expert(statement, BlockStream(itertools.chain([first], blocks)))


class BlockStream:
    """
    What the driver reads from: one block after the other, nothing at the end.

    A block may be as long as it likes: the driver hands on what it is given.
    """

    def __init__(self, blocks: Iterable[bytes]) -> None:
        """Read from blocks, none of them empty."""
        self._blocks = iter(blocks)

    def read(self, _size: int) -> bytes:
        """Return the next block."""
        return next(self._blocks, b"")


def _blocks(lines: Iterable[str] | Iterable[bytes]) -> Iterator[bytes]:
    """Yield rows in COPY's text form as bytes, some at a time."""
    left: Iterator[Any] = iter(lines)
    while block := list(itertools.islice(left, STREAM_ROWS)):
        yield b"".join(block) if isinstance(block[0], bytes) else "".join(block).encode()


def copy_statement(*, table: str, columns: Sequence[str], is_binary: bool = False) -> sql.Composed:
    """Return the COPY ... FROM STDIN statement for a table, names quoted."""
    return sql.SQL("COPY {} ({}) FROM STDIN {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL("(FORMAT binary)" if is_binary else ""),
    )


def copy_line(row: Sequence[Any]) -> str:
    """Return one row in COPY's text form, with its line end."""
    return "\t".join(map(_copy_value, row)) + "\n"


def copy_escape(text: str) -> str:
    """Return a text as it stands in COPY's text form."""
    # Looking for what is special is much quicker than translating, and almost always in vain.
    return text.translate(_SPECIAL) if _has_special(text) else text


def _copy_value(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, str):
        return copy_escape(value)
    if value is True:
        return "t"
    if value is False:
        return "f"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
