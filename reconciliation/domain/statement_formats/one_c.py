"""The exchange file that banks and 1C share: sections of ``name=value``, an account's turnover and its documents."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from billing_site.core.messages import gettext_noop
from rating.domain.cdr_formats.lines import UTF8_MARK, RawLine, split_lines
from reconciliation.domain.statement_formats.parts import (
    BAD_DAY,
    BAD_FIELD,
    LINE_NOT_DECODABLE,
    MAX_LINES,
    MISSING,
    NO_STATEMENT,
    NOT_DECODABLE,
    STRAY,
    TOO_MANY,
    BankLine,
    BankStatement,
    LineKind,
    StatementFault,
    day_or_none,
    doubt,
    plain_text,
    read_amount,
)

HEAD = "1CClientBankExchange"
ACCOUNT_BEGIN, ACCOUNT_END = "СекцияРасчСчет", "КонецРасчСчет"
DOCUMENT_BEGIN, DOCUMENT_END = "СекцияДокумент", "КонецДокумента"
FILE_END = "КонецФайла"
ENCODINGS = ("cp1251", "cp866", "utf-8")
HEAD_WORDS = frozenset({"Кодировка", "ВерсияФормата", "Отправитель", "Получатель", "ДатаСоздания", "РасчСчет"})
# What carries money; a byte of another alphabet in it is no doubt but a refusal.
_MONEY = frozenset({"РасчСчет", "НачальныйОстаток", "КонечныйОстаток", "Сумма"})
_DAY = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})", re.ASCII)

NOT_OURS = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: the document is of no account of this file and not of ours. Choose"
    " the bank account that the file is of. Nothing was loaded."
)


@dataclass(slots=True, kw_only=True)
class _Section:
    """A section with its fields; the first of a name holds."""

    line_number: int
    cells: dict[str, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    is_whole: bool = True

    def go_on(self, text: str, *, is_whole: bool) -> None:
        """Add a line to the text before it; banks break a purpose over several lines."""
        last = next(reversed(self.cells), "")
        if text and last.startswith("НазначениеПлатежа"):
            self.cells[last] = f"{self.cells[last]}\n{text}"
            self.is_whole = self.is_whole and is_whole

    def first(self, *names: str) -> str:
        """Return the first of these fields that says anything."""
        return next((self.cells[name] for name in names if self.cells.get(name)), "")

    def day(self, *names: str) -> date | None:
        """Return the day of the first of these fields that is there."""
        for name in names:
            text = self.cells.get(name, "")
            if not text:
                continue
            parts = _DAY.fullmatch(text)
            found = day_or_none(int(parts[3]), int(parts[2]), int(parts[1])) if parts else None
            if found is None:
                raise StatementFault(self.places[name], name, text, BAD_DAY)
            return found
        return None

    def minor(self, name: str, *, digits: int) -> int:
        """Return the amount of a field in minor units; a balance may be below nought."""
        text = self.cells.get(name, "")
        if not text:
            raise StatementFault(self.line_number, name, "", MISSING)
        is_negative = text.startswith("-") and name != "Сумма"
        plain = text.removeprefix("-") if is_negative else text
        minor = read_amount(plain, digits=digits, mark=".", line_number=self.places[name], field=name)
        return -minor if is_negative else minor


def read_one_c(content: bytes, *, encoding: str, digits: int, account: str) -> tuple[BankStatement, ...]:
    """
    Read a file: one statement for each account that it tells the turnover of, else one without balances for ours.

    :param encoding: the alphabet agreed with the bank; the one in which the file's head can be read goes before it
    :param digits: decimals of the account's currency
    :param account: the number of our account, for files that only hold documents
    :raises StatementFault: at the first place that cannot be read
    """
    accounts, documents, used = _sections(content, encoding=encoding)
    numbers = list(dict.fromkeys(section.first("РасчСчет") for section in accounts)) or [account]
    by_number: dict[str, list[BankLine]] = {number: [] for number in numbers}
    for document in documents:
        for number, line in _lines(document, numbers=numbers, encoding=used, digits=digits):
            by_number[number].append(line)
    found = tuple(
        _statement(number, by_number[number], [one for one in accounts if one.first("РасчСчет") == number], digits)
        for number in numbers
    )
    if not accounts and not documents:
        raise StatementFault(1, "", "", NO_STATEMENT)
    return found


@dataclass(slots=True, kw_only=True)
class _File:
    """A file under way: its sections, the one that is open, and whether its end was seen."""

    encoding: str
    accounts: list[_Section] = field(default_factory=list)
    documents: list[_Section] = field(default_factory=list)
    current: _Section | None = None
    is_ended: bool = False

    def take(self, raw: RawLine) -> None:
        """Read one line."""
        text, is_whole = _decoded(raw.raw, self.encoding)
        name = text.partition("=")[0].strip()
        if raw.line_no == 1 and text.strip() != HEAD:
            raise StatementFault(1, "", text, NO_STATEMENT)
        if name in {ACCOUNT_BEGIN, DOCUMENT_BEGIN}:
            self._begin(name, raw.line_no)
        elif name in {ACCOUNT_END, DOCUMENT_END}:
            self.current = None
        elif _is_end(raw.raw, name):
            self.is_ended = True
        elif self.is_ended and text.strip():
            raise StatementFault(raw.line_no, "", text, STRAY)
        elif self.current is not None:
            whole = is_whole and not raw.is_cut
            _put(self.current, text, line_number=raw.line_no, is_whole=whole, encoding=self.encoding)

    def _begin(self, name: str, line_number: int) -> None:
        self.current = _Section(line_number=line_number)
        (self.accounts if name == ACCOUNT_BEGIN else self.documents).append(self.current)
        if len(self.documents) > MAX_LINES:
            raise StatementFault(line_number, name, "", TOO_MANY, limit=MAX_LINES)


def _sections(content: bytes, *, encoding: str) -> tuple[list[_Section], list[_Section], str]:
    found = _File(encoding=_declared(content) or encoding)
    last_line = 1
    for raw in split_lines([content]):
        found.take(raw)
        last_line = raw.line_no
    if not found.is_ended or found.current is not None:
        raise StatementFault(last_line, FILE_END, "", MISSING)
    return found.accounts, found.documents, found.encoding


def _put(section: _Section, text: str, *, line_number: int, is_whole: bool, encoding: str) -> None:
    """Put a line into its section: a field, or what goes on with the text before it."""
    name, mark, value = (part.strip() for part in text.partition("="))
    if not mark:
        section.go_on(name, is_whole=is_whole)
        return
    if not is_whole and name in _MONEY:
        raise StatementFault(line_number, name, value, NOT_DECODABLE, encoding=encoding)
    section.is_whole = section.is_whole and is_whole
    if name not in section.cells:
        section.cells[name] = value
        section.places[name] = line_number
    elif name in _MONEY and section.cells[name] != value:
        raise StatementFault(line_number, name, value, BAD_FIELD)


def _is_end(raw: bytes, name: str) -> bool:
    """Say whether a line ends the file; some programs write this one line in another alphabet than the file."""
    return name == FILE_END or raw.strip() == FILE_END.encode()


def _declared(content: bytes) -> str:
    """
    Return the alphabet in which the head of the file can be read, or nothing where it has none of its words.

    What a file declares is not asked: one that was saved again in another alphabet still declares the old one.
    """
    for raw in content.removeprefix(UTF8_MARK)[:2000].splitlines()[:8]:
        for encoding in ENCODINGS:
            if raw.decode(encoding, errors="replace").strip().partition("=")[0] in HEAD_WORDS:
                return encoding
    return ""


def _decoded(raw: bytes, encoding: str) -> tuple[str, bool]:
    try:
        return raw.decode(encoding), True
    except UnicodeDecodeError:
        return raw.decode(encoding, errors="replace"), False


def _statement(number: str, lines: list[BankLine], sections: list[_Section], digits: int) -> BankStatement:
    """Return an account's statement; a file may tell the turnover day by day, in several sections of the account."""
    begin, end = (sections[0], sections[-1]) if sections else (None, None)
    return BankStatement(
        line_number=begin.line_number if begin else 1,
        reference="",
        account=number,
        currency="",
        opening_minor=begin.minor("НачальныйОстаток", digits=digits) if begin else None,
        closing_minor=end.minor("КонечныйОстаток", digits=digits) if end else None,
        opened_on=begin.day("ДатаНачала") if begin else None,
        closed_on=end.day("ДатаКонца", "ДатаНачала") if end else None,
        lines=tuple(lines),
    )


