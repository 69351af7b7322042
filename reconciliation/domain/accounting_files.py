"""
The accounting ledger's turnover, read line by line: a class, perhaps a customer, opening, debit, credit, closing.

A file is taken whole or refused whole. Every wrong line is named with its field, its value and what to do about it:
amounts that are none, lines and classes that do not add up, classes that nobody knows. Amounts become minor units,
debits positive.
"""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import AmountNotExact, decimal_to_minor
from billing_site.core.texts import clean_text
from rating.domain.cdr_formats.lines import split_lines
from reconciliation.domain.accounting_maps import AccountingFileMap, Layout

MAX_LINE_BYTES = 4096
MAX_LINES = 10_000_000
# Faults named of one file; more would hide the first.
MAX_FAULTS = 200
SHOWN_LENGTH = 40
NAME_LENGTH = 200
# Under this code stands what a file says of all classes together.
ALL_CLASSES = ""
AMOUNTS = ("opening", "debit", "credit", "closing")

_ACCOUNT = re.compile(r"[0-9]{1,16}", re.ASCII)
_ACCOUNT_IN_NAME = re.compile(r"(?<![0-9])[0-9]{6,16}(?![0-9])", re.ASCII)
_AMOUNT = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,3})?", re.ASCII)
_GROUPS = str.maketrans({" ": None, "\u00a0": None, "\u202f": None, "'": None})


class FileRow(NamedTuple):
    """A row of a file: its number as people see it, its cells, the places of those that a workbook keeps as numbers."""

    number: int
    cells: Sequence[str]
    numbers: Collection[int] = frozenset()


class TurnoverLine(NamedTuple):
    """One line that was read; ``account_number`` is empty for a class alone. Minor units, debits positive."""

    line_number: int
    class_code: str
    account_number: str
    name: str
    opening: int
    debit: int
    credit: int
    closing: int


@dataclass(slots=True)
class ClassSum:
    """The sum of a class's lines, in minor units."""

    has_accounts: bool
    line_count: int = 0
    opening: int = 0
    debit: int = 0
    credit: int = 0
    closing: int = 0

    def add(self, line: TurnoverLine) -> None:
        """Add a line."""
        self.line_count += 1
        self.opening += line.opening
        self.debit += line.debit
        self.credit += line.credit
        self.closing += line.closing

    @property
    def amounts(self) -> tuple[int, int, int, int]:
        """Opening, debit, credit, closing."""
        return self.opening, self.debit, self.credit, self.closing


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFault:
    """What is wrong in one line: ``sentence`` is a template over ``values`` that ends with the remedy."""

    line_number: int
    field: str
    value: str
    sentence: str
    values: Mapping[str, object]

    def context(self, file_name: str) -> dict[str, object]:
        """Return what fills the sentence."""
        place = {"file": file_name, "line": self.line_number, "field": self.field, "value": self.value}
        return {**place, **self.values}


class AccountingFileRefused(BillingError):
    """The file is refused whole; ``faults`` names its bad lines."""

    default_code = "ACCOUNTING_FILE_REFUSED"

    def __init__(self, *, file_name: str, faults: Sequence[LineFault]) -> None:
        """Say the first fault in words; keep all of them."""
        super().__init__(faults[0].sentence, context=faults[0].context(file_name))
        self.file_name = file_name
        self.faults = tuple(faults)


NOT_DECODABLE = gettext_noop(
    "File %(file)s, line %(line)s: the bytes %(value)s are not %(encoding)s. Correct the column map or save the file"
    " again. Nothing was loaded."
)
LINE_TOO_LONG = gettext_noop(
    "File %(file)s, line %(line)s is longer than %(limit)s bytes. Save the file again. Nothing was loaded."
)
TOO_MANY_LINES = gettext_noop("File %(file)s has more than %(limit)s lines. Load it in parts. Nothing was loaded.")
BAD_QUOTES = gettext_noop(
    "File %(file)s, line %(line)s: a quotation mark is not closed: “%(value)s”. Save the file again. Nothing was"
    " loaded."
)
NO_COLUMN = gettext_noop(
    "File %(file)s, line %(line)s: the heading %(field)s is missing, or there twice, among “%(value)s”. Correct the"
    " column map or the file. Nothing was loaded."
)
FIELD_COUNT = gettext_noop(
    "File %(file)s, line %(line)s has too few fields for %(field)s: “%(value)s”. Correct the line. Nothing was loaded."
)
UNKNOWN_CLASS = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: class “%(value)s” is not among the accounting classes. Add it, as"
    " one that is not compared if need be. Nothing was loaded."
)
BAD_ACCOUNT = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is no account number of 1 to 16 digits. Correct the"
    " line. Nothing was loaded."
)
ACCOUNT_AS_NUMBER = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is kept as a number, its leading zeros may be lost."
    " Format the column as text. Nothing was loaded."
)
BAD_AMOUNT = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is no amount with at most %(digits)s decimals. Correct"
    " the line. Nothing was loaded."
)
LINE_DIFFERS = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: opening and turnover make %(found)s, the line says “%(value)s”."
    " Correct the line. Nothing was loaded."
)
TOTAL_DIFFERS = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: the lines of class %(class)s make %(found)s, the total says"
    " “%(value)s”. Ask for the whole file. Nothing was loaded."
)
TWO_TOTALS = gettext_noop(
    "File %(file)s, line %(line)s: class “%(value)s” has a total already, on line %(first)s. Nothing was loaded."
)
NO_LINES = gettext_noop(
    "File %(file)s has no line with a class and amounts. Choose another column map. Nothing was loaded."
)


