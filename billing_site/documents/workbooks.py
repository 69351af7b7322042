"""
The one writer of workbooks: real numbers and dates, totals as formulas, constant memory.

Text never becomes a formula: it is written as text, and what begins with one of ``= + - @``, a tab, a line end or
NUL gets an apostrophe before it, so that it stays text when a person saves the sheet as CSV. A phone number (a plus
and digits) keeps its shape. Amounts are decimals of the major unit; durations are whole seconds; instants are shown in
the zone given.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.dimensions import ColumnDimension, DimensionHolder
from openpyxl.worksheet.filters import AutoFilter

SHEET_ROWS = 1_048_576
SHEET_TITLE_LENGTH = 31
TEXT_LENGTH = 32_767
HEAD_ROWS = 1
TOTAL_ROWS = 1
DEFAULT_WIDTH = 14
REPLACEMENT = "\ufffd"
CUT = "…"
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")

# Texts that the library itself would take for a formula or an error value.
_READ_AS_OTHER = (*STARTS_FORMULA, "#")
_PHONE = re.compile(r"\+[0-9][0-9 X*()-]*", re.ASCII)
_TITLE_NOISE = re.compile(r"[\[\]:*?/\\]")
_BOLD = Font(bold=True)
_TOP_WRAPPED = Alignment(vertical="top", wrap_text=True)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of ours, with English names of functions and points in amounts; never made of what people wrote."""

    text: str


PlainValue = str | int | Decimal | date | datetime | timedelta | bool
CellValue = PlainValue | Formula | None


class ColumnKind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "TEXT"
    INTEGER = "INTEGER"
    AMOUNT = "AMOUNT"
    DATE = "DATE"
    INSTANT = "INSTANT"
    DURATION = "DURATION"
    PERCENT = "PERCENT"


_FORMATS = {
    ColumnKind.INTEGER: "#,##0",
    ColumnKind.DATE: "yyyy-mm-dd",
    ColumnKind.INSTANT: "yyyy-mm-dd hh:mm:ss",
    ColumnKind.DURATION: "[h]:mm:ss",
    ColumnKind.PERCENT: "0.0%",
}


class Total(StrEnum):
    """How a column is summed up below its last row."""

    SUM = "SUM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    One column: its heading, what it holds, its width in characters and, for amounts, how many decimals are shown.

    Values of an ``AMOUNT`` are ``Decimal`` or ``int`` of the major unit, of a ``DURATION`` seconds.

    :param ratio: positions of two columns (from 0): each cell, that of the totals too, is a formula, the first over the
        second; what a row holds there is not looked at
    """

    title: str
    kind: ColumnKind = ColumnKind.TEXT
    width: int = DEFAULT_WIDTH
    digits: int = 2
    ratio: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """
    One sheet; ``rows`` is read once, so it may be a generator over millions.

    :param totals: position of a column (from 0) to its total
    :param total_label: stands in the first column, where that has no total
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[CellValue]]
    totals: Mapping[int, Total] = field(default_factory=dict)
    total_label: str = ""
    right_to_left: bool = False
    filtered: bool = True


def write_workbook(
    stream: IO[bytes], sheets: Sequence[Sheet], *, zone: ZoneInfo, rows_per_sheet: int = SHEET_ROWS
) -> int:
    """
    Write a workbook and return how many rows of data it holds.

    A sheet that is too long goes on in ``Title (2)``, ``Title (3)``; each part has totals of its own rows, and the last
    one adds the parts up.

    :param stream: a binary stream that is written once, from its present position
    :param zone: the time zone in which instants are shown
    :param rows_per_sheet: rows a sheet may have, headings and totals included
    :raises ValueError: without a sheet, or for a row of another length than the columns
    """
    if not sheets:
        message = "A workbook needs at least one sheet."
        raise ValueError(message)
    book = Workbook(write_only=True)
    titles = _Titles()
    try:
        written = sum(_write_sheet(book, sheet, zone=zone, titles=titles, limit=rows_per_sheet) for sheet in sheets)
    except BaseException:
        _abandon(book)
        raise
    book.save(stream)
    return written


def workbook_bytes(sheets: Sequence[Sheet], *, zone: ZoneInfo) -> bytes:
    """Return a workbook as bytes: of a letter, which carries no more than what fits into memory."""
    stream = BytesIO()
    write_workbook(stream, sheets, zone=zone)
    return stream.getvalue()


