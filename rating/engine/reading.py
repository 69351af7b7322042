"""
Bytes to columns.

Lines that are surely right (the declared number of fields, no quotes, times and seconds in their plain form) are read
column by column. Every other line goes to
the core's line reader, which alone decides what is wrong with it: so the two can differ in speed only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from billing_site.core.digits import NotDigits
from rating.domain.cdr_formats.csv_lines import (
    MAX_VOLUME_DIGITS,
    CallLine,
    LineFaultFound,
    LineReader,
    TimeLimits,
    positions_of,
    split_fields,
)
from rating.domain.cdr_formats.durations import DurationFormat, read_seconds
from rating.domain.cdr_formats.lines import UTF8_MARK, RawLine, split_lines_at
from rating.domain.services import SERVICE_CODES, Service
from rating.engine.days import to_us
from rating.engine.field_columns import SECOND_US, TimeColumn, micro, seconds, whole
from rating.engine.layout import MAX_PART_BYTES, FileLayout, Part, parts_of, read_headings
from rating.queries.sources import SourceForm

VOICE = SERVICE_CODES[Service.VOICE]
_PLAIN_ENCODINGS = frozenset({"utf-8", "ascii"})
_LINE_END, _SPACE, _DELETE = ord("\n"), ord(" "), b"\x7f"

# Plain text that begins so would be unpacked by the reader of columns.
_PACKED = (b"x^", b"x\x01")

CALL_SCHEMA = pl.Schema(
    {
        "line": pl.Int32,
        "offset": pl.Int64,
        "length": pl.Int32,
        "calling": pl.String,
        "called": pl.String,
        "start_us": pl.Int64,
        "end_us": pl.Int64,
        "duration": pl.Int64,
        "answered": pl.Boolean,
        "call_ref": pl.String,
        "service": pl.Int8,
        "volume": pl.Int64,
        "third_party_micro": pl.Int64,
        "trunk_in": pl.String,
        "trunk_out": pl.String,
    }
)
FAULT_SCHEMA = pl.Schema(
    {
        "line": pl.Int32,
        "offset": pl.Int64,
        "length": pl.Int32,
        "reason": pl.String,
        "field": pl.String,
        "value": pl.String,
        "duration": pl.Int64,
    }
)


@dataclass(frozen=True, slots=True)
class LinesRead:
    """The calls of a part, and its lines that are none."""

    calls: pl.DataFrame
    faults: pl.DataFrame


class PartReader:
    """Reads the parts of one file."""

    def __init__(self, *, form: SourceForm, path: Path, arrived_at: datetime) -> None:
        """
        Find the columns, by the file's header where it has one.

        :raises ColumnMapRefused: if there is no such header
        """
        self._path = path
        self._map = form.columns
        header = read_headings(path, column_map=self._map).names
        self._limits = TimeLimits(earliest_at=arrived_at - timedelta(days=form.oldest_days), latest_at=arrived_at)
        self._reader = LineReader(column_map=self._map, limits=self._limits, header=header)
        self._positions = positions_of(self._map, header)
        self._widest = max(place for places in self._positions.values() for place in places)
        self._field_count = self._map.field_count or (len(header) if header is not None else None)
        self._times = TimeColumn(self._map)

    def read(self, part: Part) -> LinesRead:
        """Read one part."""
        if part.end - part.start > MAX_PART_BYTES:
            return self._read_one_by_one(part)
        data = part.read(self._path)
        rows = self._all_plain(data, part)
        if rows is None:
            return self._read_mixed(data, part)
        calls = self._calls(rows)
        if calls.height == rows.height:
            return LinesRead(calls, pl.DataFrame(schema=FAULT_SCHEMA))
        rest = rows.select("line", "offset", "length").join(calls.select("line"), on="line", how="anti")
        lines = rest.sort("line").iter_rows()
        return self._judged(
            [(RawLine(no, data[at - part.start : at - part.start + length]), at) for no, at, length in lines], calls
        )

    def _read_mixed(self, data: bytes, part: Part) -> LinesRead:
        """Read a part of which some lines may not be plain."""
        raw = self._raw_lines(data, part)
        if raw is None:
            del data
            return self._read_one_by_one(part)
        plain = self._plain_rows(data, raw)
        calls = self._calls(plain) if plain is not None else pl.DataFrame(schema=CALL_SCHEMA)
        rest = raw.join(calls.select("line"), on="line", how="anti", maintain_order="left")
        lines = zip(rest["line"], rest["raw"], rest["offset"], strict=True)
        return self._judged([(RawLine(no, text.encode()), at) for no, text, at in lines], calls)

    def _all_plain(self, data: bytes, part: Part) -> pl.DataFrame | None:
        """Return the fields of a part all of whose lines are plain, with where they lie; ``None`` for any other."""
        if self._map.encoding not in _PLAIN_ENCODINGS or not data.isascii() or self._field_count is None:
            return None
        if self._has_specials(data) or not self._has_width(self._field_count):
            return None
        fields = self._split(data, self._field_count)
        if fields is None or fields.height != part.line_count:
            return None
        fields = fields.with_columns(length=_lengths(self._field_count))
        # Were a line one field short, it would seem longer than it is by one sign, and nothing makes up for that.
        if fields["length"].sum() + fields.height - (not data.endswith(b"\n")) != len(data):
            return None
        if fields["length"].max() not in self._line_lengths():
            return None
        used = sorted({at for places in self._positions.values() for at in places})
        padded = [_is_padded(pl.col(fields.columns[at])) for at in used]
        is_padded = self._map.strips_spaces and bool(fields.select(pl.any_horizontal(padded)).item())
        size = pl.col("length").cast(pl.Int64) + 1
        return fields.select(
            **self._columns(fields, is_padded=is_padded),
            line=pl.int_range(part.first_line, part.first_line + fields.height, dtype=pl.Int32),
            offset=part.start + size.cum_sum() - size,
            length="length",
        )

    def _has_specials(self, data: bytes) -> bool:
        """
        Return whether there are quotes, or anything below a space but the line end: it may mean more than it seems, and
        such lines go to the core.
        """
        signs, quote = np.frombuffer(data, dtype=np.uint8), self._map.quote.encode()
        controls = np.count_nonzero(signs < _SPACE) - np.count_nonzero(signs == _LINE_END)
        return bool(controls > 0) or _DELETE in data or (quote != b"" and quote in data)

    def _has_width(self, width: int) -> bool:
        """Return whether lines of so many fields can be read by column."""
        return width >= 2 and width > self._widest and self._map.duration_format is DurationFormat.SECONDS

    def _line_lengths(self) -> range:
        return range(min(60_000, self._map.max_line_bytes + 1))

    def _raw_lines(self, data: bytes, part: Part) -> pl.DataFrame | None:
        """Return (line, offset, length, raw), or ``None`` if the part can only be read line by line."""
        if self._map.encoding not in _PLAIN_ENCODINGS or b"\r" in data or b"\x1a" in data[-1:] or b"\x00" in data:
            return None
        base = part.start
        if base == 0 and data.startswith(UTF8_MARK):
            data, base = data[len(UTF8_MARK) :], len(UTF8_MARK)
        try:
            data.decode(self._map.encoding)
        except UnicodeDecodeError:
            return None
        frame = _whole_lines(data)
        if frame.height != part.line_count:
            return None
        if frame["raw"].str.len_bytes().max() not in self._line_lengths():
            return None
        length = pl.col("raw").str.len_bytes().cast(pl.Int64)
        return frame.with_columns(
            line=pl.int_range(part.first_line, part.first_line + frame.height, dtype=pl.Int32),
            length=length.cast(pl.Int32),
            offset=base + (length + 1).cum_sum() - (length + 1),
        )

    def _plain_rows(self, data: bytes, raw: pl.DataFrame) -> pl.DataFrame | None:
        """Return the fields of the lines that hold nothing but plain fields in the right number, as text columns."""
        has_specials = self._has_specials(data)
        width = self._field_count or _usual_width(raw, self._map.delimiter)
        if not self._has_width(width):
            return None
        chosen = raw
        fields = None if has_specials else self._fields(data.removeprefix(UTF8_MARK), raw, width)
        if fields is None:
            chosen = raw.filter(self._is_plain(width, has_specials=has_specials))
            fields = self._fields("\n".join(chosen["raw"]).encode(), chosen, width) if chosen.height else None
        if fields is None:
            return None
        is_padded = self._map.strips_spaces and _may_be_padded(chosen["raw"], self._map.delimiter)
        return fields.select(**self._columns(fields, is_padded=is_padded)).with_columns(
            line=chosen["line"], offset=chosen["offset"], length=chosen["length"]
        )

    def _columns(self, fields: pl.DataFrame, *, is_padded: bool) -> dict[str, pl.Expr]:
        """Return what is read of a line, by name; a time may stand in two fields."""
        parts = {name: [pl.col(fields.columns[at]) for at in places] for name, places in self._positions.items()}
        if is_padded:
            parts = {name: [text.str.strip_chars() for text in texts] for name, texts in parts.items()}
        return {
            name: texts[0] if len(texts) == 1 else pl.concat_str(texts, separator=" ") for name, texts in parts.items()
        }

    def _is_plain(self, width: int, *, has_specials: bool) -> pl.Expr:
        """Return whether a raw line has just so many fields, and no quotes or controls."""
        plain = pl.col("raw").str.count_matches(self._map.delimiter, literal=True) == width - 1
        if has_specials:
            special = r"[\x00-\x1f\x7f]" + (f"|{self._map.quote}" if self._map.quote else "")
            plain &= ~pl.col("raw").str.contains(special)
        return plain

    def _fields(self, data: bytes, raw: pl.DataFrame, width: int) -> pl.DataFrame | None:
        """Return the fields of lines without quotes and controls, ``None`` unless each line has just so many."""
        fields = self._split(data, width)
        # What is missing in a line is read as empty: only its length shows it.
        if (
            fields is None
            or fields.height != raw.height
            or not (fields.select(_lengths(width))["length"] == raw["length"]).all()
        ):
            return None
        return fields

    def _split(self, data: bytes, width: int) -> pl.DataFrame | None:
        """Return the fields of lines without quotes and controls, ``None`` if there are too many in one."""
        if data.startswith(_PACKED):
            return None
        try:
            return pl.read_csv(
                data,
                has_header=False,
                separator=self._map.delimiter,
                quote_char=None,
                schema={str(at): pl.String for at in range(width)},
                empty_string_is_null=False,
            )
        except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
            return None

    def _calls(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows that are surely calls; whatever is doubtful is left out."""
        rows = self._with_usage(rows)
        has = rows.columns
        longest = self._map.max_duration_seconds
        rows = rows.with_columns(duration=seconds("duration_seconds", longest))
        answered = (
            pl.col("disposition").is_in(list(self._map.answered_values))
            if "disposition" in has
            else (pl.col("duration") > 0) | (pl.col("service") != VOICE)
        )
        rows = rows.with_columns(answered=answered)
        begun = rows["started_at"]
        if "answered_at" in has:
            is_begun = pl.col("answered") & (pl.col("answered_at") != "")
            begun = rows.select(pl.when(is_begun).then("answered_at").otherwise("started_at")).to_series()
        rows = rows.with_columns(start_us=self._times.read(begun))
        good = [
            pl.col("duration").is_not_null(),
            pl.col("answered") | (pl.col("duration") == 0),
            pl.col("start_us").is_between(to_us(self._limits.earliest_at), to_us(self._limits.latest_at)),
        ]
        if "total_seconds" in has:
            good.append((pl.col("total_seconds") == "") | (seconds("total_seconds", longest) >= pl.col("duration")))
        counted = pl.col("start_us") + pl.col("duration") * SECOND_US
        if "ended_at" in has:
            rows = rows.with_columns(written=self._times.read(rows["ended_at"]))
            good.append((pl.col("ended_at") == "") | (pl.col("written") >= pl.col("start_us")))
            counted = pl.coalesce(pl.col("written"), counted)
        texts = {name: pl.lit("") for name in ("call_ref", "trunk_in", "trunk_out") if name not in has}
        calls = rows.select(
            good=pl.all_horizontal(each.fill_null(value=False) for each in good),
            **{name: pl.col(name) for name in CALL_SCHEMA if name not in texts and name != "end_us"},
            end_us=counted,
            **texts,
        )
        # Most parts have good lines alone: nothing is copied then.
        chosen = calls if calls["good"].all() else calls.filter("good")
        return chosen.select(CALL_SCHEMA.keys()).cast(CALL_SCHEMA)

    def _with_usage(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add service, volume and third_party_micro; leave out rows of which one is doubtful or a fault is known."""
        has = rows.columns
        service = pl.lit(SERVICE_CODES[self._map.default_service], dtype=pl.Int8)
        if "service" in has:
            codes = {str(one): code for one, code in SERVICE_CODES.items()}
            codes.update({text: SERVICE_CODES[one] for text, one in self._map.services.items()})
            service = pl.col("service").replace_strict(codes, default=None, return_dtype=pl.Int8)
        volumes = [name for name in ("volume_bytes", "volume_up", "volume_down") if name in has]
        numbers = [whole(name, MAX_VOLUME_DIGITS) for name in volumes]
        volume = pl.sum_horizontal(numbers, ignore_nulls=False) if numbers else pl.lit(0, dtype=pl.Int64)
        third_party = micro("third_party_amount") if "third_party_amount" in has else pl.lit(0, dtype=pl.Int64)
        rows = rows.with_columns(service=service, volume=volume, third_party_micro=third_party)
        if "fault" in has:
            rows = rows.filter(pl.col("fault") == "")
        doubtful = [name for name in ("service", "volume", "third_party_micro") if rows[name].null_count()]
        return rows.drop_nulls(doubtful) if doubtful else rows

    def _read_one_by_one(self, part: Part) -> LinesRead:
        """Read every line of a part by the core's reader: mixed line ends, another encoding, controls, long lines."""
        found = split_lines_at(
            part.blocks(self._path), max_line_bytes=self._map.max_line_bytes, is_beginning=part.start == 0
        )
        first, base = part.first_line - 1, part.start
        lines = [(RawLine(line.line_no + first, line.raw, line.is_cut), base + at) for line, at in found]
        return self._judged(lines, pl.DataFrame(schema=CALL_SCHEMA))

    def _judged(self, lines: Sequence[tuple[RawLine, int]], calls: pl.DataFrame) -> LinesRead:
        """Let the core read lines, and add its calls to those read already."""
        found: list[tuple[Any, ...]] = []
        faults: list[tuple[Any, ...]] = []
        for line, offset in lines:
            read = self._reader.read(line)
            if isinstance(read, CallLine):
                times = (to_us(read.started_at), to_us(read.ended_at), read.duration_seconds, read.is_answered)
                numbers = (read.calling, read.called)
                usage = (SERVICE_CODES[read.service], read.volume_bytes, read.third_party_micro)
                more = (read.call_ref, *usage, read.trunk_in, read.trunk_out)
                found.append((line.line_no, offset, len(line.raw), *numbers, *times, *more))
            else:
                fault = (str(read.fault), read.field, read.value)
                faults.append((line.line_no, offset, len(line.raw), *fault, self._duration_of(line)))
        judged = pl.DataFrame(found, schema=CALL_SCHEMA, orient="row")
        return LinesRead(pl.concat([calls, judged]), pl.DataFrame(faults, schema=FAULT_SCHEMA, orient="row"))

    def _duration_of(self, line: RawLine) -> int | None:
        """Return the seconds of a faulty line, where these at least can be read."""
        try:
            fields = split_fields(line, column_map=self._map)
            return read_seconds(fields[self._positions["duration_seconds"][0]], form=self._map.duration_format)
        except (LineFaultFound, NotDigits, IndexError):
            return None


def count_seconds(*, form: SourceForm, path: Path, layout: FileLayout, arrived_at: datetime) -> int:
    """Return the seconds of every line of a file whose duration can be read, part by part."""
    reader = PartReader(form=form, path=path, arrived_at=arrived_at)
    total = 0
    for part in parts_of(file_id=0, layout=layout.as_json(), line_count=layout.line_count):
        read = reader.read(part)
        total += int(read.calls["duration"].sum()) + int(read.faults["duration"].sum())
    return total


def _whole_lines(data: bytes) -> pl.DataFrame:
    """Return the lines of text without carriage returns, as they are."""
    if not data:
        return pl.DataFrame(schema={"raw": pl.String})
    # A sign that occurs nowhere separates: so a line is one column. It is read much quicker than split.
    options: dict[str, Any] = {"has_header": False, "separator": "\x1f", "quote_char": None}
    if b"\x1f" not in data and not data.startswith(_PACKED):
        return pl.read_csv(data, schema={"raw": pl.String}, empty_string_is_null=False, **options)
    return pl.DataFrame({"raw": data.decode().removesuffix("\n").split("\n")}, schema={"raw": pl.String})


def _lengths(width: int) -> pl.Expr:
    """Return how long lines of so many fields are, without their ends."""
    return (pl.sum_horizontal(pl.all().str.len_bytes().cast(pl.Int32)) + (width - 1)).cast(pl.Int32).alias("length")


def _is_padded(text: pl.Expr) -> pl.Expr:
    """Return whether a field of a plain line begins or ends with a space."""
    return (text.str.starts_with(" ") | text.str.ends_with(" ")).any()


def _may_be_padded(raw: pl.Series, delimiter: str) -> bool:
    """Return whether a field may begin or end with a space; controls are looked for elsewhere."""
    sign = re.escape(delimiter)
    return bool(raw.str.contains(rf"{sign} | {sign}|^ | $|[^\x00-\x7f]").any())


def _usual_width(raw: pl.DataFrame, delimiter: str) -> int:
    """Return how many fields most of the lines have."""
    found: Any = raw["raw"].str.count_matches(delimiter, literal=True).mode().max()
    return int(found or 0) + 1
