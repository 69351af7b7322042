"""A bank's own table of movements, as text or as a workbook, read by a column map kept with the bank account."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.documents.sheets import ZIP_HEAD, read_sheet
from rating.domain.cdr_formats.lines import RawLine, split_lines
from reconciliation.domain.register_maps import DELIMITERS
from reconciliation.domain.statement_formats.parts import (
    BAD_DAY,
    BAD_FIELD,
    LINE_NOT_DECODABLE,
    MAX_LINES,
    MISSING,
    NO_STATEMENT,
    NOT_DECODABLE,
    TOO_MANY,
    BankLine,
    BankStatement,
    LineKind,
    StatementFault,
    doubt,
    plain_text,
    read_amount,
)
from reconciliation.domain.written_amounts import without_groups

COLUMNS = ("day", "value_day", "amount", "credit", "debit", "charge", "reference", "payer", "payer_account", "text")
BALANCES = ("opening", "closing")
SIDES = frozenset({"credit", "debit"})
LINE_ENDS = (b"\n", b"\r", b"\x1a")
# What of a return the bank writes into the text, one of these.
# Banks put their name, the account and the days above the headings.
MAX_LINES_ABOVE = 40
_KEYS = frozenset({"delimiter", "has_header", "columns", "day_form", "decimal_mark", "return_words", *BALANCES})


class StatementMapRefused(BillingError):
    """The column map of the bank account says nothing that could be followed."""

    default_message = gettext_noop("The column map of the bank account is not usable: %(reason)s")
    default_code = "STATEMENT_MAP_REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementMap:
    """
    Where each field stands, by heading or by position from 0.

    ``balances`` are lines that begin with a mark and hold a balance at a position.
    """

    columns: Mapping[str, str | int]
    delimiter: str = ";"
    has_header: bool = True
    day_form: str = "%d.%m.%Y"
    decimal_mark: str = "."
    return_words: tuple[str, ...] = ()
    balances: Mapping[str, tuple[str, int]]


def read_statement_map(plain: Mapping[str, Any]) -> StatementMap:
    """
    Read a map from its plain form, as it is kept with the bank account.

    :raises StatementMapRefused: with what is wrong in it
    """
    unknown = sorted(set(plain) - _KEYS)
    if unknown:
        raise _refusal(f"unknown word {unknown[0]}")
    has_header, mark, delimiter = plain.get("has_header", True), plain.get("decimal_mark", "."), plain.get("delimiter")
    if delimiter is not None and delimiter not in DELIMITERS:
        raise _refusal("delimiter is ; or , or | or a tab")
    if mark not in {".", ","} or mark == (delimiter or ";") or not isinstance(has_header, bool):
        raise _refusal("decimal_mark is a point or a comma and not the delimiter; has_header is true or false")
    words = plain.get("return_words", ())
    if isinstance(words, str) or not all(isinstance(word, str) and word for word in words):
        raise _refusal("return_words is a list of words")
    return StatementMap(
        columns=_columns(plain.get("columns"), kind=str if has_header else int),
        delimiter=delimiter or ";",
        has_header=has_header,
        day_form=str(plain.get("day_form", "%d.%m.%Y")),
        decimal_mark=mark,
        return_words=tuple(words),
        balances={name: _balance_place(plain[name]) for name in BALANCES if plain.get(name) is not None},
    )


def _columns(plain: object, *, kind: type) -> dict[str, Any]:
    if not isinstance(plain, Mapping) or "day" not in plain or set(plain) - set(COLUMNS):
        raise _refusal(f"columns names day and of {', '.join(COLUMNS)} what the bank tells")
    if ("amount" in plain) == ("credit" in plain and "debit" in plain):
        raise _refusal("columns names either amount, with its sign, or credit and debit")
    for name, place in plain.items():
        if type(place) is not kind or place in {"", -1}:
            wanted = "a heading" if kind is str else "a position from 0"
            raise _refusal(f"column {name} is {wanted}")
    return dict(plain)


def _balance_place(plain: object) -> tuple[str, int]:
    if not isinstance(plain, Mapping) or set(plain) != {"mark", "amount"} or not plain["mark"]:
        raise _refusal("opening and closing name mark and amount")
    if type(plain["amount"]) is not int or plain["amount"] < 0:
        raise _refusal("amount of opening and closing is a position from 0")
    return str(plain["mark"]), plain["amount"]


def _refusal(reason: str) -> StatementMapRefused:
    return StatementMapRefused(context={"reason": reason})


def read_columns(
    content: bytes, *, statement_map: StatementMap, encoding: str, digits: int, account: str
) -> tuple[BankStatement, ...]:
    """
    Read a bank's table as one statement of our account.

    :param encoding: the alphabet agreed with the bank
    :param digits: decimals of the account's currency
    :param account: the number of our account; the table does not tell it
    :raises StatementFault: at the first place that cannot be read
    :raises SheetRefused: if a workbook is none
    """
    reader = _Reader(statement_map=statement_map, encoding=encoding, digits=digits)
    for row in _sheet_rows(content) if content.startswith(ZIP_HEAD) else reader.text_rows(content):
        reader.take(row)
    reader.finish()
    if not reader.lines and not reader.balances:
        raise StatementFault(1, "", "", NO_STATEMENT)
    for name, (mark, _place) in statement_map.balances.items():
        if name not in reader.balances:
            raise StatementFault(1, mark, "", MISSING)
    days = [line.booked_on for line in reader.lines]
    statement = BankStatement(
        line_number=1,
        reference="",
        account=account,
        currency="",
        opening_minor=reader.balances.get("opening"),
        closing_minor=reader.balances.get("closing"),
        opened_on=min(days, default=None),
        closed_on=max(days, default=None),
        lines=tuple(reader.lines),
    )
    return (statement,)


class _Row(NamedTuple):
    """
    A row: its number in the file, its cells, the places of those that a workbook keeps as numbers or days.

    Of a last row without a line end (``is_open``) nobody knows whether it is all.
    """

    number: int
    cells: Sequence[str]
    is_whole: bool = True
    numbers: frozenset[int] = frozenset()
    is_of_sheet: bool = False
    is_open: bool = False


def _sheet_rows(content: bytes) -> Iterator[_Row]:
    for row in read_sheet(content).rows:
        yield _Row(row.number, row.texts, numbers=row.numbers, is_of_sheet=True)


class _Reader:
    """Reads row by row; collects movements and balances."""

    def __init__(self, *, statement_map: StatementMap, encoding: str, digits: int) -> None:
        self.lines: list[BankLine] = []
        self.balances: dict[str, int] = {}
        self._map, self._encoding, self._digits = statement_map, encoding, digits
        self._places: Mapping[str, int] | None = None
        # The row most like the headings so far, and how many of them it has.
        self._above: _Row | None = None
        self._named = 0
        if not statement_map.has_header:
            self._places = {name: int(place) for name, place in statement_map.columns.items()}

    def text_rows(self, content: bytes) -> Iterator[_Row]:
        """Yield the rows of a text file."""
        last: RawLine | None = None
        for raw in split_lines([content]):
            if last is not None:
                yield self._text_row(last)
            last = raw
        if last is not None:
            yield self._text_row(last)._replace(is_open=not content.endswith(LINE_ENDS))

    def _text_row(self, raw: RawLine) -> _Row:
        cells, is_whole = self._cells(raw)
        return _Row(raw.line_no, cells, is_whole and not raw.is_cut)

    def take(self, row: _Row) -> None:
        """Read one row."""
        if not any(row.cells):
            return
        for name, (mark, place) in self._map.balances.items():
            if row.cells[0] == mark:
                text = row.cells[place] if place < len(row.cells) else ""
                self.balances[name] = self._signed(text, row, field=mark, place=place)
                return
        if self._places is None:
            self._places = self._find_places(row)
        elif len(self.lines) >= MAX_LINES:
            raise StatementFault(row.number, "", "", TOO_MANY, limit=MAX_LINES)
        else:
            self.lines.append(self._line(row, self._places))

    def finish(self) -> None:
        """Refuse a file whose headings never came; what the row most like them lacks is named."""
        if self._places is None and self._above is not None:
            missing = next(str(one) for one in self._map.columns.values() if one not in self._above.cells)
            raise StatementFault(self._above.number, missing, self._map.delimiter.join(self._above.cells), MISSING)

    def _cells(self, raw: RawLine) -> tuple[list[str], bool]:
        try:
            text, is_whole = raw.raw.decode(self._encoding), True
        except UnicodeDecodeError:
            text, is_whole = raw.raw.decode(self._encoding, errors="replace"), False
        try:
            rows = list(csv.reader([text], delimiter=self._map.delimiter, strict=True))
        except csv.Error as error:
            raise StatementFault(raw.line_no, "CSV", text, BAD_FIELD) from error
        return [cell.strip() for cell in rows[0]] if rows else [], is_whole

    def _find_places(self, row: _Row) -> dict[str, int] | None:
        """Return where the columns stand if this row names them all; some rows of another kind may lie above."""
        named = [wanted for wanted in self._map.columns.values() if wanted in row.cells]
        if len(named) < len(self._map.columns):
            if self._above is None or len(named) > self._named:
                self._above, self._named = row, len(named)
            if row.number >= MAX_LINES_ABOVE:
                self.finish()
            return None
        for wanted in named:
            if row.cells.count(str(wanted)) > 1:
                raise StatementFault(row.number, str(wanted), self._map.delimiter.join(row.cells), BAD_FIELD)
        return {name: row.cells.index(str(wanted)) for name, wanted in self._map.columns.items()}

    def _line(self, row: _Row, places: Mapping[str, int]) -> BankLine:
        found = {name: row.cells[place] if place < len(row.cells) else "" for name, place in places.items()}
        self._refuse_cut(row, found, lacking=[name for name, place in places.items() if place >= len(row.cells)])
        money = "".join(found.get(name, "") for name in ("day", "amount", "credit", "debit", "charge"))
        if "\ufffd" in money:
            raise StatementFault(row.number, "amount", money, NOT_DECODABLE, encoding=self._encoding)
        minor = self._amount(found, row, places)
        charge = found.get("charge", "")
        value_day = found.get("value_day", "")
        text = plain_text(found.get("text", ""))
        return BankLine(
            line_number=row.number,
            amount_minor=minor,
            kind=self._kind(minor, text),
            booked_on=self._day(found["day"], row, "day"),
            value_on=self._day(value_day, row, "value_day") if value_day else None,
            bank_reference=plain_text(found.get("reference", ""), limit=64),
            charge_minor=self._plain(charge, row, field="charge", place=places["charge"]) if charge else 0,
            payer_name=plain_text(found.get("payer", ""), limit=140),
            payer_account=plain_text(found.get("payer_account", ""), limit=64),
            text=text,
            doubt=None if row.is_whole else doubt(LINE_NOT_DECODABLE, encoding=self._encoding),
        )

    def _refuse_cut(self, row: _Row, found: Mapping[str, str], *, lacking: Sequence[str]) -> None:
        """Refuse a row in whose middle the file may end, and one too short to say whether money came or went."""
        is_silent = found.keys() >= SIDES and not any(found[name] for name in SIDES)
        if (row.is_open and (lacking or is_silent)) or SIDES.issubset(lacking):
            name = lacking[0] if lacking else "debit"
            raise StatementFault(row.number, name, self._map.delimiter.join(row.cells), MISSING)

    def _kind(self, minor: int, text: str) -> LineKind:
        if not minor:
            return LineKind.NOTE
        if minor > 0:
            return LineKind.RECEIPT
        is_return = any(word.casefold() in text.casefold() for word in self._map.return_words)
        return LineKind.RETURN if is_return else LineKind.TRANSFER

    def _amount(self, found: Mapping[str, str], row: _Row, places: Mapping[str, int]) -> int:
        if "amount" in found:
            return self._signed(found["amount"], row, field="amount", place=places["amount"])
        sides = {
            name: self._plain(found[name], row, field=name, place=places[name]) if found[name] else 0
            for name in sorted(SIDES)
        }
        if sides["credit"] and sides["debit"]:
            raise StatementFault(row.number, "credit", found["credit"], BAD_FIELD)
        return sides["credit"] - sides["debit"]

    def _signed(self, text: str, row: _Row, *, field: str, place: int) -> int:
        is_below = text.startswith(("-", "\u2212"))
        minor = self._plain(text[1:] if is_below or text.startswith("+") else text, row, field=field, place=place)
        return -minor if is_below else minor

    def _plain(self, text: str, row: _Row, *, field: str, place: int) -> int:
        """Read an amount without sign; spaces between thousands are none of its digits."""
        plain = without_groups(text)
        mark = "." if place in row.numbers else self._map.decimal_mark
        return read_amount(plain, digits=self._digits, mark=mark, line_number=row.number, field=field)

    def _day(self, text: str, row: _Row, field: str) -> date:
        try:
            return datetime.strptime(text, self._map.day_form).date()  # noqa: DTZ007 - a day, no instant
        except ValueError as error:
            if row.is_of_sheet and (day := _day_of_sheet(text)):
                return day
            raise StatementFault(row.number, field, text, BAD_DAY) from error


def _day_of_sheet(text: str) -> date | None:
    """Return the day of a cell that a workbook keeps as one."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
