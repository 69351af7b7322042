"""
Sheets of one-off charges: read cell by cell, with the address of everything that cannot be read.

The first row names the columns, in any order: ``account``, ``item``, ``kind``, ``amount``, ``day`` and ``note`` must be
there; ``line`` (a number) and ``quantity`` may be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing_site.core.digits import clean_number_input
from billing_site.core.messages import gettext_noop
from invoicing.domain.named_sheets import NamedRow, Readers, lost_zeros, needed, read_named_rows
from tariffs.domain.grids import TableFaulty, read_choice, read_day, read_decimal, read_whole

NOTE_LENGTH = 300
REQUIRED = ("account", "item", "kind", "amount", "day", "note")
COLUMN_UNKNOWN = gettext_noop("“%(column)s” is no column of charges.")
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


def read_charge_sheet(rows: Sequence[NamedRow], *, kinds: Sequence[str]) -> ChargeSheet:
    """
    Return the charges of a sheet.

    :param rows: numbers and cells of the rows that are not empty, and the places (from 0) of cells that hold numbers
    :param kinds: words that a kind may be
    :raises TableFaulty: with every cell that cannot be read, at its address
    """
    found, columns = read_named_rows(
        rows, readers=_readers(kinds), required=REQUIRED, unknown=COLUMN_UNKNOWN, empty=NO_ROWS
    )
    faults = [fault for lost in lost_zeros(rows, columns, names=("account", "line")).values() for fault in lost]
    if faults:
        raise TableFaulty(faults)
    return ChargeSheet(tuple(SheetCharge(row=row, **values) for row, values in found), columns)


def _readers(kinds: Sequence[str]) -> Readers:
    return {
        "account": needed("account", clean_number_input),
        "line": clean_number_input,
        "item": needed("item", str.upper),
        "kind": needed("kind", read_choice({kind: kind for kind in kinds})),
        "amount": needed("amount", read_decimal),
        "quantity": lambda text: read_whole(text) if text else 1,
        "day": needed("day", read_day),
        "note": needed("note", lambda text: text[:NOTE_LENGTH]),
    }
