"""
Tables as people paste them: lines of cells divided by tabs, the way spreadsheets copy them.

A cell that cannot be read is a fault with its address ("row 12, column C"); all faults of a table are found at once.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from billing_site.core.digits import NotAnAmount, parse_amount, to_ascii_digits
from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop

_DAY = re.compile(r"(?P<d>[0-9]{2})\.(?P<m>[0-9]{2})\.(?P<y>[0-9]{4})", re.ASCII)
MAX_LINES = 20_000
MAX_CELL = 500
PLACES = 6
READ_PLACES = 18


class CellUnreadable(BillingError):
    """A cell that does not say what its column asks for."""

    default_code = "CELL_UNREADABLE"


class TableFaulty(BillingError):
    """A table with cells that cannot be read; ``faults`` has each with its address."""

    default_message = gettext_noop("%(count)s cells cannot be read; the first is %(address)s.")
    default_code = "TABLE_FAULTY"

    def __init__(self, faults: Sequence["CellFault"]) -> None:
        """Name the first fault; keep all."""
        super().__init__(context={"count": len(faults), "address": faults[0].address})
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFault:
    """What is wrong with one cell; row and column count from 1."""

    row: int
    column: int
    message: Message

    @property
    def address(self) -> str:
        """The cell as a spreadsheet calls it: C12."""
        return f"{column_letter(self.column)}{self.row}"

    @property
    def letter(self) -> str:
        """The column as a spreadsheet calls it."""
        return column_letter(self.column)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridColumn:
    """
    One column of a table.

    ``read`` turns a cell that is not empty into its value, or raises ``BillingError``; ``write`` does the reverse.
    An empty cell has the value ``empty``, or is a fault where the column ``is_required``.
    """

    key: str
    label: str
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str
    empty: Any = None
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLine:
    """A line that was read: its row (from 1) and its values by key of column."""

    row: int
    values: Mapping[str, Any] = field(default_factory=dict)


MISSING = gettext_noop("%(column)s is missing.")
TOO_WIDE = gettext_noop("The table has %(columns)s columns; this cell is beyond them.")
TOO_LONG = gettext_noop("The table has more than %(most)s lines.")
CELL_TOO_LONG = gettext_noop("The cell has more than %(most)s signs.")


def column_letter(number: int) -> str:
    """Return the letters of a column counted from 1: A, B … Z, AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def split_table(text: str) -> Iterator[list[str]]:
    """
    Yield the cells of a pasted text, stripped; a quoted cell may hold tabs and line ends, as spreadsheets copy.

    :raises CellUnreadable: where a cell is longer than any text, as after a quote that is never closed
    """
    lines = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    try:
        for cells in csv.reader((f"{line}\n" for line in lines), delimiter="\t"):
            yield [cell.strip() for cell in cells]
    except csv.Error as error:
        raise CellUnreadable(CELL_TOO_LONG, context={"most": MAX_CELL}) from error


def parse_table(text: str, columns: Sequence[GridColumn]) -> tuple[list[GridLine], list[CellFault]]:
    """Return the lines that can be read and every fault; empty lines and a line of headings are passed over."""
    lines: list[GridLine] = []
    faults: list[CellFault] = []
    row = 0
    try:
        for row, cells in enumerate(split_table(text), start=1):
            if not any(cells) or (row == 1 and _is_heading(cells, columns)):
                continue
            if row > MAX_LINES:
                faults.append(CellFault(row=row, column=1, message=Message(msgid=TOO_LONG, params={"most": MAX_LINES})))
                break
            values, wrong = _read_line(row, cells, columns)
            faults += wrong
            if not wrong:
                lines.append(GridLine(row=row, values=values))
    except CellUnreadable as error:
        faults.append(fault_of(error, row=row + 1, column=1))
    return lines, faults


def write_table(rows: Iterable[Mapping[str, Any]], columns: Sequence[GridColumn]) -> str:
    """Return rows as text that ``parse_table`` reads back to the same values; empty values are empty cells."""
    return "\n".join(
        "\t".join(_write_cell(row.get(column.key), column) for column in columns).rstrip("\t") for row in rows
    )


