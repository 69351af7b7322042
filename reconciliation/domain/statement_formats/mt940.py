"""
MT940, as banks send it: with or without the envelope of SWIFT, long lines wrapped, the text in one of three styles.

Our own reader, for a library that is lenient swallows what must be named: a value date of 30 February, a line that is
cut, bytes of another alphabet.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from billing_site.core.messages import Message
from rating.domain.cdr_formats.lines import split_lines
from reconciliation.domain.statement_formats.mt940_texts import NO_REFERENCE, Told
from reconciliation.domain.statement_formats.parts import (
    BAD_DAY,
    BAD_FIELD,
    LINE_NOT_DECODABLE,
    MAX_LINES,
    MISSING,
    NO_STATEMENT,
    NO_SUCH_DAY,
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
    read_short_day,
)

_TAG = re.compile(r":(1[23][A-Z]?|2[0158][A-Z]?|34F|6[0-5][A-Z]?|86|90[CD]|NS):(.*)", re.ASCII)
# Between the balances nothing else begins a field: what looks like one is a time of day in a wrapped text.
_BETWEEN = frozenset({"60F", "60M", "61", "62F", "62M", "64", "65", "86", "NS"})
# The blocks of SWIFT before the text and behind it; some files keep the control signs of the line, too.
_BLOCKS_BEFORE = re.compile(r"[\x01\x03$]*(?:\{[1-3]:[^{}]*(?:\{[^{}]*\}[^{}]*)*\})*\{4:", re.ASCII)
_ENVELOPE = re.compile(r"[A-Za-z0-9{}:/.\- $\x01\x03]{1,200}|[^\x00-\x7f]4:", re.ASCII)
_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})([0-9,]{1,20})", re.ASCII)
_NUMBER = re.compile(r"([0-9]{1,16})(?:/([0-9]{1,9}))?", re.ASCII)
# A longer number is a bank's own mark of a day or a branch: nothing counts on from it.
MOST_NUMBER = 999_999_999
_MOVEMENT = re.compile(r"([0-9]{6})([0-9]{4})?(RC|RD|C|D)([A-Z])?([0-9,]{1,20})([NFS][A-Z0-9 ]{3})(.*)", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}", re.ASCII)
_CHARGE = re.compile(r"/CHGS?/([A-Z]{3})?([0-9]{1,15},[0-9]{0,3})", re.ASCII)
# Returned items by SWIFT's own code and by the codes of German banks.
_RETURNS = frozenset({"NRTI", "108", "109"})
_CHARGES = frozenset({"NCHG", "NCOM", "805", "808", "835"})
_INTERESTING = frozenset({"20", "25", "28", "28C", "60F", "60M", "61", "86", "62F", "62M", "NS"})


@dataclass(slots=True, kw_only=True)
class _Field:
    """A tag with the lines that follow it."""

    line_number: int
    tag: str
    lines: list[str]
    is_whole: bool = True

    @property
    def text(self) -> str:
        return "".join(self.lines)

    def take(self, text: str, *, is_whole: bool) -> None:
        """Add a line, unless it is empty."""
        if text.strip():
            self.lines.append(text.rstrip())
            self.is_whole = self.is_whole and is_whole


@dataclass(slots=True, kw_only=True)
class _Draft:
    """A statement under way."""

    line_number: int
    reference: str
    account: _Field | None = None
    number: _Field | None = None
    opening: _Field | None = None
    closing: _Field | None = None
    movements: list[tuple[_Field, _Field | None]] = field(default_factory=list)


def read_mt940(content: bytes, *, encoding: str, digits: int) -> tuple[BankStatement, ...]:
    """
    Read every statement of a file.

    :param encoding: the alphabet agreed with the bank
    :param digits: decimals of the account's currency
    :raises StatementFault: at the first place that cannot be read
    """
    drafts = list(_drafts(content, encoding=encoding))
    if not drafts:
        raise StatementFault(1, "", "", NO_STATEMENT)
    return tuple(_statement(draft, encoding=encoding, digits=digits) for draft in drafts)


def _drafts(content: bytes, *, encoding: str) -> Iterator[_Draft]:
    draft: _Draft | None = None
    for found in _fields(content, encoding=encoding):
        if found.tag == "20":
            if draft is not None:
                yield draft
            draft = _Draft(line_number=found.line_number, reference=plain_text(found.text, limit=64))
        elif draft is None:
            raise StatementFault(found.line_number, found.tag, found.text, STRAY)
        else:
            _take(draft, found)
    if draft is not None:
        yield draft


def _take(draft: _Draft, found: _Field) -> None:
    match found.tag:
        case "25":
            draft.account = found
        case "28" | "28C":
            draft.number = found
        case "60F" | "60M":
            draft.opening = draft.opening or found
        case "62F" | "62M":
            draft.closing = found
        case "61":
            if draft.closing is not None:
                raise StatementFault(found.line_number, found.tag, found.text, STRAY)
            draft.movements.append((found, None))
            if len(draft.movements) > MAX_LINES:
                raise StatementFault(found.line_number, found.tag, "", TOO_MANY, limit=MAX_LINES)
        case _:
            _take_text(draft, found)


def _take_text(draft: _Draft, found: _Field) -> None:
    """Give a text to the movement before it; after the closing balance it is of the statement, and tells nothing."""
    if not draft.movements or draft.closing is not None:
        return
    movement, text = draft.movements[-1]
    if text is None:
        draft.movements[-1] = (movement, found)
    else:
        text.lines.extend(found.lines)
        text.is_whole = text.is_whole and found.is_whole


def _fields(content: bytes, *, encoding: str) -> Iterator[_Field]:
    """Yield the tags with what follows them; what stands outside the statements is an envelope, or stray."""
    current: _Field | None = None
    is_between = False
    for raw in split_lines([content]):
        text, is_whole = _decoded(raw.raw, encoding)
        is_whole = is_whole and not raw.is_cut
        text, is_end = _without_blocks(text)
        tag = _tag_of(text, is_between=is_between)
        if current is not None and tag is None and not is_end:
            current.take(text, is_whole=is_whole)
            continue
        if current is not None:
            yield from _closed(current, encoding)
        current = None
        if tag:
            is_between = tag[1].startswith("60") or (is_between and not tag[1].startswith("62"))
            current = _Field(line_number=raw.line_no, tag=tag[1], lines=[tag[2].rstrip()], is_whole=is_whole)
        elif text.strip() and not is_end and not _ENVELOPE.fullmatch(text):
            raise StatementFault(raw.line_no, "", text, STRAY)
    if current is not None:
        yield from _closed(current, encoding)


def _tag_of(text: str, *, is_between: bool) -> re.Match[str] | None:
    """Return the tag that a line begins with, and what follows it."""
    found = _TAG.fullmatch(text)
    return None if found and is_between and found[1] not in _BETWEEN else found


def _without_blocks(text: str) -> tuple[str, bool]:
    """Return a line without the blocks that open a message, and whether it ends the text of one."""
    before = _BLOCKS_BEFORE.match(text)
    rest = text[before.end() :] if before else text
    mark = rest.strip(" \x01\x03$")
    # Where braces are letters of the national alphabet (ISO 646), one stands for the last of them.
    is_end = mark == "-" or mark.startswith("-}") or (len(mark) == 2 and mark[0] == "-" and not mark[1].isascii())
    return rest, is_end or (mark == "" and bool(before or rest.strip()))


def _closed(found: _Field, encoding: str) -> Iterator[_Field]:
    """Yield a field that is complete; one that carries money or names must be readable to the last letter."""
    if found.tag not in _INTERESTING:
        return
    if not found.is_whole and found.tag not in {"61", "86"}:
        raise StatementFault(found.line_number, found.tag, found.text, NOT_DECODABLE, encoding=encoding)
    yield found


def _decoded(raw: bytes, encoding: str) -> tuple[str, bool]:
    try:
        return raw.decode(encoding), True
    except UnicodeDecodeError:
        return raw.decode(encoding, errors="replace"), False


def _statement(draft: _Draft, *, encoding: str, digits: int) -> BankStatement:
    needed = {":25:": draft.account, ":60F:": draft.opening, ":62F:": draft.closing}
    for name, found in needed.items():
        if found is None:
            raise StatementFault(draft.line_number, name, "", MISSING)
    assert draft.account is not None
    assert draft.opening is not None
    assert draft.closing is not None
    opening_minor, opened_on, currency = _balance(draft.opening, digits=digits)
    closing_minor, closed_on, closing_currency = _balance(draft.closing, digits=digits)
    if closing_currency != currency:
        raise StatementFault(draft.closing.line_number, f":{draft.closing.tag}:", closing_currency, BAD_FIELD)
    number, page = _number(draft.number)
    return BankStatement(
        line_number=draft.line_number,
        reference=draft.reference,
        account=plain_text(draft.account.text, limit=64),
        currency=currency,
        number=number,
        page=page,
        opening_minor=opening_minor,
        closing_minor=closing_minor,
        opened_on=opened_on,
        closed_on=closed_on,
        lines=tuple(
            _line(movement, text, closed_on=closed_on, currency=currency, encoding=encoding, digits=digits)
            for movement, text in draft.movements
        ),
    )


def _balance(found: _Field, *, digits: int) -> tuple[int, date, str]:
    place = f":{found.tag}:"
    parts = _BALANCE.fullmatch(found.text.strip())
    if parts is None:
        raise StatementFault(found.line_number, place, found.text, BAD_FIELD)
    day = read_short_day(parts[2])
    if day is None:
        raise StatementFault(found.line_number, place, parts[2], BAD_DAY)
    minor = read_amount(parts[4], digits=digits, mark=",", line_number=found.line_number, field=place)
    return (minor if parts[1] == "C" else -minor), day, parts[3]


def _number(found: _Field | None) -> tuple[int | None, int | None]:
    """Return number and page; a bank that does not count writes nought."""
    if found is None or not found.text.strip():
        return None, None
    parts = _NUMBER.fullmatch(found.text.strip())
    if parts is None:
        raise StatementFault(found.line_number, f":{found.tag}:", found.text, BAD_FIELD)
    number = int(parts[1])
    return number if 0 < number <= MOST_NUMBER else None, int(parts[2]) if parts[2] else None


def _line(
    movement: _Field, text: _Field | None, *, closed_on: date, currency: str, encoding: str, digits: int
) -> BankLine:
    parts = _MOVEMENT.fullmatch(movement.lines[0]) or _MOVEMENT.fullmatch(movement.text)
    if parts is None:
        raise StatementFault(movement.line_number, ":61:", movement.text, BAD_FIELD)
    minor = read_amount(parts[5], digits=digits, mark=",", line_number=movement.line_number, field=":61:")
    value_on, booked_on = _days(parts[1], parts[2], closed_on=closed_on)
    told = Told.read(text.lines if text else [])
    is_whole = movement.is_whole and (text is None or text.is_whole)
    told_by = parts[7].partition("//")[::2]
    reference, bank_reference = ("" if one.strip() in NO_REFERENCE else one.strip() for one in told_by)
    beside = "".join(movement.lines[1:]).strip() if _MOVEMENT.fullmatch(movement.lines[0]) else ""
    is_credit = parts[3] in {"C", "RD"}
    kind = _kind(parts[3], parts[6], told, is_credit=is_credit, minor=minor)
    return BankLine(
        line_number=movement.line_number,
        amount_minor=minor if is_credit else -minor,
        kind=kind,
        booked_on=booked_on,
        value_on=value_on,
        bank_reference=plain_text(bank_reference, limit=64),
        end_to_end=plain_text(told.end_to_end or reference, limit=64),
        code=parts[6],
        return_reason=plain_text(told.return_reason, limit=16),
        charge_minor=_charge(text, currency=currency, digits=digits),
        payer_name=plain_text(told.name, limit=140),
        payer_account=plain_text(told.account or (beside if _IBAN.fullmatch(beside) else ""), limit=64),
        text=plain_text(told.text),
        doubt=_doubt(value_on, parts[1], is_whole=is_whole, encoding=encoding),
    )


def _days(value: str, entry: str | None, *, closed_on: date) -> tuple[date | None, date]:
    """
    Return value date and booking day.

    The booking day has no year: it is the one nearest to the value date, so that an entry of 2 January keeps its
    value date of 31 December.
    """
    value_on = read_short_day(value)
    if entry is None:
        return value_on, value_on or closed_on
    near = value_on or closed_on
    days = [day_or_none(near.year + shift, int(entry[:2]), int(entry[2:])) for shift in (-1, 0, 1)]
    found = [day for day in days if day is not None]
    return value_on, min(found, key=lambda day: abs((day - near).days)) if found else near


def _doubt(value_on: date | None, value: str, *, is_whole: bool, encoding: str) -> Message | None:
    if value_on is None:
        return doubt(NO_SUCH_DAY, value=f"{value[4:]}.{value[2:4]}.{value[:2]}")
    return None if is_whole else doubt(LINE_NOT_DECODABLE, encoding=encoding)


def _kind(mark: str, code: str, told: Told, *, is_credit: bool, minor: int) -> LineKind:
    if not minor:
        return LineKind.NOTE
    if is_credit:
        return LineKind.OWN_RETURN if mark == "RD" else LineKind.RECEIPT
    if mark == "RC" or {code, told.transaction_code} & _RETURNS or told.return_reason:
        return LineKind.RETURN
    return LineKind.CHARGE if {code, told.transaction_code} & _CHARGES else LineKind.TRANSFER


def _charge(text: _Field | None, *, currency: str, digits: int) -> int:
    """Return the charge that the text tells, in minor units; one that is no amount of the currency is none."""
    found = _CHARGE.search(text.text) if text else None
    if found is None or text is None or (found[1] or currency) != currency:
        return 0
    try:
        return read_amount(found[2], digits=digits, mark=",", line_number=text.line_number, field=":86:")
    except StatementFault:
        return 0
