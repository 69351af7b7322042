"""
A terminal network's register: its own list of a day's payments, read strictly by the network's column map.

The file is taken whole or refused whole: each bad line is named with its field, its value and what to do about it.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import AmountNotExact, decimal_to_minor
from rating.domain.cdr_formats.lines import RawLine, split_lines
from reconciliation.domain.register_maps import RegisterMap

MAX_LINES = 1_000_000
MAX_LINE_BYTES = 4096
# Faults named of one file; more would hide the first.
MAX_FAULTS = 20
SHOWN_LENGTH = 40

_TXN_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{1,16}", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,3})?", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,7}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """One payment as the network tells it; ``line_number`` is that of the sender's file, the amount in minor units."""

    line_number: int
    txn_id: str
    account_number: str
    amount_minor: int
    paid_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A register that was read whole, with its sum in minor units."""

    lines: tuple[RegisterLine, ...]
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFault:
    """What is wrong in one line: ``sentence`` is a template over ``values`` that ends with the remedy."""

    line_number: int
    field: str
    value: str
    sentence: str
    values: Mapping[str, object]


class RegisterRefused(BillingError):
    """The file is refused whole; ``faults`` names its first bad lines."""

    default_code = "REGISTER_REFUSED"

    def __init__(self, *, file_name: str, faults: Sequence[RegisterFault]) -> None:
        """Say the first fault in words; keep all of them."""
        first = faults[0]
        super().__init__(
            first.sentence,
            context={
                "file": file_name,
                "line": first.line_number,
                "field": first.field,
                "value": first.value,
                **first.values,
            },
        )
        self.faults = tuple(faults)


NOT_DECODABLE = gettext_noop(
    "File %(file)s, line %(line)s: the bytes %(value)s are not %(encoding)s. Set the network's encoding or ask"
    " for the file again. Nothing was loaded."
)
LINE_TOO_LONG = gettext_noop(
    "File %(file)s, line %(line)s is longer than %(limit)s bytes. Ask the network for the file again. Nothing was"
    " loaded."
)
TOO_MANY_LINES = gettext_noop("File %(file)s has more than %(limit)s lines. Load it in parts. Nothing was loaded.")
BAD_QUOTES = gettext_noop(
    "File %(file)s, line %(line)s: a quotation mark is not closed: “%(value)s”. Ask the network for the file"
    " again. Nothing was loaded."
)
NO_COLUMN = gettext_noop(
    "File %(file)s, line %(line)s: the heading %(field)s is missing among “%(value)s”. Correct the network's"
    " column map or ask for the file again. Nothing was loaded."
)
FIELD_COUNT = gettext_noop(
    "File %(file)s, line %(line)s has too few fields for %(field)s: “%(value)s”. Correct the network's column map"
    " or ask for the file again. Nothing was loaded."
)
BAD_TXN_ID = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is no transaction number of 1 to 20 digits. Ask"
    " the network to correct the line. Nothing was loaded."
)
BAD_ACCOUNT = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is no account number of 1 to 16 digits. Ask the"
    " network to correct the line. Nothing was loaded."
)
BAD_AMOUNT = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is no amount above zero with at most %(digits)s"
    " decimals. Ask the network to correct the line. Nothing was loaded."
)
BAD_TIME = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is no time of the form %(form)s. Correct the"
    " network's time form or ask for the file again. Nothing was loaded."
)
OTHER_DAY = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is not of %(day)s. Load the file for its own day."
    " Nothing was loaded."
)
NO_TRAILER = gettext_noop(
    "File %(file)s ends at line %(line)s without its control line %(value)s: it may be cut. Ask the network for"
    " the file again. Nothing was loaded."
)
AFTER_TRAILER = gettext_noop(
    "File %(file)s, line %(line)s stands after the control line: “%(value)s”. Ask the network for the file again."
    " Nothing was loaded."
)
CONTROL_DIFFERS = gettext_noop(
    "File %(file)s, line %(line)s: the control total %(field)s is “%(value)s”, the lines give %(found)s. Ask the"
    " network for the whole file. Nothing was loaded."
)


def read_register(
    content: bytes, *, register_map: RegisterMap, file_name: str, day: date, digits: int, zone: ZoneInfo
) -> Register:
    """
    Read a register's bytes.

    :param day: the day it is of; times more than a day off are refused
    :param digits: decimals of the currency
    :param zone: the zone of the network's times
    :raises RegisterRefused: with the first faults; nothing of the file counts then
    """
    reader = _Reader(register_map=register_map, day=day, digits=digits, zone=zone)
    for raw in split_lines([content], max_line_bytes=MAX_LINE_BYTES):
        reader.take(raw)
        if reader.is_hopeless:
            break
    reader.finish()
    if reader.faults:
        raise RegisterRefused(file_name=file_name, faults=reader.faults)
    return Register(lines=tuple(reader.lines), amount_minor=sum(line.amount_minor for line in reader.lines))


def control_fault(
    register: Register, *, expected_count: int | None, expected_minor: int | None
) -> RegisterFault | None:
    """Compare a register with control totals told apart from it, in minor units; return the fault, or ``None``."""
    wishes = (("count", expected_count, len(register.lines)), ("amount", expected_minor, register.amount_minor))
    last = register.lines[-1].line_number if register.lines else 0
    for name, wish, found in wishes:
        if wish is not None and wish != found:
            return RegisterFault(
                line_number=last, field=name, value=str(wish), sentence=CONTROL_DIFFERS, values={"found": found}
            )
    return None


class _Fault(Exception):
    """A field that cannot be read."""

    def __init__(self, field_name: str, value: str, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.field, self.value, self.sentence, self.values = field_name, value[:SHOWN_LENGTH], sentence, values


class _Reader:
    """Reads line by line; collects payments and faults."""

    def __init__(self, *, register_map: RegisterMap, day: date, digits: int, zone: ZoneInfo) -> None:
        self.lines: list[RegisterLine] = []
        self.faults: list[RegisterFault] = []
        self._map = register_map
        self._day = day
        self._digits = digits
        self._zone = zone
        self._places: Mapping[str, int] | None = None if register_map.has_header else register_map.positions
        self._trailer_seen = False
        self._last_line = 0

    def take(self, raw: RawLine) -> None:
        """Read one line."""
        self._last_line = raw.line_no
        try:
            self._take(raw)
        except _Fault as fault:
            self.faults.append(
                RegisterFault(
                    line_number=raw.line_no,
                    field=fault.field,
                    value=fault.value,
                    sentence=fault.sentence,
                    values=fault.values,
                )
            )

    @property
    def is_hopeless(self) -> bool:
        """Whether reading on would tell nothing new: many faults, or headings that name no columns."""
        return len(self.faults) >= MAX_FAULTS or (bool(self.faults) and self._places is None)

    def finish(self) -> None:
        """Look for what must be there at the end."""
        if self._places is None and not self.faults:
            first = next(iter(self._map.headings.values()))
            self.faults.append(RegisterFault(line_number=1, field=first, value="", sentence=NO_COLUMN, values={}))
        if self._map.trailer is not None and not self._trailer_seen and not self.faults:
            mark = self._map.trailer.mark
            fault = RegisterFault(line_number=self._last_line, field="", value=mark, sentence=NO_TRAILER, values={})
            self.faults.append(fault)

    def _take(self, raw: RawLine) -> None:
        fields = self._fields(raw)
        if not any(fields):
            return
        if self._trailer_seen:
            raise _Fault("", self._map.delimiter.join(fields), AFTER_TRAILER)
        if self._places is None:
            self._places = dict(self._places_of(fields))
        elif self._map.trailer is not None and fields[0] == self._map.trailer.mark:
            self._trailer_seen = True
            self._compare_trailer(fields)
        elif len(self.lines) >= MAX_LINES:
            raise _Fault("", "", TOO_MANY_LINES, limit=MAX_LINES)
        else:
            self.lines.append(self._payment(raw.line_no, fields))

    def _fields(self, raw: RawLine) -> list[str]:
        if raw.is_cut:
            raise _Fault("", "", LINE_TOO_LONG, limit=MAX_LINE_BYTES)
        try:
            text = raw.raw.decode(self._map.encoding)
        except UnicodeDecodeError as error:
            shown = raw.raw[error.start : error.start + 8].hex(" ")
            raise _Fault("", shown, NOT_DECODABLE, encoding=self._map.encoding) from error
        try:
            rows = list(csv.reader([text], delimiter=self._map.delimiter, strict=True))
        except csv.Error as error:
            raise _Fault("", text, BAD_QUOTES) from error
        return [cell.strip() for cell in rows[0]] if rows else []

    def _places_of(self, heading: Sequence[str]) -> Iterator[tuple[str, int]]:
        for name, wanted in self._map.headings.items():
            if wanted not in heading:
                raise _Fault(wanted, self._map.delimiter.join(heading), NO_COLUMN)
            yield name, heading.index(wanted)

    def _compare_trailer(self, fields: Sequence[str]) -> None:
        trailer = self._map.trailer
        assert trailer is not None
        told_count = self._cell(fields, trailer.count, "count")
        if not _COUNT.fullmatch(told_count) or int(told_count) != len(self.lines):
            raise _Fault("count", told_count, CONTROL_DIFFERS, found=len(self.lines))
        told = self._cell(fields, trailer.amount, "amount")
        found = sum(line.amount_minor for line in self.lines)
        told_minor = 0 if told.strip("0.,") == "" and told else self._minor(told, "amount")
        if told_minor != found:
            raise _Fault("amount", told, CONTROL_DIFFERS, found=found)

    def _payment(self, line_number: int, fields: Sequence[str]) -> RegisterLine:
        assert self._places is not None
        cells = {name: self._cell(fields, place, name) for name, place in self._places.items()}
        if not _TXN_ID.fullmatch(cells["txn_id"]):
            raise _Fault("txn_id", cells["txn_id"], BAD_TXN_ID)
        if not _ACCOUNT.fullmatch(cells["account"]):
            raise _Fault("account", cells["account"], BAD_ACCOUNT)
        return RegisterLine(
            line_number=line_number,
            txn_id=cells["txn_id"],
            account_number=cells["account"],
            amount_minor=self._minor(cells["amount"], "amount"),
            paid_at=self._time(cells["paid_at"]) if "paid_at" in cells else None,
        )

    def _cell(self, fields: Sequence[str], place: int, name: str) -> str:
        if place >= len(fields):
            raise _Fault(name, self._map.delimiter.join(fields), FIELD_COUNT)
        return fields[place]

    def _minor(self, text: str, name: str) -> int:
        plain = text.replace(",", ".") if self._map.decimal_mark == "," and "." not in text else text
        is_foreign = self._map.decimal_mark == "," and "." in text
        if is_foreign or not _AMOUNT.fullmatch(plain):
            raise _Fault(name, text, BAD_AMOUNT, digits=self._digits)
        try:
            minor = decimal_to_minor(Decimal(plain), digits=self._digits)
        except AmountNotExact as error:
            raise _Fault(name, text, BAD_AMOUNT, digits=self._digits) from error
        if minor <= 0:
            raise _Fault(name, text, BAD_AMOUNT, digits=self._digits)
        return minor

    def _time(self, text: str) -> datetime:
        try:
            local = datetime.strptime(text, self._map.time_format).replace(tzinfo=self._zone)
        except ValueError as error:
            raise _Fault("paid_at", text, BAD_TIME, form=self._map.time_format) from error
        if abs(local.date() - self._day) > timedelta(days=1):
            raise _Fault("paid_at", text, OTHER_DAY, day=self._day)
        return local