class _Fault(Exception):
    """A field that cannot be read."""

    def __init__(self, field_name: str, value: str, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.field, self.value, self.sentence, self.values = field_name, value[:SHOWN_LENGTH], sentence, values


class TurnoverReader:
    """
    Reads rows into lines; afterwards ``faults`` and ``sums`` (by class) tell what they came to.

    :param classes: codes of the classes that are known
    :param digits: decimals of the currency
    """

    def __init__(self, *, layout: AccountingFileMap, classes: Collection[str], digits: int) -> None:
        """Begin before the first row."""
        self.faults: list[LineFault] = []
        self.sums: dict[str, ClassSum] = {}
        self._map = layout
        self._classes = frozenset(classes)
        self._digits = digits
        self._places: Mapping[str, int] | None = layout.places or None
        self._class_now = ""
        self._totals: dict[str, TurnoverLine] = {}
        self._last_line = 0

    def read_bytes(self, content: bytes) -> Iterator[TurnoverLine]:
        """Yield the lines of a text file."""
        return self._read(self._text_rows(content))

    def read_rows(self, rows: Iterable[FileRow]) -> Iterator[TurnoverLine]:
        """Yield the lines of a workbook's rows."""
        return self._read((row, None) for row in rows)

    @property
    def class_totals(self) -> Mapping[str, TurnoverLine]:
        """The totals that the file itself names, by class."""
        return self._totals

    def _read(self, rows: Iterable[tuple[FileRow, _Fault | None]]) -> Iterator[TurnoverLine]:
        for row, fault in rows:
            self._last_line = row.number
            try:
                if fault is not None:
                    raise fault
                line = self._line(row)
            except _Fault as found:
                self._blame(row.number, found)
                if len(self.faults) >= MAX_FAULTS or self._places is None:
                    return
                continue
            if line is not None:
                yield self._counted(line)
        yield from self._finish()

    def _text_rows(self, content: bytes) -> Iterator[tuple[FileRow, _Fault | None]]:
        for raw in split_lines([content], max_line_bytes=MAX_LINE_BYTES):
            try:
                yield FileRow(raw.line_no, self._cells(raw.raw, is_cut=raw.is_cut)), None
            except _Fault as fault:
                yield FileRow(raw.line_no, ()), fault

    def _cells(self, raw: bytes, *, is_cut: bool) -> list[str]:
        if is_cut:
            raise _Fault("", "", LINE_TOO_LONG, limit=MAX_LINE_BYTES)
        try:
            text = raw.decode(self._map.encoding)
        except UnicodeDecodeError as error:
            shown = raw[error.start : error.start + 8].hex(" ")
            raise _Fault("", shown, NOT_DECODABLE, encoding=self._map.encoding) from error
        try:
            rows = list(csv.reader([text], delimiter=self._map.delimiter, strict=True))
        except csv.Error as error:
            raise _Fault("", text, BAD_QUOTES) from error
        # The mark of UTF-8 before the first heading, and spaces of no width in a number, are cleaned away too.
        return [clean_text(cell) for cell in rows[0]] if rows else []

    def _line(self, row: FileRow) -> TurnoverLine | None:
        """Return what a row says of a customer; nothing for headings, totals and rows between."""
        if not any(row.cells):
            return None
        if row.number > MAX_LINES:
            raise _Fault("", "", TOO_MANY_LINES, limit=MAX_LINES)
        if self._places is None:
            self._places = self._places_of(row.cells)
            return None
        if self._map.layout is Layout.SHEET_1C:
            return self._line_of_sheet(row, self._places)
        return self._line_of_table(row, self._places)

    def _places_of(self, heading: Sequence[str]) -> dict[str, int]:
        for wanted in self._map.headings.values():
            if list(heading).count(wanted) != 1:
                raise _Fault(wanted, self._map.delimiter.join(heading), NO_COLUMN)
        return {name: list(heading).index(wanted) for name, wanted in self._map.headings.items()}

    def _line_of_table(self, row: FileRow, places: Mapping[str, int]) -> TurnoverLine | None:
        code = self._cell(row, places, "class")
        account = self._cell(row, places, "account") if "account" in places else ""
        is_total = bool(self._map.total_mark) and self._map.total_mark in {code, account}
        if is_total and code == self._map.total_mark:
            self._take_total(self._turnover(row, places, code=ALL_CLASSES, account="", name=""))
            return None
        if code not in self._classes:
            raise _Fault("class", code, UNKNOWN_CLASS)
        name = self._cell(row, places, "name") if "name" in places else ""
        if is_total or not account:
            self._take_total(self._turnover(row, places, code=code, account="", name=name))
            return None
        if places["account"] in row.numbers:
            raise _Fault("account", account, ACCOUNT_AS_NUMBER)
        if not _ACCOUNT.fullmatch(account):
            raise _Fault("account", account, BAD_ACCOUNT)
        return self._turnover(row, places, code=code, account=account, name=name)

    def _line_of_sheet(self, row: FileRow, places: Mapping[str, int]) -> TurnoverLine | None:
        """A line that begins with a class opens it; those below are its customers; what stands before is the title."""
        first = row.cells[0]
        code = first.split(",")[0].strip()
        if code in self._classes:
            self._class_now = code
            self._take_total(self._turnover(row, places, code=code, account="", name=first))
            return None
        if not self._class_now or not first:
            return None
        if first.startswith(self._map.total_mark):
            self._take_total(self._turnover(row, places, code=ALL_CLASSES, account="", name=""))
            return None
        number = _ACCOUNT_IN_NAME.search(first)
        if number is None:
            raise _Fault("account", first, BAD_ACCOUNT)
        return self._turnover(row, places, code=self._class_now, account=number[0], name=first)

    def _turnover(self, row: FileRow, places: Mapping[str, int], *, code: str, account: str, name: str) -> TurnoverLine:
        opening = self._side(row, places, "opening")
        debit, credit = self._minor(row, places, "debit"), self._minor(row, places, "credit")
        closing = self._side(row, places, "closing")
        if opening + debit - credit != closing:
            told = self._shown(closing)
            raise _Fault("closing", told, LINE_DIFFERS, found=self._shown(opening + debit - credit))
        return TurnoverLine(row.number, code, account, name[:NAME_LENGTH], opening, debit, credit, closing)

    def _side(self, row: FileRow, places: Mapping[str, int], side: str) -> int:
        if side in places:
            return self._minor(row, places, side)
        return self._minor(row, places, f"{side}_debit") - self._minor(row, places, f"{side}_credit")

    def _cell(self, row: FileRow, places: Mapping[str, int], name: str) -> str:
        if places[name] >= len(row.cells):
            # Spreadsheets leave out what is empty at the end of a row.
            if self._map.layout is Layout.SHEET_1C or row.numbers:
                return ""
            raise _Fault(name, self._map.delimiter.join(row.cells), FIELD_COUNT)
        return row.cells[places[name]]

    def _minor(self, row: FileRow, places: Mapping[str, int], name: str) -> int:
        text = self._cell(row, places, name)
        plain = text.translate(_GROUPS)
        if not plain:
            return 0
        if self._map.decimal_mark == "," and places[name] not in row.numbers:
            plain = "?" if "." in plain else plain.replace(",", ".")
        if not _AMOUNT.fullmatch(plain):
            raise _Fault(name, text, BAD_AMOUNT, digits=self._digits)
        try:
            return decimal_to_minor(Decimal(plain), digits=self._digits)
        except AmountNotExact as error:
            raise _Fault(name, text, BAD_AMOUNT, digits=self._digits) from error

    def _take_total(self, total: TurnoverLine) -> None:
        first = self._totals.get(total.class_code)
        if first is not None:
            raise _Fault("class", total.class_code, TWO_TOTALS, first=first.line_number)
        self._totals[total.class_code] = total

    def _counted(self, line: TurnoverLine) -> TurnoverLine:
        found = self.sums.setdefault(line.class_code, ClassSum(has_accounts=bool(line.account_number)))
        found.add(line)
        return line

    def _finish(self) -> Iterator[TurnoverLine]:
        """Compare the totals with the lines; a class that has a total alone is a line itself."""
        whole = self._totals.pop(ALL_CLASSES, None)
        for code, total in self._totals.items():
            if code not in self.sums:
                yield self._counted(total)
            self._compare(total, self.sums[code].amounts)
        if whole is not None:
            sums = [found.amounts for found in self.sums.values()]
            self._compare(whole, [sum(column) for column in zip(*sums, strict=True)])
        if not self.sums and not self.faults:
            self._blame(self._last_line, _Fault("", "", NO_LINES))

    def _compare(self, total: TurnoverLine, made: Sequence[int]) -> None:
        """Name the first amount of a total that its lines do not make."""
        for name, told, found in zip(AMOUNTS, total[4:], made, strict=False):
            if told != found:
                values = {"class": total.class_code or "*", "found": self._shown(found)}
                self._blame(total.line_number, _Fault(name, self._shown(told), TOTAL_DIFFERS, **values))
                return

    def _blame(self, line_number: int, fault: _Fault) -> None:
        self.faults.append(
            LineFault(
                line_number=line_number,
                field=fault.field,
                value=fault.value,
                sentence=fault.sentence,
                values=fault.values,
            )
        )

    def _shown(self, minor: int) -> str:
        return str(Decimal(minor).scaleb(-self._digits))
