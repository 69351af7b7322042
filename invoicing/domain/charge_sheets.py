"""
Sheets of one-off charges: read cell by cell, with the address of everything that cannot be read.

The first row names the columns, in any order: ``account``, ``item``, ``kind``, ``amount``, ``day`` and ``note`` must be
there; ``line`` (a number) and ``quantity`` may be.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from billing_site.core.digits import clean_number_input
from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from tariffs.domain.grids import (
    CellFault,
    CellUnreadable,
    TableFaulty,
    fault_of,
    read_choice,
    read_day,
    read_decimal,
    read_whole,
)

NOTE_LENGTH = 300
REQUIRED = ("account", "item", "kind", "amount", "day", "note")
COLUMN_MISSING = gettext_noop("The first row must name the column “%(column)s”.")
COLUMN_UNKNOWN = gettext_noop("“%(column)s” is no column of charges.")
CELL_EMPTY = gettext_noop("%(column)s is missing.")
NO_ROWS = gettext_noop("The sheet has no charge.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCharge:
    """A row of a sheet: ``amount`` is the price of one, in the major unit; ``line`` a number, empty for none."""

    row: int
    account: str
    line: str
    item: str
    kind: str
    amount: Decimal
    quantity: int
    day: date
    note: str


@dataclass(frozen=True, slots=True)
class ChargeSheet:
    """The charges of a sheet, and the place of each column, counted from 1."""

    charges: tuple[SheetCharge, ...]
    columns: Mapping[str, int]


def read_charge_sheet(rows: Sequence[tuple[int, Sequence[str]]], *, kinds: Sequence[str]) -> ChargeSheet:
    """
    Return the charges of a sheet.

    :param rows: numbers and cells of the rows that are not empty
    :param kinds: words that a kind may be
    :raises TableFaulty: with every cell that cannot be read, at its address
    """
    if not rows:
        raise TableFaulty([_fault(1, 1, NO_ROWS)])
    columns = _columns_of(*rows[0])
    readers = _readers(kinds)
    faults: list[CellFault] = []
    charges = []
    for row, cells in rows[1:]:
        values = {}
        for name, read in readers.items():
            place = columns.get(name, 0)
            text = cells[place - 1].strip() if 0 < place <= len(cells) else ""
            try:
                values[name] = read(text)
            except BillingError as error:
                faults.append(fault_of(error, row=row, column=place or 1))
        if len(values) == len(readers):
            charges.append(SheetCharge(row=row, **values))
    if not faults and not charges:
        faults.append(_fault(rows[0][0], 1, NO_ROWS))
    if faults:
        raise TableFaulty(sorted(faults, key=lambda fault: (fault.row, fault.column)))
    return ChargeSheet(tuple(charges), columns)


def _columns_of(row: int, cells: Sequence[str]) -> dict[str, int]:
    known = _readers(())
    named = [cell.strip().casefold() for cell in cells]
    faults = [
        _fault(row, place, COLUMN_UNKNOWN, column=name)
        for place, name in enumerate(named, start=1)
        if name and (name not in known or named.index(name) != place - 1)
    ]
    faults += [_fault(row, 1, COLUMN_MISSING, column=name) for name in REQUIRED if name not in named]
    if faults:
        raise TableFaulty(faults)
    return {name: place for place, name in enumerate(named, start=1) if name}


def _readers(kinds: Sequence[str]) -> Mapping[str, Callable[[str], Any]]:
    return {
        "account": _needed("account", clean_number_input),
        "line": clean_number_input,
        "item": _needed("item", str.upper),
        "kind": _needed("kind", read_choice({kind: kind for kind in kinds})),
        "amount": _needed("amount", read_decimal),
        "quantity": lambda text: read_whole(text) if text else 1,
        "day": _needed("day", read_day),
        "note": _needed("note", lambda text: text[:NOTE_LENGTH]),
    }


def _needed(column: str, read: Callable[[str], Any]) -> Callable[[str], Any]:
    def read_needed(text: str) -> Any:
        if not text:
            raise CellUnreadable(CELL_EMPTY, context={"column": column})
        return read(text)

    return read_needed


def _fault(row: int, place: int, msgid: str, /, **params: object) -> CellFault:
    return CellFault(row=row, column=place, message=Message(msgid=msgid, params=params))
