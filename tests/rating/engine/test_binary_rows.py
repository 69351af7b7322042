"""Frames in COPY's binary form: what the database reads back is what the frame holds, whatever the rows look like."""

from datetime import date, datetime

import polars as pl
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings, strategies as st
from polars.exceptions import InvalidOperationError

from rating.engine import binary_rows as module
from rating.engine.binary_rows import MOST_SHAPES, binary_rows
from rating.engine.writing import WORTHWHILE, copy_whole

pytestmark = pytest.mark.django_db

TYPES = {
    "at": "integer",
    "large": "bigint",
    "middle": "integer",
    "small": "smallint",
    "flag": "boolean",
    "day": "date",
    "instant": "timestamp with time zone",
    "name": "text",
    "code": "character varying",
}
FRAME: dict[str, pl.DataType] = {
    "large": pl.Int64(),
    "middle": pl.Int64(),
    "small": pl.Int16(),
    "flag": pl.Boolean(),
    "day": pl.Date(),
    "instant": pl.Datetime("us"),
    "name": pl.String(),
    "code": pl.String(),
}
COLUMNS = ", ".join(f'"{name}" {kind}' for name, kind in TYPES.items())


def ints(bits):
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


VALUES = (
    ints(64),
    ints(32),
    ints(16),
    st.booleans(),
    st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)),  # noqa: DTZ001 - frames hold UTC without saying so
    # Every sign but the one that no text of the database can hold.
    st.text(st.characters(min_codepoint=1, max_codepoint=0x2FF), max_size=12),
    st.sampled_from(["", "A", "BB", "\\", "a\tb\n\r"]),
)
ROWS = st.lists(st.tuples(*(st.none() | values for values in VALUES)), min_size=1, max_size=12)


def frame_of(rows, *, height=1):
    """Return a frame of the rows, over and over until there are so many."""
    rows = (rows * -(-height // len(rows)))[: max(height, len(rows))]
    return pl.DataFrame(rows, schema=FRAME, orient="row").with_row_index("at").cast({"at": pl.Int32})


@pytest.fixture
def table():
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE binary_rows ({COLUMNS})")
        yield "binary_rows"
        cursor.execute("DROP TABLE binary_rows")


def read_back(table):
    with connection.cursor() as cursor:
        names = ", ".join(f'"{name}"' for name in TYPES)
        cursor.execute(f"SELECT {names} FROM {table} ORDER BY at")
        found = cursor.fetchall()
        cursor.execute(f"DELETE FROM {table}")
    return [tuple(at.replace(tzinfo=None) if isinstance(at, datetime) else at for at in row) for row in found]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, is_many=st.booleans())
def test_the_database_reads_back_what_the_frame_holds(table, rows, is_many):
    """Few rows go as text and many in binary form: nulls, limits of numbers, signs of many bytes, all of it."""
    frame = frame_of(rows, height=WORTHWHILE if is_many else 1)
    copy_whole(frame, table=table)
    assert read_back(table) == frame.rows()


def test_blocks_join_without_a_seam(table):
    """More rows than are laid out together, of several shapes, stay in their order."""
    rows = [(at, None if at % 3 else at, 1, True, None, None, "9" * (at % 5), "A") for at in range(100)]
    frame = frame_of(rows, height=2 * module.BLOCK_ROWS + 1)
    assert binary_rows(frame, TYPES) is not None
    copy_whole(frame, table=table)
    assert read_back(table) == frame.rows()


@pytest.mark.parametrize(("column", "value"), [("middle", 2**31), ("middle", -(2**31) - 1), ("small", 2**15)])
def test_a_number_too_large_for_its_column_is_refused(table, column, value):
    """It is never cut to what fits."""
    frame = frame_of([(1, 1, 1, True, None, None, "a", "b")], height=WORTHWHILE)
    frame = frame.with_columns(pl.lit(value, dtype=pl.Int64).alias(column))
    with pytest.raises(InvalidOperationError):
        copy_whole(frame, table=table)
    assert read_back(table) == []


@pytest.mark.parametrize(
    "odd",
    [
        pl.Series("name", ["x" * (at % (MOST_SHAPES + 1)) for at in range(WORTHWHILE)]),
        pl.Series("name", ["x" * (module.LONGEST_TEXT + 1)] * WORTHWHILE),
        pl.Series("instant", [None] * WORTHWHILE, dtype=pl.Datetime("ms")),
    ],
    ids=["shapes", "length", "milliseconds"],
)
def test_what_only_text_can_do_goes_as_text(table, odd):
    frame = frame_of([(1, 1, 1, True, None, None, "a", "b")], height=WORTHWHILE).with_columns(odd)
    assert binary_rows(frame, TYPES) is None
    copy_whole(frame, table=table)
    assert read_back(table) == frame.rows()