def safe_text(value: str) -> str:
    """
    Return a text that no spreadsheet program takes for a formula, without the characters that a workbook cannot hold.

    Longer texts than a cell may hold end in an ellipsis.
    """
    if value.startswith(STARTS_FORMULA) and not _PHONE.fullmatch(value):
        value = f"'{value}"
    value = ILLEGAL_CHARACTERS_RE.sub(REPLACEMENT, value)
    return value if len(value) <= TEXT_LENGTH else value[: TEXT_LENGTH - 1] + CUT


def criteria_sheet(*, title: str, facts: Iterable[tuple[str, str]], right_to_left: bool = False) -> Sheet:
    """Return the sheet that says what was asked: one line for each fact (filter, time, person, address)."""
    columns = (Column(title="", width=28), Column(title="", width=80))
    return Sheet(title=title, columns=columns, rows=list(facts), right_to_left=right_to_left, filtered=False)


def _abandon(book: Workbook) -> None:
    """Let the library close and remove its temporary files: it does so only when it saves."""
    with suppress(Exception), TemporaryFile() as nowhere:
        book.save(nowhere)


def sheet_title(wish: str) -> str:
    """Return the title that a first sheet of this name gets: what formulas of other sheets call it."""
    return _Titles().take(wish, 1)


class _Titles:
    """Sheet titles, made fit for the program and unique in the workbook."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wish: str, part: int) -> str:
        """Return a free title of at most 31 characters."""
        clean = _TITLE_NOISE.sub(" ", ILLEGAL_CHARACTERS_RE.sub("", wish)).strip("' ") or "Sheet"
        while True:
            suffix = f" ({part})" if part > 1 else ""
            title = clean[: SHEET_TITLE_LENGTH - len(suffix)].strip("' ") + suffix
            if title.casefold() not in self._taken:
                self._taken.add(title.casefold())
                return title
            part += 1


def _write_sheet(book: Workbook, sheet: Sheet, *, zone: ZoneInfo, titles: _Titles, limit: int) -> int:
    """Write all parts of a sheet."""
    room = limit - HEAD_ROWS - 2 * TOTAL_ROWS
    rows = iter(sheet.rows)
    parts: list[tuple[str, int]] = []
    pending: Sequence[CellValue] | None = next(rows, None)
    while pending is not None or not parts:
        title = titles.take(sheet.title, len(parts) + 1)
        page = _open_part(book, sheet, title)
        writer = _RowWriter(page, sheet.columns, zone=zone)
        count = 0
        while pending is not None and count < room:
            writer.write(pending)
            count += 1
            pending = next(rows, None)
        parts.append((title, count))
        _close_part(page, sheet, parts, is_last=pending is None)
    return sum(count for _title, count in parts)


def _open_part(book: Workbook, sheet: Sheet, title: str) -> WriteOnlyWorksheet:
    """Start a sheet: direction, frozen headings, widths."""
    page: WriteOnlyWorksheet = book.create_sheet(title)
    page.sheet_view.rightToLeft = sheet.right_to_left
    page.freeze_panes = f"A{HEAD_ROWS + 1}"
    widths: DimensionHolder[str, ColumnDimension] = page.column_dimensions  # type: ignore[attr-defined]  # lent from the ordinary sheet at run time
    for number, column in enumerate(sheet.columns, start=1):
        widths[get_column_letter(number)].width = column.width
    page.append(
        [_styled(page, safe_text(column.title), font=_BOLD, alignment=_TOP_WRAPPED) for column in sheet.columns]
    )
    return page


def _close_part(page: WriteOnlyWorksheet, sheet: Sheet, parts: Sequence[tuple[str, int]], *, is_last: bool) -> None:
    """Write the totals of one part, and of all parts under the last one; then the filter over the data alone."""
    count = parts[-1][1]
    if sheet.totals:
        row = HEAD_ROWS + count + TOTAL_ROWS
        page.append(list(_total_row(page, sheet, lambda letter: _sum_of_part(letter, count), row)))
        if is_last and len(parts) > 1:
            page.append(list(_total_row(page, sheet, lambda letter: _sum_of_totals(letter, parts), row + TOTAL_ROWS)))
    if sheet.filtered and count and sheet.columns:
        area: AutoFilter = page.auto_filter  # type: ignore[attr-defined]  # lent as well
        area.ref = f"A{HEAD_ROWS}:{get_column_letter(len(sheet.columns))}{HEAD_ROWS + count}"


def _sum_of_part(letter: str, count: int) -> str:
    first = HEAD_ROWS + 1
    return f"=SUM({letter}{first}:{letter}{first + count - 1})" if count else "=0"


def _sum_of_totals(letter: str, parts: Sequence[tuple[str, int]]) -> str:
    quoted = ((title.replace("'", "''"), count) for title, count in parts)
    return "=" + "+".join(f"'{title}'!{letter}{HEAD_ROWS + count + 1}" for title, count in quoted)


def _ratio_formula(ratio: tuple[int, int], row: int) -> str:
    part, whole = (f"{get_column_letter(position + 1)}{row}" for position in ratio)
    return f'=IF({whole}=0,"",{part}/{whole})'


def _total_row(
    page: WriteOnlyWorksheet, sheet: Sheet, formula: Callable[[str], str], row: int
) -> Iterator[Cell | None]:
    for index, column in enumerate(sheet.columns):
        if index in sheet.totals:
            cell = _styled(page, formula(get_column_letter(index + 1)), font=_BOLD)
            cell.number_format = _number_format(column)
            yield cell
        elif column.ratio is not None:
            cell = _styled(page, _ratio_formula(column.ratio, row), font=_BOLD)
            cell.number_format = _number_format(column)
            yield cell
        elif index == 0 and sheet.total_label:
            yield _styled(page, safe_text(sheet.total_label), font=_BOLD)
        else:
            yield None


class _QuickCell(Cell):
    """A cell that says little of itself: the library words a discarded message about every cell object it is given."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return a constant."""
        return "<cell>"


