"""Files of fixed width: each record is a line, each field a place in it, with a header and a trailer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from billing_site.core.digits import NotDigits, parse_ascii_digits
from billing_site.core.messages import gettext_noop
from rating.domain.cdr_formats.column_maps import ENCODINGS, ColumnMapRefused
from rating.domain.cdr_formats.decoded import ANSWERED, Decoded, FieldFault, FileFacts, written_time
from rating.domain.cdr_formats.durations import DurationFormat, read_seconds
from rating.domain.cdr_formats.faults import LineFault
from rating.domain.cdr_formats.lines import RawLine, split_lines_at
from rating.domain.cdr_formats.times import TimeFormat, read_time
from rating.domain.services import Service

COUNT_DIGITS = 12
MAX_EMPTY_LINES = 1_000
REQUIRED_PLACES = frozenset({"calling", "called", "started_at", "duration_seconds"})
OPTIONAL_PLACES = frozenset(
    {
        "service",
        "volume_bytes",
        "third_party_amount",
        "disposition",
        "call_ref",
        "account_code",
        "trunk_in",
        "trunk_out",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a field stands: its first character, counted from 0, and how many it has."""

    start: int
    length: int

    def of(self, text: str) -> str:
        """Return the field without the spaces that fill it."""
        return text[self.start : self.start + self.length].strip(" ")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedLine:
    """A header or trailer: the text it begins with, and where its own fields stand."""

    begins_with: str
    places: Mapping[str, Place]

    def text(self, line: str, name: str) -> str:
        """Return one of its fields, empty where it has none."""
        place = self.places.get(name)
        return "" if place is None else place.of(line)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedWidthForm:
    """
    How records of fixed width are written.

    ``record_length`` is that of records; a line of another length is none. ``answered_values`` are as in a column
    map. A header may give ``source``, ``sequence`` and ``day`` (``YYYYMMDD``), a trailer ``count`` and ``seconds``.
    """

    places: Mapping[str, Place]
    record_length: int
    header: MarkedLine | None = None
    trailer: MarkedLine | None = None
    encoding: str = "ascii"
    time_format: TimeFormat = TimeFormat.COMPACT
    duration_format: DurationFormat = DurationFormat.SECONDS
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    answered_values: frozenset[str] = frozenset({"ANSWERED"})
    default_service: Service = Service.VOICE
    services: Mapping[str, Service] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a form that lacks a field, names one we do not know, or puts one outside of the record."""
        missing = sorted(REQUIRED_PLACES - set(self.places))
        unknown = sorted(set(self.places) - REQUIRED_PLACES - OPTIONAL_PLACES)
        if missing or unknown:
            raise ColumnMapRefused(
                gettext_noop("The column map lacks: %(missing)s; does not know: %(unknown)s."),
                context={"missing": ", ".join(missing) or "–", "unknown": ", ".join(unknown) or "–"},
            )
        if any(one.start < 0 or one.length < 1 or one.start + one.length > self.record_length for one in _all(self)):
            raise ColumnMapRefused(gettext_noop("A field stands outside of the record."))
        if self.encoding not in ENCODINGS:
            raise ColumnMapRefused(
                gettext_noop("“%(encoding)s” is not an encoding for usage files; known are: %(known)s."),
                context={"encoding": self.encoding, "known": ", ".join(ENCODINGS)},
            )


class FixedWidthDecoder:
    """Reads a file of fixed width."""

    def __init__(self, form: FixedWidthForm) -> None:
        """Begin with a file that says nothing yet."""
        self._form = form
        self.facts = FileFacts(has_head=form.header is None, has_trailer=None if form.trailer is None else False)

    def records(self, blocks: Iterable[bytes]) -> Iterator[Decoded]:
        """
        Yield every line but header and trailer.

        Empty lines behind the trailer go with it; a line that only looks like a header or trailer stays a record.
        """
        held: list[tuple[RawLine, int]] = []
        for line, at in split_lines_at(blocks):
            if line.line_no == 1 and self._takes_header(line):
                continue
            may_follow = bool(held) and self._is_marked(held[0][0]) and not line.raw.strip()
            if not (may_follow and len(held) < MAX_EMPTY_LINES):
                yield from (self._record(*one) for one in held)
                held.clear()
            held.append((line, at))
        if held and not self._takes_trailer(held[0][0]):
            yield from (self._record(*one) for one in held)

    def _is_marked(self, line: RawLine) -> bool:
        trailer = self._form.trailer
        return trailer is not None and line.raw.startswith(trailer.begins_with.encode())

    def _takes_header(self, line: RawLine) -> bool:
        header = self._form.header
        text = line.raw.decode("ascii", "replace")
        if header is None or not text.startswith(header.begins_with):
            return False
        self.facts.has_head, self.facts.lines_above = True, 1
        self.facts.source = header.text(text, "source") or None
        self.facts.sequence = _number(header.text(text, "sequence"))
        self.facts.day = _day(header.text(text, "day"))
        return True

    def _takes_trailer(self, line: RawLine) -> bool:
        trailer = self._form.trailer
        text = line.raw.decode("ascii", "replace")
        if trailer is None or not text.startswith(trailer.begins_with):
            return False
        count = _number(trailer.text(text, "count"))
        seconds = _number(trailer.text(text, "seconds"))
        if count is None or ("seconds" in trailer.places and seconds is None):
            return False
        self.facts.has_trailer = True
        self.facts.trailer_count, self.facts.trailer_seconds = count, seconds
        return True

    def _record(self, line: RawLine, at: int) -> Decoded:
        values: dict[str, str] = {}
        try:
            self._read(line, values)
        except FieldFault as found:
            return Decoded(at, len(line.raw), values, found.fault, found.field, found.value)
        return Decoded(at, len(line.raw), values)

    def _read(self, line: RawLine, values: dict[str, str]) -> None:
        """Fill the values as far as they can be read."""
        text = self._text(line)
        form = self._form
        values.update({name: place.of(text) for name, place in form.places.items() if name != "started_at"})
        values["duration_seconds"] = _plain_seconds(values["duration_seconds"], form.duration_format)
        service = form.services.get(values.get("service", ""))
        values["service"] = str(service or values.get("service", "") or form.default_service)
        if "disposition" in values:
            said = values["disposition"]
            values["disposition"] = ANSWERED if said in form.answered_values else said.replace(ANSWERED, "")
        elif values["duration_seconds"].strip("0") or values["service"] != Service.VOICE:
            values["disposition"] = ANSWERED
        written = form.places["started_at"].of(text)
        found = read_time(written, form=form.time_format, zone=form.zone)
        if isinstance(found, LineFault):
            raise FieldFault(found, "started_at", written)
        values["started_at"] = written_time(found)

    def _text(self, line: RawLine) -> str:
        if line.is_cut:
            raise FieldFault(LineFault.LINE_TOO_LONG, "line", line.raw)
        if b"\x00" in line.raw:
            raise FieldFault(LineFault.NUL_BYTE, "line", line.raw)
        try:
            text = line.raw.decode(self._form.encoding)
        except UnicodeDecodeError as error:
            raise FieldFault(LineFault.NOT_DECODABLE, "line", line.raw[max(0, error.start - 8) :]) from error
        if not text.strip():
            raise FieldFault(LineFault.EMPTY_LINE, "line", text)
        if len(text) != self._form.record_length:
            raise FieldFault(LineFault.RECORD_LENGTH, "line", str(len(text)))
        return text


def _all(form: FixedWidthForm) -> Iterator[Place]:
    yield from form.places.values()


def _plain_seconds(text: str, form: DurationFormat) -> str:
    """Return a length in plain seconds; what is written in these already stays as it is, for the reader of lines."""
    if form is DurationFormat.SECONDS:
        return text
    try:
        return str(read_seconds(text, form=form))
    except NotDigits as error:
        raise FieldFault(LineFault.BAD_LENGTH, "duration_seconds", text) from error


def _number(text: str) -> int | None:
    try:
        return parse_ascii_digits(text, COUNT_DIGITS)
    except NotDigits:
        return None


def _day(text: str) -> date | None:
    if len(text) != 8 or _number(text) is None:
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
