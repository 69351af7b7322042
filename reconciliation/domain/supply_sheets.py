"""
Sheets of the supply division and of the centres: read cell by cell, with the address of everything that cannot be read.

The first row names the columns, in any order: ``day``, ``centre``, ``item`` and ``move`` must be there; ``first``,
``last``, ``quantity``, ``price``, ``receipt`` and ``note`` may be.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing_site.core.digits import clean_number_input
from billing_site.core.messages import gettext_noop
from invoicing.domain.named_sheets import NamedRow, Readers, cell_fault, lost_zeros, needed, read_named_rows
from tariffs.domain.grids import CellFault, TableFaulty, read_choice, read_day, read_decimal, read_whole

REQUIRED = ("day", "centre", "item", "move")
NOTE_LENGTH = 300
RECEIPT_LENGTH = 60
COLUMN_UNKNOWN = gettext_noop("“%(column)s” is no column of supply sheets.")
NO_ROWS = gettext_noop("The sheet has no movement.")
NUMBERS_UNSOUND = gettext_noop("The first and the last number have up to 20 digits, as many in both, in order.")
QUANTITY_UNSOUND = gettext_noop("The numbers are %(found)s pieces, the quantity says %(told)s.")
QUANTITY_MISSING = gettext_noop("Say how many, or which numbers.")
PRICE_MISSING = gettext_noop("A sale has the price of one.")
PRICE_STRANGE = gettext_noop("Only a sale has a price and a receipt.")
NOTE_MISSING = gettext_noop("What is written off needs a reason.")
_DIGITS = re.compile(r"[0-9]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetMove:
    """A row of a sheet: ``price`` is that of one, in the major unit; the numbers are empty where pieces have none."""

    row: int
    day: date
    centre: str
    item: str
    move: str
    first: str
    last: str
    quantity: int
    price: Decimal | None
    receipt: str
    note: str


@dataclass(frozen=True, slots=True)
class SupplyTable:
    """The movements of a sheet, and the place of each column, counted from 1."""

    moves: tuple[SheetMove, ...]
    columns: Mapping[str, int]


def read_supply_sheet(rows: Sequence[NamedRow], *, moves: Sequence[str]) -> SupplyTable:
    """
    Return the movements of a sheet.

    :param rows: numbers and cells of the rows that are not empty, and the places (from 0) of cells that hold numbers
    :param moves: words that a movement may be
    :raises TableFaulty: with every cell that cannot be read, or does not fit its row, at its address
    """
    found, columns = read_named_rows(
        rows,
        readers=_readers(moves),
        required=REQUIRED,
        unknown=COLUMN_UNKNOWN,
        empty=NO_ROWS,
    )
    lost = lost_zeros(rows, columns, names=("first", "last"))
    faults, read = [], []
    for row, values in found:
        values["last"] = values["last"] or values["first"]
        wrong = [*lost.get(row, ()), *_misfits(row, values, columns)]
        faults += wrong
        if not wrong:
            quantity = values["quantity"]
            pieces = int(values["last"]) - int(values["first"]) + 1 if values["first"] else quantity
            read.append(SheetMove(row=row, **{**values, "quantity": pieces}))
    if faults:
        raise TableFaulty(sorted(faults, key=lambda fault: (fault.row, fault.column)))
    return SupplyTable(tuple(read), columns)


def _readers(moves: Sequence[str]) -> Readers:
    return {
        "day": needed("day", read_day),
        "centre": needed("centre", str.upper),
        "item": needed("item", str.upper),
        "move": needed("move", read_choice({move: move for move in moves})),
        "first": clean_number_input,
        "last": clean_number_input,
        "quantity": lambda text: read_whole(text) if text else None,
        "price": lambda text: read_decimal(text) if text else None,
        "receipt": lambda text: text[:RECEIPT_LENGTH],
        "note": lambda text: text[:NOTE_LENGTH],
    }


def _misfits(row: int, values: Mapping[str, object], columns: Mapping[str, int]) -> list[CellFault]:
    """Return what cannot be true of a row as a whole, each beside the column that it is about."""
    first, last, quantity = str(values["first"]), str(values["last"]), values["quantity"]
    is_sale = values["move"] == "SOLD"
    found: list[tuple[str, str, dict[str, object]]] = []
    if first or last:
        if not (_DIGITS.fullmatch(first) and _DIGITS.fullmatch(last)) or len(first) != len(last) or last < first:
            found.append(("first", NUMBERS_UNSOUND, {}))
        elif quantity is not None and quantity != int(last) - int(first) + 1:
            pieces = int(last) - int(first) + 1
            found.append(("quantity", QUANTITY_UNSOUND, {"found": pieces, "told": quantity}))
    elif quantity is None or (quantity == 0 and values["move"] != "COUNTED"):
        found.append(("quantity", QUANTITY_MISSING, {}))
    if is_sale and values["price"] is None:
        found.append(("price", PRICE_MISSING, {}))
    if not is_sale and (values["price"] is not None or values["receipt"]):
        found.append(("price", PRICE_STRANGE, {}))
    if values["move"] == "WRITTEN_OFF" and not values["note"]:
        found.append(("note", NOTE_MISSING, {}))
    return [cell_fault(row, columns.get(name, 1), sentence, **given) for name, sentence, given in found]