class _RowWriter:
    """Writes rows with one cell object for each column, used again for every row."""

    def __init__(self, page: WriteOnlyWorksheet, columns: Sequence[Column], *, zone: ZoneInfo) -> None:
        self._page = page
        self._zone = zone
        self._columns = columns
        self._cells = [self._prepared(column) for column in columns]
        self._row = HEAD_ROWS

    def write(self, row: Sequence[CellValue]) -> None:
        """Write one row."""
        if len(row) != len(self._columns):
            message = f"A row has {len(row)} cells, the sheet {len(self._columns)} columns."
            raise ValueError(message)
        self._row += 1
        self._page.append([self._filled(index, value) for index, value in enumerate(row)])

    def _prepared(self, column: Column) -> Cell:
        cell = _QuickCell(self._page, row=1, column=1)
        cell.number_format = _number_format(column)
        return cell

    def _filled(self, index: int, value: CellValue) -> Cell | str | None:
        ratio = self._columns[index].ratio
        if ratio is not None:
            value = Formula(_ratio_formula(ratio, self._row))
        if value is None:
            return None
        if isinstance(value, Formula):
            own = WriteOnlyCell(self._page, value=value.text)
            own.number_format = self._cells[index].number_format
            return own
        converted = _converted(value, self._columns[index].kind, self._zone)
        if isinstance(converted, str):
            return _text_cell(self._page, converted) if converted.startswith(_READ_AS_OTHER) else converted
        cell = self._cells[index]
        cell.value = converted
        return cell


def _converted(value: PlainValue, kind: ColumnKind, zone: ZoneInfo) -> PlainValue:
    """Return the value as the sheet holds it: text made safe, seconds as a length of time, instants as local time."""
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            message = "An instant needs a time zone."
            raise ValueError(message)
        return value.astimezone(zone).replace(tzinfo=None)
    if kind is ColumnKind.DURATION and isinstance(value, int):
        return timedelta(seconds=value)
    if kind is ColumnKind.TEXT and not isinstance(value, date):
        return safe_text(str(value))
    return value


def _text_cell(page: WriteOnlyWorksheet, text: str) -> Cell:
    """Return a cell that is text by type and marked to be left so: phones, the words of errors."""
    cell = _QuickCell(page, row=1, column=1, value=text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _styled(page: WriteOnlyWorksheet, value: str, *, font: Font, alignment: Alignment | None = None) -> Cell:
    cell = WriteOnlyCell(page, value=value)
    cell.font = font
    if alignment is not None:
        cell.alignment = alignment
    return cell


def _number_format(column: Column) -> str:
    if column.kind is ColumnKind.AMOUNT:
        return "#,##0." + "0" * column.digits if column.digits else "#,##0"
    return _FORMATS.get(column.kind, "General")
