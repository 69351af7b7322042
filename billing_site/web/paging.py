"""
Pages by key: the next page begins after the last row shown. Nothing is counted; no page is slower than the first.

The order must be total (end in a unique column) and its columns must not be NULL; an index on the same columns makes
every page a short range of it.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

PAGE_SIZE = 50
LOOKUP_SEPARATOR = "__"

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """Rows with the way to their neighbours; ``first`` is the position of the first row, from 1."""

    rows: tuple[Row, ...]
    first: int
    next_cursor: str = ""
    previous_cursor: str = ""

    @property
    def last(self) -> int:
        """The position of the last row."""
        return self.first + len(self.rows) - 1

    @property
    def is_only(self) -> bool:
        """Whether there is no other page."""
        return not self.next_cursor and not self.previous_cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cursor:
    """Where a page begins: the row before it (or after it, going back) and the position reached."""

    forward: bool
    position: int
    values: tuple[Any, ...]


def keyset_page(
    queryset: QuerySet[Any, Row], *, order: Sequence[str], cursor: str = "", size: int = PAGE_SIZE
) -> Page[Row]:
    """
    Return one page of a query, ordered by ``order`` (``("-started_at", "-id")``).

    A cursor that cannot be read leads to the first page: it is an address, and addresses get damaged.
    """
    place = _decode(cursor, count=len(order))
    try:
        return _page(queryset, order=order, place=place, size=size)
    except (TypeError, ValueError, ValidationError):
        if place is None:
            raise
        return _page(queryset, order=order, place=None, size=size)


def sequence_page(rows: Sequence[Row], *, cursor: str = "", size: int = PAGE_SIZE) -> Page[Row]:
    """Return one page of rows that are already in memory."""
    start = int(cursor) if cursor.isascii() and cursor.isdigit() and int(cursor) < len(rows) else 0
    return Page(
        rows=tuple(rows[start : start + size]),
        first=start + 1,
        next_cursor=str(start + size) if start + size < len(rows) else "",
        previous_cursor=str(max(start - size, 0)) if start else "",
    )


def _page(queryset: QuerySet[Any, Row], *, order: Sequence[str], place: _Cursor | None, size: int) -> Page[Row]:
    forward = place is None or place.forward
    ordering = tuple(order) if forward else tuple(_reversed(name) for name in order)
    found = queryset.order_by(*ordering)
    if place is not None:
        found = found.filter(_after(ordering, place.values))
    rows = list(found[: size + 1])
    has_more, rows = len(rows) > size, rows[:size]
    if not forward:
        rows.reverse()
        if not has_more and len(rows) < size:
            # Rows were added or removed above: show a full first page rather than a torn one.
            return _page(queryset, order=order, place=None, size=size)
    first = 1 if place is None else (place.position + 1 if forward else max(place.position - len(rows), 1))
    goes_on = has_more if forward else True
    comes_from = place is not None if forward else has_more
    return Page(
        rows=tuple(rows),
        first=first,
        next_cursor=_encode(rows[-1], order, forward=True, position=first + len(rows) - 1) if goes_on and rows else "",
        previous_cursor=_encode(rows[0], order, forward=False, position=first) if comes_from and rows else "",
    )


def _after(ordering: Sequence[str], values: Sequence[Any]) -> Q:
    """Return the condition "after this row" of an order whose columns may run in different directions."""
    names = [name.lstrip("-") for name in ordering]
    downs = {name.startswith("-") for name in ordering}
    if len(downs) == 1 and len(names) > 1:
        lookup = TupleLessThan if downs.pop() else TupleGreaterThan
        return Q(lookup(Tuple(*(F(name) for name in names)), tuple(values)))
    condition = Q()
    equal = Q()
    for name, value in zip(ordering, values, strict=True):
        column = name.lstrip("-")
        beyond = Q((f"{column}__lt" if name.startswith("-") else f"{column}__gt", value))
        condition |= equal & beyond
        equal &= Q((column, value))
    return condition


def _reversed(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _encode(row: object, order: Sequence[str], *, forward: bool, position: int) -> str:
    values = [_typed(_value(row, name.lstrip("-"))) for name in order]
    text = json.dumps([forward, position, values], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str, *, count: int) -> _Cursor | None:
    if not cursor:
        return None
    try:
        forward, position, typed = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = tuple(_untyped(kind, text) for kind, text in typed)
        if not isinstance(forward, bool) or not isinstance(position, int) or len(values) != count:
            return None
    except (ValueError, TypeError, KeyError, InvalidOperation, binascii.Error):
        return None
    return _Cursor(forward=forward, position=position, values=values)


def _value(row: object, name: str) -> object:
    if isinstance(row, dict):
        return row[name]
    for part in name.split(LOOKUP_SEPARATOR):
        row = getattr(row, part)
    return row


_READERS: dict[str, Callable[[str], object]] = {
    "bool": lambda text: text == "True",
    "int": int,
    "str": str,
    "Decimal": Decimal,
    "UUID": UUID,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}


def _typed(value: object) -> tuple[str, str]:
    kind = "str" if isinstance(value, str) else type(value).__name__
    if kind not in _READERS:
        message = f"A page cannot be ordered by a {kind}."
        raise TypeError(message)
    return kind, value.isoformat() if isinstance(value, date) else str(value)


def _untyped(kind: str, text: str) -> object:
    return _READERS[kind](text)