def fault_of(error: BillingError, *, row: int, column: int) -> CellFault:
    """Return a refusal as the fault of a cell."""
    return CellFault(row=row, column=column, message=Message(msgid=str(error.template), params=error.context))


def _is_heading(cells: Sequence[str], columns: Sequence[GridColumn]) -> bool:
    first = cells[0].casefold()
    return first in {columns[0].key.casefold(), columns[0].label.casefold()}


def _read_line(row: int, cells: Sequence[str], columns: Sequence[GridColumn]) -> tuple[dict[str, Any], list[CellFault]]:
    values: dict[str, Any] = {}
    faults: list[CellFault] = []
    for number, cell in enumerate(cells[len(columns) :], start=len(columns) + 1):
        if cell:
            message = Message(msgid=TOO_WIDE, params={"columns": len(columns)})
            faults.append(CellFault(row=row, column=number, message=message))
    for number, column in enumerate(columns, start=1):
        cell = cells[number - 1] if number <= len(cells) else ""
        try:
            values[column.key] = _read_cell(cell, column)
        except BillingError as error:
            faults.append(fault_of(error, row=row, column=number))
    return values, faults


def _read_cell(cell: str, column: GridColumn) -> Any:
    if len(cell) > MAX_CELL:
        raise CellUnreadable(CELL_TOO_LONG, context={"most": MAX_CELL})
    if cell:
        return column.read(cell)
    if column.is_required:
        raise CellUnreadable(MISSING, context={"column": column.label})
    return column.empty


def _write_cell(value: Any, column: GridColumn) -> str:
    if value is None or value == column.empty:
        return ""
    text = column.write(value)
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if {"\t", "\n", '"'} & set(text) else text


# What cells hold.


def read_decimal(text: str) -> Decimal:
    """
    Return an amount of a price list: not negative, at most six decimals, nothing to be guessed.

    ``015`` is asked about rather than read as 15: somebody may have lost a mark.

    :raises CellUnreadable: with what is wrong
    """
    plain = to_ascii_digits(text).strip()
    if len(plain) > 1 and plain[0] == "0" and plain[1].isdigit():
        raise CellUnreadable(
            gettext_noop("“%(text)s” begins with 0 and has no decimal mark: is a mark lost?"), context={"text": text}
        )
    try:
        value = parse_amount(text, digits=READ_PLACES)
    except NotAnAmount as error:
        raise CellUnreadable(error.template, context=error.context) from error
    if value.scaleb(PLACES) % 1:
        raise CellUnreadable(gettext_noop("“%(text)s” has more than six decimals."), context={"text": text})
    return value


def write_decimal(value: Decimal) -> str:
    """Return an amount with a point and no zeros at its end, as ``read_decimal`` takes it."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_whole(text: str) -> int:
    """
    Return a whole number of zero or more.

    :raises CellUnreadable: for anything else
    """
    plain = to_ascii_digits(text).replace(" ", "")
    if not (plain.isascii() and plain.isdigit()) or len(plain) > READ_PLACES:
        raise CellUnreadable(gettext_noop("“%(text)s” is not a whole number."), context={"text": text})
    return int(plain)


def read_day(text: str) -> date:
    """
    Return a day: ISO or day.month.year; the cell of a workbook that holds a day has midnight in it, too.

    :raises CellUnreadable: for anything else
    """
    plain = to_ascii_digits(text).strip()
    found = _DAY.fullmatch(plain)
    try:
        if found:
            return date(int(found["y"]), int(found["m"]), int(found["d"]))
        return date.fromisoformat(plain.removesuffix("T00:00:00"))
    except ValueError as error:
        raise CellUnreadable(
            gettext_noop("“%(text)s” is not a day: write 2026-03-05 or 05.03.2026."), context={"text": text}
        ) from error


def read_choice(choices: Mapping[str, Any]) -> Callable[[str], Any]:
    """Return a reader of one of some words, whatever their case."""

    def read(text: str) -> Any:
        found = choices.get(text.strip().upper())
        if found is None:
            known = ", ".join(choices)
            raise CellUnreadable(
                gettext_noop("“%(text)s” is none of: %(known)s."), context={"text": text, "known": known}
            )
        return found

    return read
