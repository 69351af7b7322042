"""One line of a CSV file to one call, strictly: what is not surely right becomes a fault, never a guess."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from billing_site.core.digits import NotDigits, parse_ascii_digits
from billing_site.core.messages import gettext_noop
from rating.domain.cdr_formats.column_maps import ColumnMap, ColumnMapRefused, columns_of
from rating.domain.cdr_formats.durations import DurationFormat, read_seconds
from rating.domain.cdr_formats.faults import FaultyLine, LineFault, shown_value
from rating.domain.cdr_formats.lines import RawLine
from rating.domain.cdr_formats.times import read_time
from rating.domain.services import Service

MAX_VOLUME_DIGITS = 15
MICRO_PLACES = 6

_AMOUNT = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,6}))?", re.ASCII)


class CallLine(NamedTuple):
    """
    One call as the exchange wrote it; numbers are not normalised yet.

    ``started_at`` and ``ended_at`` are in UTC; the start is that of the conversation where the call was answered.
    ``duration_seconds`` is what is charged. Of data and content ``called`` is the name of an access point or of a
    service. ``third_party_micro`` is what another company charges for it, in millionths of the major unit.
    """

    line_no: int
    calling: str
    called: str
    started_at: datetime
    ended_at: datetime
    duration_seconds: int
    is_answered: bool
    call_ref: str = ""
    account_code: str = ""
    trunk_in: str = ""
    trunk_out: str = ""
    service: Service = Service.VOICE
    volume_bytes: int = 0
    third_party_micro: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimits:
    """The times a file may hold: not before ``earliest_at``, not after ``latest_at``."""

    earliest_at: datetime
    latest_at: datetime


class LineFaultFound(Exception):
    """A field is wrong."""

    def __init__(self, fault: LineFault, field: str, value: str | bytes) -> None:
        """Keep what is wrong and where."""
        super().__init__(fault)
        self.fault, self.field, self.value = fault, field, value


class LineReader:
    """
    Reads the lines of one file by its source's map.

    Made with the header's names where the map has a header; then ``read`` is a pure function of the line.
    """

    def __init__(self, *, column_map: ColumnMap, limits: TimeLimits, header: Sequence[str] | None = None) -> None:
        """
        Find the position of every column.

        :param header: names of the first line, as ``read_header`` gives them; only for maps with a header
        :raises ColumnMapRefused: if the header lacks a column of the map
        """
        self._map = column_map
        self._limits = limits
        self._positions = positions_of(column_map, header)
        self._expected_fields = column_map.field_count or (len(header) if header is not None else None)
        self._needed_fields = max(place for places in self._positions.values() for place in places) + 1

    def read(self, line: RawLine) -> CallLine | FaultyLine:
        """Read one line; never raises for what a line may hold."""
        try:
            return self._call(line.line_no, self._fields(line))
        except LineFaultFound as found:
            return FaultyLine(
                line_no=line.line_no, fault=found.fault, field=found.field, value=shown_value(found.value)
            )

    def _fields(self, line: RawLine) -> list[str]:
        """Return the fields of a line, by position."""
        fields = split_fields(line, column_map=self._map)
        if len(fields) < self._needed_fields or (
            self._expected_fields is not None and len(fields) != self._expected_fields
        ):
            raise LineFaultFound(LineFault.FIELD_COUNT, "fields", str(len(fields)))
        return fields

    def _text(self, fields: list[str], name: str) -> str:
        positions = self._positions.get(name, ())
        if len(positions) == 1:
            return fields[positions[0]]
        return " ".join(fields[position] for position in positions).strip()

    def _call(self, line_no: int, fields: list[str]) -> CallLine:
        self._refuse_known_fault(fields)
        seconds = self._seconds(fields, "duration_seconds")
        service = self._service(fields)
        is_answered = self._is_answered(fields, seconds, service)
        started_at = self._start(fields, is_answered=is_answered)
        if "total_seconds" in self._positions and self._text(fields, "total_seconds"):
            total = self._seconds(fields, "total_seconds")
            if seconds > total:
                raise LineFaultFound(LineFault.LONGER_THAN_CALL, "duration_seconds", f"{seconds} > {total}")
        return CallLine(
            line_no=line_no,
            calling=self._text(fields, "calling"),
            called=self._text(fields, "called"),
            started_at=started_at,
            ended_at=self._end(fields, started_at=started_at, seconds=seconds),
            duration_seconds=seconds,
            is_answered=is_answered,
            call_ref=self._text(fields, "call_ref"),
            account_code=self._text(fields, "account_code"),
            trunk_in=self._text(fields, "trunk_in"),
            trunk_out=self._text(fields, "trunk_out"),
            service=service,
            volume_bytes=self._volume(fields),
            third_party_micro=self._third_party(fields),
        )

    def _refuse_known_fault(self, fields: list[str]) -> None:
        """Take over what was found when the record was decoded; a fault that nobody knows is one of structure."""
        code = self._text(fields, "fault")
        if code:
            fault = LineFault(code) if code in LineFault.__members__ else LineFault.BAD_STRUCTURE
            raise LineFaultFound(fault, self._text(fields, "fault_field"), self._text(fields, "fault_value"))

    def _service(self, fields: list[str]) -> Service:
        text = self._text(fields, "service")
        if "service" not in self._positions:
            return self._map.default_service
        if text in self._map.services:
            return self._map.services[text]
        if text not in Service.__members__:
            raise LineFaultFound(LineFault.UNKNOWN_SERVICE, "service", text)
        return Service(text)

    def _volume(self, fields: list[str]) -> int:
        """Return the bytes; an empty column holds none."""
        total = 0
        for name in ("volume_bytes", "volume_up", "volume_down"):
            text = self._text(fields, name)
            try:
                total += parse_ascii_digits(text, MAX_VOLUME_DIGITS) if text else 0
            except NotDigits as error:
                raise LineFaultFound(LineFault.BAD_VOLUME, name, text) from error
        return total

    def _third_party(self, fields: list[str]) -> int:
        """Return millionths; an empty column holds none."""
        text = self._text(fields, "third_party_amount")
        found = _AMOUNT.fullmatch(text or "0")
        if found is None:
            raise LineFaultFound(LineFault.BAD_AMOUNT, "third_party_amount", text)
        return int(found[1] + (found[2] or "").ljust(MICRO_PLACES, "0"))

    def _seconds(self, fields: list[str], name: str) -> int:
        text = self._text(fields, name)
        try:
            seconds = read_seconds(text, form=self._map.duration_format)
        except NotDigits as error:
            is_plain = self._map.duration_format is DurationFormat.SECONDS
            raise LineFaultFound(LineFault.BAD_SECONDS if is_plain else LineFault.BAD_LENGTH, name, text) from error
        if seconds > self._map.max_duration_seconds:
            raise LineFaultFound(LineFault.TOO_LONG, name, text)
        return seconds

    def _is_answered(self, fields: list[str], seconds: int, service: Service) -> bool:
        """Return whether it took place; only a call may come to nothing."""
        if "disposition" not in self._positions:
            return seconds > 0 or service is not Service.VOICE
        disposition = self._text(fields, "disposition")
        is_answered = disposition in self._map.answered_values
        if seconds and not is_answered:
            raise LineFaultFound(LineFault.UNANSWERED_WITH_SECONDS, "disposition", f"{disposition} {seconds}")
        return is_answered

    def _start(self, fields: list[str], *, is_answered: bool) -> datetime:
        name = "answered_at" if is_answered and self._text(fields, "answered_at") else "started_at"
        started_at = self._time(fields, name)
        if started_at > self._limits.latest_at:
            raise LineFaultFound(LineFault.IN_FUTURE, name, self._text(fields, name))
        if started_at < self._limits.earliest_at:
            raise LineFaultFound(LineFault.TOO_OLD, name, self._text(fields, name))
        return started_at

    def _end(self, fields: list[str], *, started_at: datetime, seconds: int) -> datetime:
        """Return the end the exchange wrote where it wrote a clear one, else start and duration."""
        counted = started_at + timedelta(seconds=seconds)
        text = self._text(fields, "ended_at")
        if not text:
            return counted
        found = read_time(text, form=self._map.time_format, zone=self._map.zone)
        if found is LineFault.AMBIGUOUS_TIME:
            return counted
        if isinstance(found, LineFault) or found < started_at:
            raise LineFaultFound(found if isinstance(found, LineFault) else LineFault.BAD_TIME, "ended_at", text)
        return found

    def _time(self, fields: list[str], name: str) -> datetime:
        text = self._text(fields, name)
        found = read_time(text, form=self._map.time_format, zone=self._map.zone)
        if isinstance(found, LineFault):
            raise LineFaultFound(found, name, text)
        return found


def split_fields(line: RawLine, *, column_map: ColumnMap) -> list[str]:
    """
    Decode one line and cut it into fields.

    :raises LineFaultFound: if it is empty, too long, not in the declared encoding, or its quotes do not close
    """
    if line.is_cut:
        raise LineFaultFound(LineFault.LINE_TOO_LONG, "line", line.raw)
    if b"\x00" in line.raw:
        raise LineFaultFound(LineFault.NUL_BYTE, "line", line.raw)
    try:
        text = line.raw.decode(column_map.encoding)
    except UnicodeDecodeError as error:
        raise LineFaultFound(LineFault.NOT_DECODABLE, "line", line.raw[max(0, error.start - 8) :]) from error
    if not text.strip():
        raise LineFaultFound(LineFault.EMPTY_LINE, "line", text)
    if not column_map.quote or column_map.quote not in text:
        fields = text.split(column_map.delimiter)
    else:
        fields = _quoted_fields(text, column_map=column_map)
    return [field.strip() for field in fields] if column_map.strips_spaces else fields


def _quoted_fields(text: str, *, column_map: ColumnMap) -> list[str]:
    reader = csv.reader(
        [text],
        delimiter=column_map.delimiter,
        quotechar=column_map.quote,
        skipinitialspace=column_map.strips_spaces,
        strict=True,
    )
    try:
        return next(reader)
    except csv.Error as error:
        raise LineFaultFound(LineFault.BAD_QUOTES, "line", text) from error


def read_header(line: RawLine, *, column_map: ColumnMap) -> tuple[str, ...]:
    """
    Read the names of the first line.

    :raises ColumnMapRefused: if the line cannot be read
    """
    try:
        return tuple(split_fields(line, column_map=column_map))
    except LineFaultFound as found:
        raise ColumnMapRefused(
            gettext_noop("The header line cannot be read (%(fault)s)."), context={"fault": str(found.fault)}
        ) from found


def positions_of(column_map: ColumnMap, header: Sequence[str] | None) -> Mapping[str, tuple[int, ...]]:
    """
    Return the positions of each of our fields: one, of a time perhaps two.

    :raises ColumnMapRefused: if the header lacks a column of the map, or names it twice
    """
    names = tuple(header or ())
    every = [column for name in column_map.columns for column in columns_of(column_map, name)]
    missing = [column for column in every if isinstance(column, str) and column not in names]
    doubled = [column for column in every if isinstance(column, str) and names.count(column) > 1]
    if missing or doubled:
        raise ColumnMapRefused(
            gettext_noop("The header lacks: %(missing)s; names twice: %(doubled)s."),
            context={"missing": ", ".join(missing) or "–", "doubled": ", ".join(doubled) or "–"},
        )
    return {
        name: tuple(one if isinstance(one, int) else names.index(one) for one in columns_of(column_map, name))
        for name in column_map.columns
    }
