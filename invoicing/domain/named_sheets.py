"""Sheets whose first row names the columns, in any order: read cell by cell, with the address of every fault."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from tariffs.domain.grids import CellFault, CellUnreadable, TableFaulty, fault_of

COLUMN_MISSING = gettext_noop("The first row must name the column “%(column)s”.")
CELL_EMPTY = gettext_noop("%(column)s is missing.")
IS_NUMBER = gettext_noop("The cell holds a number: zeros at its beginning may be lost. Format the column as text.")
Readers = Mapping[str, Callable[[str], Any]]


NamedRow = tuple[int, Sequence[str], frozenset[int]]


def read_named_rows(
    rows: Sequence[NamedRow], *, readers: Readers, required: Sequence[str], unknown: str, empty: str
) -> tuple[list[tuple[int, dict[str, Any]]], dict[str, int]]:
    """
    Return the rows below the headings, each as its number and its values by column, and the columns' places from 1.

    :param rows: numbers and cells of the rows that are not empty, and the places (from 0) of cells that hold numbers
    :param readers: how each column is read; a column that is not there is read as an empty cell
    :param required: the columns that must be there
    :param unknown: the sentence about a heading that is no column, with ``%(column)s``
    :param empty: the sentence about a sheet without rows
    :raises TableFaulty: with every cell that cannot be read, at its address
    """
    if not rows:
        raise TableFaulty([cell_fault(1, 1, empty)])
    columns = _columns_of(*rows[0][:2], known=readers, required=required, unknown=unknown)
    faults: list[CellFault] = []
    found = []
    for row, cells, _numbers in rows[1:]:
        values = {}
        for name, read in readers.items():
            place = columns.get(name, 0)
            text = cells[place - 1].strip() if 0 < place <= len(cells) else ""
            try:
                values[name] = read(text)
            except BillingError as error:
                faults.append(fault_of(error, row=row, column=place or 1))
        if len(values) == len(readers):
            found.append((row, values))
    if not faults and not found:
        faults.append(cell_fault(rows[0][0], 1, empty))
    if faults:
        raise TableFaulty(sorted(faults, key=lambda fault: (fault.row, fault.column)))
    return found, columns


def lost_zeros(
    rows: Sequence[NamedRow], columns: Mapping[str, int], *, names: Sequence[str]
) -> dict[int, list[CellFault]]:
    """Return, by row, a fault for each cell of these columns that holds a number where digits were meant."""
    found: dict[int, list[CellFault]] = {}
    for row, _cells, numbers in rows[1:]:
        for name in names:
            if columns.get(name, 0) - 1 in numbers:
                found.setdefault(row, []).append(cell_fault(row, columns[name], IS_NUMBER))
    return found


def needed(column: str, read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a reader that refuses an empty cell."""

    def read_needed(text: str) -> Any:
        if not text:
            raise CellUnreadable(CELL_EMPTY, context={"column": column})
        return read(text)

    return read_needed


def cell_fault(row: int, place: int, msgid: str, /, **params: object) -> CellFault:
    """Return the fault of a cell; both numbers count from 1."""
    return CellFault(row=row, column=place, message=Message(msgid=msgid, params=params))


def _columns_of(
    row: int, cells: Sequence[str], *, known: Readers, required: Sequence[str], unknown: str
) -> dict[str, int]:
    named = [cell.strip().casefold() for cell in cells]
    faults = [
        cell_fault(row, place, unknown, column=name)
        for place, name in enumerate(named, start=1)
        if name and (name not in known or named.index(name) != place - 1)
    ]
    faults += [cell_fault(row, 1, COLUMN_MISSING, column=name) for name in required if name not in named]
    if faults:
        raise TableFaulty(faults)
    return {name: place for place, name in enumerate(named, start=1) if name}
