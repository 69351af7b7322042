"""
Files that are no lines of fields are decoded when they arrive: each record becomes one line of our own form.

A record that cannot be decoded becomes a line too, with what is wrong in place of what it says: it is set aside like
any other, so nothing is lost and nothing invented. The line says where in the file the record lies.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, NoReturn, Protocol

from rating.domain.cdr_formats.column_maps import ColumnMap
from rating.domain.cdr_formats.faults import LineFault, shown_value

LINE_COLUMNS = (
    "calling",
    "called",
    "started_at",
    "duration_seconds",
    "service",
    "volume_bytes",
    "third_party_amount",
    "disposition",
    "call_ref",
    "account_code",
    "trunk_in",
    "trunk_out",
    "fault",
    "fault_field",
    "fault_value",
)
# Behind them stand the offset and the size of the record in the file; they are for people.
LINE_FIELDS = len(LINE_COLUMNS) + 1
ANSWERED = "ANSWERED"
# No field of usage is longer; a line stays far below what a line may have.
MAX_VALUE_LENGTH = 256
# Of a record no more is kept in memory: a longer one is set aside whole.
MAX_RECORD_BYTES = 1 << 20


class Decoded(NamedTuple):
    """
    One record: where it lies, what it says by our names, and what is wrong with it.

    ``values`` are texts as a source's lines have them; ``started_at`` is as ``written_time`` gives it.
    """

    offset: int
    size: int
    values: Mapping[str, str]
    fault: LineFault | None = None
    field: str = ""
    value: str | bytes = ""


@dataclass(slots=True, kw_only=True)
class FileFacts:
    """
    What a file says of itself, known when its last record was read; ``None`` for what it does not say.

    ``has_head`` and ``has_trailer`` tell whether a form that has them found them. ``is_cut``: the file ends inside a
    record or before its form does. ``trailer_charge`` and ``charge`` are what its own control block says of the
    charges, and what the charges of its records add up to; both in the file's smallest unit. ``lines_above`` is how
    many lines stand above the first record, where each record is a line of the file. ``other_form`` is the name of the
    dialect that the file is of, where it is plainly another than the one it is read by.
    """

    source: str | None = None
    sequence: int | None = None
    day: date | None = None
    has_head: bool = True
    has_trailer: bool | None = None
    is_cut: bool = False
    trailer_count: int | None = None
    trailer_seconds: int | None = None
    trailer_charge: int | None = None
    charge: int | None = None
    lines_above: int = 0
    other_form: str = ""


class Decoder(Protocol):
    """A pure reader of one form: made anew for each file."""

    facts: FileFacts

    def records(self, blocks: Iterable[bytes]) -> Iterator[Decoded]:
        """Yield every record in order, never raising for what the bytes may hold; memory stays at one record."""
        ...


class FieldFault(Exception):
    """A field of a record is wrong."""

    def __init__(self, fault: LineFault, field: str, value: str | bytes = "") -> None:
        """Keep what is wrong and where."""
        super().__init__(fault)
        self.fault, self.field, self.value = fault, field, value


def refuse_field(fault: LineFault, name: str, value: str | bytes = "") -> NoReturn:
    """
    Set the record aside for one of its fields.

    :raises FieldFault: always
    """
    raise FieldFault(fault, name, value)


def line_map(*, max_duration_seconds: int) -> ColumnMap:
    """Return the map of the lines that are written here."""
    return ColumnMap(
        columns={name: at for at, name in enumerate(LINE_COLUMNS)},
        field_count=LINE_FIELDS,
        strips_spaces=False,
        answered_values=frozenset({ANSWERED}),
        max_duration_seconds=max_duration_seconds,
    )


def written_time(moment: datetime) -> str:
    """Return an instant in UTC as it stands in our lines, to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"


def line_of(record: Decoded) -> bytes:
    """Return a record as one line with its end; its values are escaped, so that it stays one line of plain text."""
    fault, name, value = record.fault, record.field, record.value
    values = dict(record.values)
    for key, text in record.values.items():
        if len(text) > MAX_VALUE_LENGTH:
            values[key] = ""
            if fault is None:
                fault, name, value = LineFault.LINE_TOO_LONG, key, text
    if fault is not None:
        values |= {"fault": str(fault), "fault_field": name, "fault_value": shown_value(value)}
    fields = [_plain(values.get(column, "")) for column in LINE_COLUMNS]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([*fields, f"{record.offset}+{record.size}"])
    return out.getvalue().encode()


@dataclass(slots=True)
class DecodedLines:
    """The lines of a file's records, and how many seconds are in those whose duration can be read."""

    decoder: Decoder
    count: int = field(default=0)

    def lines(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield one line for each record."""
        for record in self.decoder.records(blocks):
            self.count += 1
            yield line_of(record)


def _plain(text: str) -> str:
    """Return a text without anything that could end a line or be kept by no database."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape", "replace").decode() for char in text)
