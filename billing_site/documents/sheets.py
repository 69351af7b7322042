"""
Tables that people hand in: CSV and workbooks, read as rows of texts with their addresses; nothing in them is trusted.

A workbook gives values, never formulas; its first visible sheet counts. What could be read in two ways (merged cells)
or could run (macros) is refused with what to do instead. Sizes are measured before anything is opened.
"""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from openpyxl import load_workbook

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.texts import clean_text

MAX_FILE_BYTES = 30 * 1024 * 1024
# An honest table of numbers packs ten to thirty times; a bomb thousands of times.
MAX_UNPACKED_BYTES = 400 * 1024 * 1024
MAX_RATIO = 250
RATIO_FROM_BYTES = 64 * 1024 * 1024
MAX_PARTS = 2_000
MAX_ROWS = 250_000
MAX_SHEET_ROWS = 1_048_576
MAX_COLUMNS = 30
BLOCK = 1 << 20
ZIP_HEAD, OLE_HEAD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
DELIMITERS = (";", "\t", ",", "|")
LINES_OF_HEAD = 20


class SheetRefused(BillingError):
    """A file that is no table we read."""

    default_code = "SHEET_REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """
    A row that is not empty: its number as the spreadsheet shows it, its cells as text, and which hold numbers.

    ``numbers`` has the places (from 0) of cells that a workbook keeps as numbers: their text has a decimal point.
    """

    number: int
    texts: tuple[str, ...]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTable:
    """The rows of a file and the name of the sheet they stand on (empty for CSV)."""

    rows: tuple[SheetRow, ...]
    sheet: str = ""


def read_sheet(content: bytes) -> SheetTable:
    """
    Return the table in a file, told by its content and not by its name.

    :raises SheetRefused: with what is wrong and how to save it instead
    """
    if len(content) > MAX_FILE_BYTES:
        raise SheetRefused(
            gettext_noop("The file has %(size)s bytes; at most %(most)s are read."),
            context={"size": len(content), "most": MAX_FILE_BYTES},
        )
    if content.startswith(OLE_HEAD):
        raise SheetRefused(
            gettext_noop("This is an old (.xls) or password-protected workbook. Save it as .xlsx without a password.")
        )
    if content.startswith(ZIP_HEAD):
        return _read_workbook(content)
    if content.lstrip()[:1] == b"<":
        raise SheetRefused(gettext_noop("This is a web page, not a table. Save it as .xlsx or CSV."))
    return SheetTable(rows=_capped(_csv_rows(content)))


def _csv_rows(content: bytes) -> Iterator[SheetRow]:
    try:
        # What spreadsheets call Unicode text begins with a mark of its own.
        text = content.decode("utf-16" if content.startswith(UTF16_MARKS) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetRefused(
            gettext_noop("The file is not UTF-8 text (byte %(place)s). Save it as “CSV UTF-8” or .xlsx."),
            context={"place": error.start},
        ) from error
    if "\0" in text:
        raise SheetRefused(gettext_noop("The file is not text. Save it as “CSV UTF-8” or .xlsx."))
    delimiter = _delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begun = 1
    try:
        for number, cells in enumerate(reader, start=1):
            if any(delimiter in cell and "\n" in cell for cell in cells):
                raise _not_csv(begun)
            begun = reader.line_num + 1
            texts = tuple(map(clean_text, cells[:MAX_COLUMNS]))
            if any(texts):
                yield SheetRow(number=number, texts=texts)
    except csv.Error as error:
        raise _not_csv(begun) from error


def _delimiter_of(text: str) -> str:
    """Return the mark that parts the most of the first lines into as many cells each; quoted cells are left out."""
    lines = islice((line for line in io.StringIO(text) if line.strip(" ;,|\t\r\n")), LINES_OF_HEAD)
    bare = ["".join(line.split('"')[::2]) for line in lines]

    def fit(mark: str) -> tuple[int, int]:
        counts = Counter(line.count(mark) for line in bare if mark in line)
        return max(((lines, marks) for marks, lines in counts.items()), default=(0, 0))

    best = max(DELIMITERS, key=fit)
    return best if fit(best) > (0, 0) else ","


def _not_csv(line: int) -> SheetRefused:
    """Refuse a line; a quote that is never closed swallows the lines after it, be it up to another of its kind."""
    return SheetRefused(gettext_noop("Line %(line)s of the file is not CSV."), context={"line": line})


def _read_workbook(content: bytes) -> SheetTable:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive, packed=len(content))
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            sheet = _visible_sheet(book)
            _refuse_merged(archive, sheet)
            sheet.reset_dimensions()
            return SheetTable(rows=_capped(_sheet_rows(sheet)), sheet=str(sheet.title))
    except BillingError:
        raise
    except Exception as error:  # whatever a broken workbook makes the libraries raise, it is a broken workbook
        raise SheetRefused(
            gettext_noop("The workbook is damaged and cannot be read. Open it and save it again as .xlsx.")
        ) from error


def _visible_sheet(book: Any) -> Any:
    """Return the first sheet that a person sees."""
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            return sheet
    raise SheetRefused(gettext_noop("The workbook has no visible sheet."))


def _check_parts(archive: zipfile.ZipFile, *, packed: int) -> None:
    """Refuse macros, bombs and parts that declare entities; every byte is counted as it really unpacks."""
    names = archive.namelist()
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise SheetRefused(gettext_noop("The workbook holds macros. Save it as .xlsx, which holds none."))
    if len(names) > MAX_PARTS or "xl/workbook.xml" not in names:
        raise SheetRefused(gettext_noop("This is no workbook. Save the table as .xlsx or CSV."))
    unpacked = 0
    for name in names:
        is_markup = name.endswith((".xml", ".rels"))
        with archive.open(name) as part:
            tail = b""
            while block := part.read(BLOCK):
                unpacked += len(block)
                if unpacked > MAX_UNPACKED_BYTES or unpacked > max(RATIO_FROM_BYTES, MAX_RATIO * packed):
                    raise SheetRefused(gettext_noop("The workbook unpacks to far more than it seems: it is not read."))
                if is_markup and any(mark in tail + block for mark in (b"<!DOCTYPE", b"<!ENTITY", b"\0")):
                    raise SheetRefused(
                        gettext_noop("The workbook declares what no spreadsheet writes: it is not read.")
                    )
                tail = block[-16:]
    if b"macroEnabled" in archive.read("[Content_Types].xml"):
        raise SheetRefused(gettext_noop("The workbook holds macros. Save it as .xlsx, which holds none."))


def _refuse_merged(archive: zipfile.ZipFile, sheet: Any) -> None:
    with archive.open(str(sheet._worksheet_path).lstrip("/")) as part:  # noqa: SLF001 - the reader has no other name for it
        tail = b""
        while block := part.read(BLOCK):
            place = (tail + block).find(b"mergeCell ")
            if place >= 0:
                found = (tail + block)[place : place + 60].split(b'"')
                raise SheetRefused(
                    gettext_noop("Cells %(cells)s are merged: one value for several cells. Unmerge them."),
                    context={"cells": found[1].decode("ascii", "replace") if len(found) > 1 else "?"},
                )
            tail = block[-80:]


def _sheet_rows(sheet: Any) -> Iterator[SheetRow]:
    for number, values in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), start=1):
        if number > MAX_SHEET_ROWS:
            raise SheetRefused(gettext_noop("The sheet claims more rows than a spreadsheet has: it is not read."))
        width = next((place for place in range(len(values), 0, -1) if values[place - 1] is not None), 0)
        if width:
            texts = tuple(map(_text_of, values[:width]))
            numbers = frozenset(place for place, value in enumerate(values[:width]) if _is_number(value))
            if any(texts):
                yield SheetRow(number=number, texts=texts, numbers=numbers)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, *_BINARY)) and not isinstance(value, bool)


# The type in which workbooks keep numbers with decimals: its shortest text is what the person typed.
_BINARY: tuple[type, ...] = (type(1 / 2),)


def _text_of(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return format(Decimal(str(value)), "f") if _is_number(value) and not isinstance(value, int) else str(value)


def _capped(rows: Iterator[SheetRow]) -> tuple[SheetRow, ...]:
    """Return the rows; refuse more than are read."""
    found: list[SheetRow] = []
    for row in rows:
        if len(found) == MAX_ROWS:
            raise SheetRefused(gettext_noop("The table has more than %(most)s rows."), context={"most": MAX_ROWS})
        found.append(row)
    return tuple(found)
