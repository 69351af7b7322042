"""
RADIUS accounting in detail files: a time, then one attribute a line, then an empty line.

A session is reported when it starts, while it lasts and when it stops. The last report counts, for it holds the whole
session; the others are parts of it and are never charged by themselves.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from billing_site.core.digits import NotDigits, parse_ascii_digits
from rating.domain.cdr_formats.byte_streams import LastByte
from rating.domain.cdr_formats.decoded import (
    ANSWERED,
    MAX_RECORD_BYTES,
    Decoded,
    FieldFault,
    FileFacts,
    refuse_field,
    written_time,
)
from rating.domain.cdr_formats.faults import LineFault
from rating.domain.cdr_formats.lines import RawLine, split_lines_at
from rating.domain.cdr_formats.times import TimeFormat, read_time
from rating.domain.services import Service

MAX_ATTRIBUTES = 1_000
MAX_VOLUME_DIGITS = 15
WORD = 1 << 32
_ATTRIBUTE = re.compile(
    r"[ \t]+([A-Za-z0-9_.:-]{1,100}) ?[:+=]?= ?"
    r"""(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^"'\s].*)?)""",
    re.DOTALL,
)
_EVENT_TIME = re.compile(
    r"([A-Z][a-z]{2}) +([0-9]{1,2}) ([0-9]{4}) ([0-9]{2}:[0-9]{2}:[0-9]{2}) ([A-Z]{1,5}|[+-][0-9]{2}(?:[0-9]{2})?)",
    re.ASCII,
)
_HEAD = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +([0-9]{1,2}) ([0-9]{2}:[0-9]{2}:[0-9]{2}) ([0-9]{4})", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PARTS = frozenset({"Start", "Interim-Update", "Alive", "1", "3"})
_STOPS = frozenset({"Stop", "2"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiusForm:
    """
    How a source reports sessions.

    ``calling_attribute`` names who used it; what stands behind an ``@`` is left out. ``called_attribute`` names the
    access point; a session without it is of ``access_point``. ``zone`` is that of the times above the reports, for
    those without a time of their own.
    """

    zone: ZoneInfo
    encoding: str = "utf-8"
    calling_attribute: str = "Calling-Station-Id"
    called_attribute: str = "Called-Station-Id"
    access_point: str = "internet"


@dataclass(slots=True)
class _Report:
    """Lines of one report; of a very long one only the beginning."""

    offset: int
    size: int = 0
    head: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    fault: FieldFault | None = None


class RadiusDecoder:
    """Reads a detail file."""

    def __init__(self, form: RadiusForm) -> None:
        """Begin with a file that says nothing yet."""
        self._form = form
        self.facts = FileFacts()

    def records(self, blocks: Iterable[bytes]) -> Iterator[Decoded]:
        """Yield every report."""
        report: _Report | None = None
        last = LastByte()
        for line, at in split_lines_at(last.watch(blocks)):
            is_empty = not line.raw.strip() and not line.is_cut
            begins = not line.raw.startswith((b" ", b"\t"))
            if report is not None and (is_empty or begins):
                yield self._record(report)
                report = None
            if is_empty:
                continue
            if report is None:
                report = _Report(at)
            self._take(report, line, at)
        if report is not None:
            yield self._record(report)
        self.facts.is_cut = last.is_inside_line

    def _take(self, report: _Report, line: RawLine, at: int) -> None:
        report.size = at + len(line.raw) - report.offset
        try:
            text = _text(line, self._form.encoding)
            if report.size > MAX_RECORD_BYTES or len(report.attributes) >= MAX_ATTRIBUTES:
                refuse_field(LineFault.LINE_TOO_LONG, "report", text)
            if not text.startswith((" ", "\t")):
                report.head = text.strip()
                return
            found = _ATTRIBUTE.fullmatch(text.rstrip(" \t"))
            if found is None:
                refuse_field(LineFault.BAD_STRUCTURE, "report", text)
            name, quoted = found[1], found[2] or found[3]
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted else found[4] or ""
            # Attributes may be repeated; one that we read and that says two things says nothing.
            if name in _read_by(self._form) and report.attributes.get(name, value) != value:
                refuse_field(LineFault.BAD_STRUCTURE, name, value)
            report.attributes[name] = value
        except FieldFault as fault:
            report.fault = report.fault or fault

    def _record(self, report: _Report) -> Decoded:
        values: dict[str, str] = {}
        try:
            if report.fault is not None:
                raise report.fault
            self._read(report, values)
        except FieldFault as found:
            return Decoded(report.offset, report.size, values, found.fault, found.field, found.value)
        return Decoded(report.offset, report.size, values)

    def _read(self, report: _Report, values: dict[str, str]) -> None:
        """Fill the values as far as they can be read."""
        form, said = self._form, report.attributes
        status = _needed(said, "Acct-Status-Type")
        if status not in _PARTS | _STOPS:
            raise FieldFault(LineFault.NOT_USAGE, "Acct-Status-Type", status)
        values["service"] = Service.DATA
        values["disposition"] = ANSWERED
        values["calling"] = _needed(said, form.calling_attribute).partition("@")[0]
        values["called"] = said.get(form.called_attribute, "") or form.access_point
        values["trunk_in"] = said.get("NAS-Identifier", "") or said.get("NAS-IP-Address", "")
        values["trunk_out"] = said.get("NAS-Port-Id", "")
        session = said.get("Acct-Unique-Session-Id", "") or _needed(said, "Acct-Session-Id")
        values["call_ref"] = session if "Acct-Unique-Session-Id" in said else f"{session}@{values['trunk_in']}"
        is_part = status in _PARTS
        seconds = _number(said, "Acct-Session-Time", is_needed=not is_part)
        values["duration_seconds"] = str(seconds)
        values["volume_bytes"] = str(sum(_octets(said, way) for way in ("Input", "Output")))
        values["started_at"] = self._start(report, seconds=seconds)
        if is_part:
            raise FieldFault(LineFault.SESSION_PART, "Acct-Status-Type", status)

    def _start(self, report: _Report, *, seconds: int) -> str:
        """
        Return when the session began: the time of the report, less how late it is and how long the session was.

        ``Timestamp`` is when the report came. Without it ``Event-Timestamp``, which the sender's clock wrote when it
        happened and is never late; without both the time above the report.
        """
        said = report.attributes
        late = _number(said, "Acct-Delay-Time", is_needed=False)
        if "Timestamp" in said:
            name, text, form = "Timestamp", said["Timestamp"], TimeFormat.EPOCH
        elif "Event-Timestamp" in said:
            name, late = "Event-Timestamp", 0
            text, form = self._event_time(said[name])
        else:
            head = _HEAD.fullmatch(report.head)
            if head is None or head[1] not in _MONTHS:
                raise FieldFault(LineFault.BAD_TIME, "report", report.head)
            name, text, form = "report", _iso(head[4], head[1], head[2], head[3]), TimeFormat.ISO
        found = read_time(text, form=form, zone=self._form.zone)
        if isinstance(found, LineFault):
            raise FieldFault(found, name, text)
        return written_time(found - timedelta(seconds=seconds + late))

    def _event_time(self, text: str) -> tuple[str, TimeFormat]:
        """Return seconds since 1970 as they are, and words of the calendar by our grammar; others zones are unknown."""
        found = _EVENT_TIME.fullmatch(text)
        if found is None or found[1] not in _MONTHS:
            return text, TimeFormat.EPOCH
        written = _iso(found[3], found[1], found[2], found[4])
        if found[5][0] in "+-":
            return f"{written}{found[5]}", TimeFormat.ISO
        if found[5] in {"UTC", "GMT", "Z"}:
            return f"{written}Z", TimeFormat.ISO
        local = read_time(written, form=TimeFormat.ISO, zone=self._form.zone)
        if isinstance(local, LineFault) or local.astimezone(self._form.zone).tzname() != found[5]:
            raise FieldFault(LineFault.BAD_TIME, "Event-Timestamp", text)
        return written, TimeFormat.ISO


def _iso(year: str, month: str, day: str, clock: str) -> str:
    return f"{year}-{_MONTHS.index(month) + 1:02d}-{int(day):02d} {clock}"


def _read_by(form: RadiusForm) -> frozenset[str]:
    return _READ | {form.calling_attribute, form.called_attribute}


_READ = frozenset(
    {
        "Acct-Status-Type",
        "Acct-Session-Id",
        "Acct-Unique-Session-Id",
        "Acct-Session-Time",
        "Acct-Delay-Time",
        "Acct-Input-Octets",
        "Acct-Output-Octets",
        "Acct-Input-Gigawords",
        "Acct-Output-Gigawords",
        "Acct-Input-Octets64",
        "Acct-Output-Octets64",
        "Timestamp",
        "Event-Timestamp",
    }
)


def _text(line: RawLine, encoding: str) -> str:
    if line.is_cut:
        raise FieldFault(LineFault.LINE_TOO_LONG, "report", line.raw)
    if b"\x00" in line.raw:
        raise FieldFault(LineFault.NUL_BYTE, "report", line.raw)
    try:
        return line.raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise FieldFault(LineFault.NOT_DECODABLE, "report", line.raw[max(0, error.start - 8) :]) from error


def _needed(said: dict[str, str], name: str) -> str:
    if not said.get(name):
        raise FieldFault(LineFault.FIELD_MISSING, name)
    return said[name]


def _number(said: dict[str, str], name: str, *, is_needed: bool) -> int:
    """Return a number of 32 bits as RADIUS writes it; 0 where it is left out."""
    text = _needed(said, name) if is_needed else said.get(name, "0")
    number = _digits(text, name, digits=10)
    if number >= WORD:
        raise FieldFault(_fault_of(name), name, text)
    return number


def _digits(text: str, name: str, *, digits: int) -> int:
    try:
        return parse_ascii_digits(text, digits)
    except NotDigits as error:
        raise FieldFault(_fault_of(name), name, text) from error


def _fault_of(name: str) -> LineFault:
    return LineFault.BAD_VOLUME if "Octets" in name else LineFault.BAD_SECONDS


def _octets(said: dict[str, str], way: str) -> int:
    """Return the bytes of a way; some servers write them as one number of 64 bits."""
    whole = said.get(f"Acct-{way}-Octets64", "")
    if whole and f"Acct-{way}-Octets" not in said:
        return _digits(whole, f"Acct-{way}-Octets64", digits=MAX_VOLUME_DIGITS)
    octets = _number(said, f"Acct-{way}-Octets", is_needed=False)
    return octets + WORD * _number(said, f"Acct-{way}-Gigawords", is_needed=False)