def _lines(document: _Section, *, numbers: list[str], encoding: str, digits: int) -> Iterator[tuple[str, BankLine]]:
    """Yield a document's line for the account it is of; one between two of these accounts has a line in both."""
    payer = document.first("ПлательщикСчет", "ПлательщикРасчСчет")
    receiver = document.first("ПолучательСчет", "ПолучательРасчСчет")
    minor = document.minor("Сумма", digits=digits)
    if payer not in numbers and receiver not in numbers:
        raise StatementFault(document.line_number, "ПолучательСчет", receiver, NOT_OURS)
    is_own = payer in numbers and receiver in numbers
    line = partial(_line, document=document, encoding=encoding)
    if payer in numbers:
        yield payer, line(minor=-minor, kind=LineKind.TRANSFER, side="Получатель", other=receiver)
    if receiver in numbers and payer != receiver:
        kind = LineKind.OWN_RETURN if is_own else LineKind.RECEIPT
        yield receiver, line(minor=minor, kind=kind, side="Плательщик", other=payer)


def _line(*, document: _Section, minor: int, kind: LineKind, side: str, other: str, encoding: str) -> BankLine:
    names: Mapping[str, tuple[str, ...]] = {
        "Плательщик": ("ДатаПоступило", "ДатаСписано", "Дата"),
        "Получатель": ("ДатаСписано", "ДатаПоступило", "Дата"),
    }
    booked_on = document.day(*names[side])
    if booked_on is None:
        raise StatementFault(document.line_number, "Дата", "", MISSING)
    whole = document.first("НазначениеПлатежа")
    texts = [whole] if whole else [document.first(f"НазначениеПлатежа{n}") for n in range(1, 7)]
    return BankLine(
        line_number=document.line_number,
        amount_minor=minor,
        kind=kind if minor else LineKind.NOTE,
        booked_on=booked_on,
        value_on=document.day("Дата"),
        bank_reference="",
        end_to_end=plain_text(document.first("Номер"), limit=64),
        code=plain_text(document.first("ВидОплаты"), limit=16),
        payer_name=plain_text(document.first(f"{side}1", side), limit=140),
        payer_account=plain_text(other, limit=64),
        text=plain_text("\n".join(filter(None, texts))),
        doubt=None if document.is_whole else doubt(LINE_NOT_DECODABLE, encoding=encoding),
    )
