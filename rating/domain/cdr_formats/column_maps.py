"""The declared form of a source's files: which column holds what, and how it is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from rating.domain.cdr_formats.durations import DurationFormat
from rating.domain.cdr_formats.lines import MAX_LINE_BYTES
from rating.domain.cdr_formats.times import TimeFormat
from rating.domain.services import Service

REQUIRED_COLUMNS = ("calling", "called", "started_at", "duration_seconds")
OPTIONAL_COLUMNS = (
    "answered_at",
    "ended_at",
    "total_seconds",
    "disposition",
    "call_ref",
    "account_code",
    "trunk_in",
    "trunk_out",
    "service",
    "volume_bytes",
    "volume_up",
    "volume_down",
    "third_party_amount",
    "fault",
    "fault_field",
    "fault_value",
)
# Line ends and separators are looked for as single bytes, so only encodings that contain ASCII as it is will do.
ENCODINGS = (
    "utf-8",
    "ascii",
    "windows-1251",
    "windows-1252",
    "windows-1256",
    "windows-1250",
    "windows-1253",
    "windows-1254",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-9",
    "iso-8859-15",
    "koi8-r",
    "koi8-u",
    "cp866",
    "gb18030",
)

# A title, a period, an empty line: so many lines may stand above the names of the columns.
MAX_PREAMBLE_LINES = 100

Column = int | str
# A time may stand in two columns, the day in one and the clock in the other.
Columns = Column | tuple[Column, ...]
TIME_COLUMNS = frozenset({"started_at", "answered_at", "ended_at"})

UTC_ZONE = ZoneInfo("UTC")


class ColumnMapRefused(BillingError):
    """A column map that cannot read any file."""

    default_code = "COLUMN_MAP_REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """
    How to read a source's lines.

    ``columns`` gives for each of our fields a position (from 0) or, with ``has_header``, a name; for a time also two,
    that of the day and that of the clock. ``calling``,
    ``called``, ``started_at`` and ``duration_seconds`` must be there. ``answered_at`` is, where present and filled,
    the start of the conversation and stands over ``started_at``. ``total_seconds`` is the length with ringing.
    ``answered_values`` are the values of ``disposition`` that mean answered; without a disposition a call with
    seconds was answered. ``preamble_lines`` is how many lines stand above the names of the columns or, without these,
    above the records: at most so many where the map names columns, for these are looked for. ``field_count`` is the
    exact number of fields, where the source keeps to one. A line longer than ``max_line_bytes`` is no record, and only
    so much of it is kept.

    What was used is ``default_service``, or what the column ``service`` says: a service itself, or a value that
    ``services`` translates. Bytes stand in ``volume_bytes``, or in ``volume_up`` and ``volume_down``, which are added.
    ``third_party_amount`` is what another company charges for it, in the major unit. A line whose ``fault`` is filled
    was found to be no record before it came here.
    """

    columns: Mapping[str, Columns]
    has_header: bool = False
    preamble_lines: int = 0
    field_count: int | None = None
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    time_format: TimeFormat = TimeFormat.ISO
    duration_format: DurationFormat = DurationFormat.SECONDS
    zone: ZoneInfo = UTC_ZONE
    strips_spaces: bool = True
    answered_values: frozenset[str] = frozenset({"ANSWERED"})
    max_duration_seconds: int = 86_400
    max_line_bytes: int = MAX_LINE_BYTES
    default_service: Service = Service.VOICE
    services: Mapping[str, Service] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a map that lacks a column, names one we do not know, or cannot separate fields."""
        missing = [name for name in REQUIRED_COLUMNS if name not in self.columns]
        unknown = sorted(set(self.columns) - set(REQUIRED_COLUMNS) - set(OPTIONAL_COLUMNS))
        if missing or unknown:
            raise ColumnMapRefused(
                gettext_noop("The column map lacks: %(missing)s; does not know: %(unknown)s."),
                context={"missing": ", ".join(missing) or "–", "unknown": ", ".join(unknown) or "–"},
            )
        if "volume_bytes" in self.columns and {"volume_up", "volume_down"} & set(self.columns):
            raise ColumnMapRefused(gettext_noop("Bytes stand in one column, or in two that are added, not in both."))
        self._check_form()

    @property
    def split_columns(self) -> frozenset[str]:
        """The fields that stand in more than one column."""
        return frozenset(name for name, column in self.columns.items() if isinstance(column, tuple))

    def _check_form(self) -> None:
        every = [column for name in self.columns for column in columns_of(self, name)]
        if any(len(columns_of(self, name)) != 1 + (name in TIME_COLUMNS) for name in self.split_columns):
            raise ColumnMapRefused(gettext_noop("Only a time stands in two columns, day and clock."))
        if not self.has_header and any(isinstance(column, str) for column in every):
            raise ColumnMapRefused(gettext_noop("Columns are given by name, but the files have no header line."))
        if any(type(column) not in {int, str} or (isinstance(column, int) and column < 0) for column in every):
            raise ColumnMapRefused(gettext_noop("Positions of columns begin at 0."))
        if len(self.delimiter) != 1 or len(self.quote) > 1 or not (self.delimiter + self.quote).isascii():
            raise ColumnMapRefused(gettext_noop("The separator and the quote are one ASCII character each."))
        if type(self.preamble_lines) is not int or not 0 <= self.preamble_lines <= MAX_PREAMBLE_LINES:
            raise ColumnMapRefused(
                gettext_noop("Above the records stand 0 to %(most)s lines."), context={"most": MAX_PREAMBLE_LINES}
            )
        if not 0 < self.max_line_bytes <= MAX_LINE_BYTES:
            raise ColumnMapRefused(
                gettext_noop("The longest line that is read has 1 to %(most)s bytes."), context={"most": MAX_LINE_BYTES}
            )
        if self.encoding not in ENCODINGS:
            raise ColumnMapRefused(
                gettext_noop("“%(encoding)s” is not an encoding for usage files; known are: %(known)s."),
                context={"encoding": self.encoding, "known": ", ".join(ENCODINGS)},
            )


def columns_of(column_map: ColumnMap, name: str) -> tuple[Column, ...]:
    """Return where a field stands: one column, of a time perhaps two."""
    column = column_map.columns[name]
    return column if isinstance(column, tuple) else (column,)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "zone": ZoneInfo,
    "time_format": TimeFormat,
    "duration_format": DurationFormat,
    "answered_values": frozenset,
    "default_service": Service,
    "services": lambda found: {str(text): Service(service) for text, service in found.items()},
    "columns": lambda found: {name: tuple(at) if isinstance(at, list) else at for name, at in found.items()},
}


def read_column_map(declared: Mapping[str, Any]) -> ColumnMap:
    """
    Build a column map from plain values, as a source keeps them.

    :param declared: the field names of ``ColumnMap``; ``zone`` is a name, ``time_format`` and ``duration_format`` are
        names of forms, ``answered_values`` is a list, a time in two columns too, ``default_service`` and the values of
        ``services`` are names of services
    :raises ColumnMapRefused: with what is wrong
    """
    values = dict(declared)
    try:
        for name, read in _READERS.items():
            if name in values:
                values[name] = read(values[name])
        return ColumnMap(**values)
    except (TypeError, ValueError, AttributeError, ZoneInfoNotFoundError) as error:
        raise ColumnMapRefused(
            gettext_noop("The column map cannot be read: %(reason)s."), context={"reason": error}
        ) from error
