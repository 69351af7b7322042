"""
FreeSWITCH's XML: one ``<cdr>`` in a file, or a list of them.

The file is cut into its records first and each is parsed alone, so a damaged one costs itself only. There is no place
for a document type in a record, and nothing that a file declares is ever taken: no entity, no file, no address.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote
from xml.parsers import expat
from zoneinfo import ZoneInfo

from billing_site.core.digits import NotDigits, parse_ascii_digits
from rating.domain.cdr_formats.decoded import (
    ANSWERED,
    MAX_RECORD_BYTES,
    Decoded,
    FieldFault,
    FileFacts,
    refuse_field,
    written_time,
)
from rating.domain.cdr_formats.durations import MAX_SECONDS_DIGITS
from rating.domain.cdr_formats.faults import LineFault
from rating.domain.cdr_formats.times import TimeFormat, read_time
from rating.domain.services import Service

# A mark that is cut between two blocks is shorter than this.
MARK_BYTES = 64
MAX_DEPTH = 32
_MARK = re.compile(rb"<cdr(?=[\s>/])|</cdr\s{0,16}>")
_FRAME = re.compile(rb"<\?xml[^<>]{0,200}\?>|<!--(?:(?!--).){0,4096}-->|</?cdrs\s{0,16}>|\xef\xbb\xbf|\s+", re.DOTALL)
_VARIABLES = frozenset(
    {
        "uuid",
        "start_epoch",
        "answer_epoch",
        "start_stamp",
        "answer_stamp",
        "duration",
        "billsec",
        "accountcode",
        "sip_gateway_name",
        "incoming_gateway",
    }
)
_PROFILE = frozenset({"caller_id_number", "destination_number"})


class Piece(NamedTuple):
    """Bytes of a file: a record, or what stands between two. ``raw`` keeps the beginning of a very long one."""

    offset: int
    size: int
    raw: bytes
    is_record: bool
    is_closed: bool


class XmlDecoder:
    """Reads a file of ``<cdr>`` elements."""

    def __init__(self, *, zone: ZoneInfo, encoding: str = "utf-8") -> None:
        """
        Begin with a file that says nothing yet.

        :param zone: of times that are written as text; those in seconds since 1970 are taken first
        """
        self._zone, self._encoding = zone, encoding
        self.facts = FileFacts()

    def records(self, blocks: Iterable[bytes]) -> Iterator[Decoded]:
        """Yield every record; what stands between them and belongs to no list is a record that is none."""
        open_lists, was_record = 0, False
        for piece in cut_pieces(blocks):
            if piece.is_record:
                was_record = True
                self.facts.is_cut = not piece.is_closed
                yield self._record(piece)
                continue
            open_lists += piece.raw.count(b"<cdrs") - piece.raw.count(b"</cdrs")
            was_record |= b"<cdrs" in piece.raw
            rest = _FRAME.sub(b"", piece.raw)
            if rest or piece.size > len(piece.raw):
                yield Decoded(piece.offset, piece.size, {}, LineFault.NOT_A_RECORD, "file", _shown(rest))
        self.facts.is_cut = self.facts.is_cut or open_lists > 0 or not was_record

    def _record(self, piece: Piece) -> Decoded:
        values: dict[str, str] = {}
        try:
            if piece.size > len(piece.raw):
                refuse_field(LineFault.LINE_TOO_LONG, "cdr", piece.raw)
            if not piece.is_closed:
                refuse_field(LineFault.BAD_STRUCTURE, "cdr", _shown(piece.raw[-40:]))
            self._read(_parsed(piece.raw, self._encoding), values)
        except FieldFault as found:
            return Decoded(piece.offset, piece.size, values, found.fault, found.field, found.value)
        return Decoded(piece.offset, piece.size, values)

    def _read(self, found: dict[str, str], values: dict[str, str]) -> None:
        """Fill the values as far as they can be read."""
        values["service"] = Service.VOICE
        values["calling"] = found.get("caller_id_number", "")
        values["called"] = found.get("destination_number", "")
        values["call_ref"] = found.get("uuid", "")
        values["account_code"] = found.get("accountcode", "")
        values["trunk_in"] = found.get("incoming_gateway", "")
        values["trunk_out"] = found.get("sip_gateway_name", "")
        for name in ("calling", "called"):
            if {"calling": "caller_id_number", "called": "destination_number"}[name] not in found:
                raise FieldFault(LineFault.FIELD_MISSING, name)
        if "billsec" not in found:
            raise FieldFault(LineFault.FIELD_MISSING, "billsec")
        values["duration_seconds"] = found["billsec"]
        seconds, total = _seconds(found, "billsec"), _seconds(found, "duration")
        if seconds and total is not None and seconds > total:
            raise FieldFault(LineFault.LONGER_THAN_CALL, "duration_seconds", f"{seconds} > {total}")
        values["disposition"] = ANSWERED if seconds else ""
        values["started_at"] = self._start(found, is_answered=bool(seconds))

    def _start(self, found: dict[str, str], *, is_answered: bool) -> str:
        """Return when the conversation began, or the call where there was none."""
        for name in ("answer", "start") if is_answered else ("start",):
            epoch, stamp = found.get(f"{name}_epoch", ""), found.get(f"{name}_stamp", "")
            if epoch.strip("0"):
                return _time(f"{name}_epoch", epoch, TimeFormat.EPOCH, self._zone)
            if stamp:
                return _time(f"{name}_stamp", stamp, TimeFormat.ISO, self._zone)
        raise FieldFault(LineFault.FIELD_MISSING, "start_epoch")


def cut_pieces(blocks: Iterable[bytes]) -> Iterator[Piece]:
    """Cut a stream into records and what stands between them; together they are the whole stream."""
    cutter = _Cutter()
    for block in blocks:
        yield from cutter.take(block)
    yield from cutter.finish()


class _Cutter:
    """Holds what is not yet cut."""

    def __init__(self) -> None:
        self._ahead = bytearray()
        self._kept = bytearray()
        self._offset = self._size = 0
        self._in_record = False

    def take(self, block: bytes) -> Iterator[Piece]:
        """Take a block; a mark near its end waits for the next."""
        self._ahead += block
        yield from self._cut(max(0, len(self._ahead) - MARK_BYTES))

    def finish(self) -> Iterator[Piece]:
        """Cut what is left."""
        yield from self._cut(len(self._ahead))
        yield from self._flush(is_closed=False)

    def _cut(self, safe: int) -> Iterator[Piece]:
        done = 0
        for mark in _MARK.finditer(self._ahead):
            if mark.start() >= safe:
                break
            self._keep(self._ahead[done : mark.start()])
            done = mark.end()
            if not mark[0].startswith(b"</"):
                yield from self._flush(is_closed=False)
                self._in_record = True
            self._keep(mark[0])
            if self._in_record and mark[0].startswith(b"</"):
                yield from self._flush(is_closed=True)
        if safe > done:
            self._keep(self._ahead[done:safe])
            done = safe
        del self._ahead[:done]

    def _keep(self, piece: bytes | bytearray) -> None:
        self._size += len(piece)
        self._kept += piece[: MAX_RECORD_BYTES - len(self._kept)]

    def _flush(self, *, is_closed: bool) -> Iterator[Piece]:
        if self._size:
            yield Piece(self._offset, self._size, bytes(self._kept), self._in_record, is_closed)
        self._offset, self._size, self._in_record = self._offset + self._size, 0, False
        self._kept.clear()


class _Collector:
    """Collects the texts of a record that matter, while the parser passes by."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._path: list[str] = []
        self._text: list[str] = []
        self._takes_profile = True

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._path) >= MAX_DEPTH:
            raise FieldFault(LineFault.BAD_STRUCTURE, "cdr", name)
        self._path.append(name)
        self._text.clear()
        if self._path == ["cdr", "callflow"]:
            # The first stretch of the call says what was dialled; later ones, where it was passed on to.
            self._takes_profile = attributes.get("profile_index", "1") == "1"

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, name: str) -> None:
        path, text = tuple(self._path), "".join(self._text).strip()
        self._path.pop()
        self._text.clear()
        is_variable = len(path) == 3 and path[:2] == ("cdr", "variables") and name in _VARIABLES
        is_profile = path[:-1] == ("cdr", "callflow", "caller_profile") and name in _PROFILE and self._takes_profile
        if not (is_variable or is_profile):
            return
        try:
            value = unquote(text, errors="strict") if is_variable else text
        except UnicodeDecodeError as error:
            raise FieldFault(LineFault.NOT_DECODABLE, name, text) from error
        if self.found.get(name, value) != value and is_variable:
            raise FieldFault(LineFault.BAD_STRUCTURE, name, value)
        self.found[name] = value


def _parsed(raw: bytes, encoding: str) -> dict[str, str]:
    """Return the texts of a record by name, or raise the fault."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise FieldFault(LineFault.NOT_DECODABLE, "cdr", raw[max(0, error.start - 8) :]) from error
    collector = _Collector()
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.text
    try:
        parser.Parse(text.encode("utf-8"), True)  # noqa: FBT003 - expat takes no names
    except expat.ExpatError as error:
        raise FieldFault(LineFault.BAD_STRUCTURE, "cdr", expat.ErrorString(error.code) or "") from error
    return collector.found


def _seconds(found: dict[str, str], name: str) -> int | None:
    """Return seconds, ``None`` for what is none: the line's own reader says what is wrong with it."""
    try:
        return parse_ascii_digits(found.get(name, ""), MAX_SECONDS_DIGITS)
    except NotDigits:
        return None


def _time(name: str, text: str, form: TimeFormat, zone: ZoneInfo) -> str:
    found = read_time(text, form=form, zone=zone)
    if isinstance(found, LineFault):
        raise FieldFault(found, name, text)
    return written_time(found)


def _shown(raw: bytes) -> str | bytes:
    """Return bytes as text where they are."""
    return raw.decode("ascii") if raw.isascii() else raw
