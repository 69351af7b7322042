"""
A terminal network's register: its own list of a day's payments, read strictly by the network's column map.

The file is taken whole or refused whole: each bad line is named with its field, its value and what to do about it.
Lines are handed on one by one, so that a million of them need no more memory than one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing_site.core.money import AmountNotExact, decimal_to_minor
from reconciliation.domain import register_faults as faults
from reconciliation.domain.register_faults import BadRow, RegisterFault, RegisterRefused
from reconciliation.domain.register_maps import RegisterMap
from reconciliation.domain.register_rows import RegisterRow, rows_of
from reconciliation.domain.written_amounts import without_groups

MAX_LINES = 1_000_000
# Faults named of one file; more would hide the first.
MAX_FAULTS = 20
ISO_TIME = "%Y-%m-%d %H:%M:%S"

_TXN_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{1,16}", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,3})?", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,7}", re.ASCII)
_ISO_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)


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


def read_register(
    content: bytes, *, register_map: RegisterMap, file_name: str, day: date, digits: int, zone: ZoneInfo
) -> Register:
    """
    Read a register's bytes into memory.

    :param day: the day it is of; times more than a day off are refused
    :param digits: decimals of the currency
    :param zone: the zone of the network's times
    :raises RegisterRefused: with the first faults; nothing of the file counts then
    """
    reader = RegisterReader(register_map=register_map, day=day, digits=digits, zone=zone)
    lines = tuple(reader.lines(content, file_name=file_name))
    return Register(lines=lines, amount_minor=reader.amount_minor)


def control_fault(
    *, count: int, amount_minor: int, expected_count: int | None, expected_minor: int | None, last_line: int
) -> RegisterFault | None:
    """Compare a register with control totals told apart from it, in minor units; return the fault, or ``None``."""
    wishes = (("count", expected_count, count), ("amount", expected_minor, amount_minor))
    for name, wish, found in wishes:
        if wish is not None and wish != found:
            return RegisterFault(
                line_number=last_line,
                field=name,
                value=str(wish),
                sentence=faults.CONTROL_DIFFERS,
                values={"found": found},
            )
    return None


class RegisterReader:
    """Reads a register payment by payment; counts them, sums them up in minor units, and collects the faults."""

    def __init__(self, *, register_map: RegisterMap, day: date, digits: int, zone: ZoneInfo) -> None:
        """Begin with nothing; the arguments are those of ``read_register``."""
        self.count = 0
        self.amount_minor = 0
        self.last_line = 0
        self.faults: list[RegisterFault] = []
        self._map = register_map
        self._day = day
        self._digits = digits
        self._zone = zone
        self._places: Mapping[str, int] | None = _known_places(register_map)
        self._trailer_seen = False

    def lines(self, content: bytes, *, file_name: str) -> Iterator[RegisterLine]:
        """
        Yield the payments; after the first fault none, while further faults are looked for.

        :raises RegisterRefused: at the end, with the faults
        """
        for row in rows_of(content, register_map=self._map):
            self.last_line = row.number
            try:
                line = self._read(row)
            except BadRow as bad:
                self.faults.append(bad.at_line(row.number))
                if self._is_hopeless:
                    break
                continue
            if line is not None:
                self.count += 1
                self.amount_minor += line.amount_minor
                if not self.faults:
                    yield line
        self._finish()
        if self.faults:
            raise RegisterRefused(file_name=file_name, faults=self.faults)

    @property
    def _is_hopeless(self) -> bool:
        """Whether reading on would tell nothing new: many faults, or headings that name no columns."""
        return len(self.faults) >= MAX_FAULTS or self._places is None

    def _finish(self) -> None:
        """Look for what must be there at the end."""
        if self.faults:
            return
        if self._places is None:
            first = next(iter(self._map.headings.values()))
            self.faults.append(BadRow(first, "", faults.NO_COLUMN).at_line(1))
        elif self._map.trailer is not None and not self._trailer_seen:
            self.faults.append(BadRow("", self._map.trailer.mark, faults.NO_TRAILER).at_line(self.last_line))

    def _read(self, row: RegisterRow) -> RegisterLine | None:
        if row.bad is not None:
            raise row.bad
        cells = row.cells
        if not any(cells):
            return None
        if self._trailer_seen:
            raise BadRow("", self._map.delimiter.join(cells), faults.AFTER_TRAILER)
        if self._places is None:
            self._places = dict(self._places_of(cells))
            return None
        if self._map.trailer is not None and cells[0] == self._map.trailer.mark:
            self._trailer_seen = True
            self._compare_trailer(cells)
            return None
        if self.count >= MAX_LINES:
            raise BadRow("", "", faults.TOO_MANY_LINES, limit=MAX_LINES)
        return self._payment(row, self._places)

    def _places_of(self, heading: Sequence[str]) -> Iterator[tuple[str, int]]:
        for name, wanted in self._map.headings.items():
            if wanted not in heading:
                raise BadRow(wanted, self._map.delimiter.join(heading), faults.NO_COLUMN)
            if heading.count(wanted) > 1:
                raise BadRow(wanted, self._map.delimiter.join(heading), faults.DOUBLED_COLUMN)
            yield name, heading.index(wanted)

    def _compare_trailer(self, cells: Sequence[str]) -> None:
        trailer = self._map.trailer
        assert trailer is not None
        told_count = self._cell(cells, trailer.count, "count")
        if not _COUNT.fullmatch(told_count) or int(told_count) != self.count:
            raise BadRow("count", told_count, faults.CONTROL_DIFFERS, found=self.count)
        told = self._cell(cells, trailer.amount, "amount")
        told_minor = 0 if told.strip("0.,") == "" and told else self._minor(told)
        if told_minor != self.amount_minor:
            raise BadRow("amount", told, faults.CONTROL_DIFFERS, found=self.amount_minor)

    def _payment(self, row: RegisterRow, places: Mapping[str, int]) -> RegisterLine:
        found = {name: self._cell(row.cells, place, name) for name, place in places.items()}
        for name in ("txn_id", "account"):
            if places[name] in row.numbers:
                raise BadRow(name, found[name], faults.IS_NUMBER)
        if not _TXN_ID.fullmatch(found["txn_id"]):
            raise BadRow("txn_id", found["txn_id"], faults.BAD_TXN_ID)
        if not _ACCOUNT.fullmatch(found["account"]):
            raise BadRow("account", found["account"], faults.BAD_ACCOUNT)
        # A cell that is a number has a decimal point, whatever the network writes elsewhere.
        amount = found["amount"]
        return RegisterLine(
            line_number=row.number,
            txn_id=found["txn_id"],
            account_number=found["account"],
            amount_minor=self._minor(amount, is_number=places["amount"] in row.numbers),
            paid_at=self._time(found["paid_at"]) if "paid_at" in found else None,
        )

    def _cell(self, cells: Sequence[str], place: int, name: str) -> str:
        if place >= len(cells):
            raise BadRow(name, self._map.delimiter.join(cells), faults.FIELD_COUNT)
        return cells[place]

    def _minor(self, text: str, *, is_number: bool = False) -> int:
        plain = text
        if self._map.decimal_mark == "," and not is_number:
            plain = "" if "." in text else text.replace(",", ".")
        if not _AMOUNT.fullmatch(plain):
            plain = without_groups(plain)
        if not _AMOUNT.fullmatch(plain):
            raise BadRow("amount", text, faults.BAD_AMOUNT, digits=self._digits)
        try:
            minor = decimal_to_minor(Decimal(plain), digits=self._digits)
        except AmountNotExact as error:
            raise BadRow("amount", text, faults.BAD_AMOUNT, digits=self._digits) from error
        if minor <= 0:
            raise BadRow("amount", text, faults.BAD_AMOUNT, digits=self._digits)
        return minor

    def _time(self, text: str) -> datetime:
        form = self._map.time_format
        try:
            # Much quicker than by a form; the cells of a workbook that hold times come like this too.
            is_iso = (form == ISO_TIME or self._map.form == "xlsx") and _ISO_TIME.fullmatch(text)
            if is_iso:
                local = datetime.fromisoformat(text).replace(tzinfo=self._zone)
            else:
                written = datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows where the form has none
                local = written.astimezone(self._zone) if written.tzinfo else written.replace(tzinfo=self._zone)
        except (ValueError, OverflowError) as error:
            raise BadRow("paid_at", text, faults.BAD_TIME, form=form) from error
        if abs(local.date() - self._day) > timedelta(days=1):
            raise BadRow("paid_at", text, faults.OTHER_DAY, day=self._day)
        return local


def _known_places(register_map: RegisterMap) -> Mapping[str, int] | None:
    """Return where each field stands, or nothing while the headings are not read."""
    if register_map.form == "xml":
        return {name: place for place, name in enumerate(register_map.headings)}
    return None if register_map.has_header else register_map.positions
