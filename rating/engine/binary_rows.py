"""
Frames in COPY's binary form, laid out by NumPy: the database takes them in in half the time of text.

Columns whose values all take the same number of bytes come first: they are laid out as one table, block by block. The
others come behind them, for all rows together in which the same values are null and texts are equally long.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Array = NDArray[Any]

# Signature, no flags, no extension; and the count of fields that says that no row follows.
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
# The database counts time from 2000, a frame from 1970.
EPOCH_DAYS = 10_957
EPOCH_US = EPOCH_DAYS * 86_400_000_000
# The size of what is null.
NULL = -1
# Longer texts and more shapes of rows are odd: text is as good for them.
LONGEST_TEXT = 64
MOST_SHAPES = 100
# Rows laid out together: as many as the processor has at hand while their columns are written.
BLOCK_ROWS = 8_192
_TEXTS = ("text", "character varying")


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the numbers of a type are sent, and from when it counts."""

    sent_as: type[pl.DataType]
    form: str
    epoch: int = 0


_KINDS: dict[tuple[str, str], _Kind] = {
    ("bigint", "number"): _Kind(pl.Int64, ">i8"),
    ("integer", "number"): _Kind(pl.Int32, ">i4"),
    ("smallint", "number"): _Kind(pl.Int16, ">i2"),
    ("boolean", "boolean"): _Kind(pl.UInt8, "u1"),
    ("date", "day"): _Kind(pl.Int32, ">i4", EPOCH_DAYS),
    ("timestamp with time zone", "instant"): _Kind(pl.Int64, ">i8", EPOCH_US),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A column's values as they are sent, and how many bytes each takes: one size for all, or one for each row."""

    name: str
    # Numbers in the order of bytes that is sent; of texts, all signs behind one another.
    values: Array
    size: int | Array
    # Where each text begins; None = numbers.
    begins: Array | None = None

    @property
    def is_even(self) -> bool:
        """Whether all values take the same number of bytes."""
        return isinstance(self.size, int)

    def size_at(self, row: int) -> int:
        """Return how many bytes the value of a row takes; ``NULL`` for none."""
        return self.size if isinstance(self.size, int) else int(self.size[row])

    def taken(self, places: Array | slice, size: int) -> Array:
        """Return the values of some places, all of one size."""
        if self.begins is None:
            return self.values[places]
        return _windows(self.values, size)[self.begins[places]]


def binary_rows(frame: pl.DataFrame, types: Mapping[str, str]) -> tuple[list[str], Iterator[bytes]] | None:
    """
    Return the order of a frame's columns, and its rows in COPY's binary form; ``None`` where only text will do.

    :param frame: with rows
    :param types: of the table's columns, as the database names them
    :raises polars.exceptions.InvalidOperationError: if a number is too large for its column
    """
    kinds = {name: _KINDS.get((types[name], _sort_of(dtype))) for name, dtype in frame.schema.items()}
    numbers = {name: kind for name, kind in kinds.items() if kind is not None}
    texts = [name for name in frame.columns if frame.schema[name] == pl.String and types[name].startswith(_TEXTS)]
    if len(numbers) + len(texts) < frame.width:
        return None
    columns = [*_numbers(frame, numbers), *(_text(frame[name]) for name in texts)]
    even, uneven = ([one for one in columns if one.is_even is wanted] for wanted in (True, False))
    shape_of = _shapes(uneven, frame.height)
    longest = max((int(np.max(one.size)) for one in columns if one.begins is not None), default=0)
    if longest > LONGEST_TEXT or len(np.unique(shape_of)) > MOST_SHAPES:
        return None
    rows = _laid_out(even, uneven, shape_of)
    return [column.name for column in (*even, *uneven)], chain([HEADER], rows, [TRAILER])


def _sort_of(dtype: pl.DataType) -> str:
    if dtype.is_integer():
        return "number"
    return {pl.Boolean(): "boolean", pl.Date(): "day", pl.Datetime("us"): "instant"}.get(dtype, "")


def _numbers(frame: pl.DataFrame, kinds: Mapping[str, _Kind]) -> Iterator[_Column]:
    """Yield the columns of numbers, days and instants."""
    sent = frame.select(
        (pl.col(name).to_physical().cast(kind.sent_as) - kind.epoch).fill_null(0) for name, kind in kinds.items()
    )
    for name, kind in kinds.items():
        values = sent[name].to_numpy().astype(kind.form)
        size: int | Array = values.itemsize
        if frame[name].null_count():
            size = np.where(frame[name].is_null().to_numpy(), NULL, size)
        yield _Column(name=name, values=values, size=size)


def _text(series: pl.Series) -> _Column:
    signs = np.frombuffer(series.str.join("").item().encode(), dtype=np.uint8)
    sizes = series.str.len_bytes().cast(pl.Int64).fill_null(0).to_numpy()
    begins = np.cumsum(sizes) - sizes
    if series.null_count():
        sizes = np.where(series.is_null().to_numpy(), NULL, sizes)
    is_even = sizes.min() == sizes.max() > 0
    return _Column(name=series.name, values=signs, size=int(sizes[0]) if is_even else sizes, begins=begins)


def _shapes(columns: Sequence[_Column], height: int) -> Array:
    """Return the number of each row's shape."""
    shape_of = np.zeros(height, dtype=np.int64)
    for column in columns:
        sizes = np.asarray(column.size)
        shape_of *= int(sizes.max()) - NULL + 1
        shape_of += sizes - NULL
    return shape_of


def _laid_out(even: Sequence[_Column], uneven: Sequence[_Column], shape_of: Array) -> Iterator[bytes]:
    """Yield the rows behind one another, some thousands at a time."""
    height = len(shape_of)
    # Written over and over: the sizes in it are the same in all rows.
    table = _table(even, row=0, count=min(BLOCK_ROWS, height), lead=[("field count", ">i2")])
    table["field count"] = len(even) + len(uneven)
    for start in range(0, height, BLOCK_ROWS):
        block = slice(start, min(start + BLOCK_ROWS, height))
        heads = _filled(table[: block.stop - start], even, block)
        yield _put_together(heads, _tails(uneven, shape_of[block], start)) if uneven else heads.tobytes()


def _tails(columns: Sequence[_Column], shape_of: Array, start: int) -> Iterator[tuple[Array, Array]]:
    """Yield the ends of rows of one shape after the other, each with their places in the block."""
    for shape in np.unique(shape_of):
        places = np.flatnonzero(shape_of == shape)
        table = _table(columns, row=int(places[0]) + start, count=len(places))
        yield places, _filled(table, columns, places + start)


def _table(columns: Sequence[_Column], *, row: int, count: int, lead: Sequence[tuple[str, str]] = ()) -> Array:
    """Return room for rows in which all values have the sizes that they have in one row, with these sizes in it."""
    fields = list(lead)
    for column in columns:
        size = column.size_at(row)
        fields.append((f"size of {column.name}", ">i4"))
        if size > 0:
            fields.append((column.name, f"V{size}" if column.begins is not None else column.values.dtype.str))
    table = np.empty(count, dtype=fields)
    for column in columns:
        table[f"size of {column.name}"] = column.size_at(row)
    return table


def _filled(table: Array, columns: Sequence[_Column], places: Array | slice) -> Array:
    """Write the values of some places into a table and return its rows as they are sent."""
    names = table.dtype.names or ()
    for column in columns:
        if column.name in names:
            table[column.name] = column.taken(places, table.dtype[column.name].itemsize)
    return table.view(f"V{table.itemsize}")


def _put_together(heads: Array, tails: Iterator[tuple[Array, Array]]) -> bytes:
    """Return rows behind one another: the beginning of each, and its end behind it."""
    found = list(tails)
    sizes = np.empty(len(heads), dtype=np.int64)
    for places, ends in found:
        sizes[places] = heads.itemsize + ends.itemsize
    begins = np.cumsum(sizes) - sizes
    whole = np.empty(int(sizes.sum()), dtype=np.uint8)
    _windows(whole, heads.itemsize)[begins] = heads
    for places, ends in found:
        _windows(whole, ends.itemsize)[begins[places] + heads.itemsize] = ends
    return whole.tobytes()


def _windows(signs: Array, size: int) -> Array:
    """Return every run of so many bytes, each as one thing: those that begin at some places can be read or written."""
    return np.ndarray((len(signs) - size + 1,), dtype=f"V{size}", buffer=signs, strides=(1,))
