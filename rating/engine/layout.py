"""
Where the lines of a file lie: found while its bytes pass by, so that any part can be read later without the parts
before it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from rating.domain.cdr_formats.column_maps import ColumnMap
from rating.domain.cdr_formats.headings import Headings, find_headings
from rating.domain.cdr_formats.lines import END_OF_TEXT, UTF8_MARK, RawLine

# A part holds about so many lines: the step in which files are read and the least that a batch takes.
LINES_PER_PART = 100_000
# A part with very long lines is cut sooner, and one that is still larger (a line without an end) is read in blocks.
BYTES_PER_PART = 64 << 20
MAX_PART_BYTES = 2 * BYTES_PER_PART
BLOCK_BYTES = 1 << 20
TAIL_BYTES = 65_536
# Of what stands behind the last line end only the beginning matters: is it anything but an end-of-text sign?
REST_BYTES = 8
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(slots=True, kw_only=True)
class FileLayout:
    """
    Lines and parts of a file.

    ``cuts`` are (number of the part's first line, its offset); lines are counted from 1 with header and trailer.
    ``line_count`` is of those that count; ``end`` is where they end: the trailer, if there is one, lies behind.
    """

    cuts: list[tuple[int, int]] = field(default_factory=lambda: [(1, 0)])
    line_count: int = 0
    end: int = 0
    ends_with_newline: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return plain values for the file's row."""
        return {"cuts": [list(cut) for cut in self.cuts], "end": self.end}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Consecutive lines of a file: its first line's number, and the bytes from ``start`` to ``end``."""

    file_id: int
    first_line: int
    start: int
    end: int
    line_count: int

    def read(self, path: Path) -> bytes:
        """Return the part's bytes."""
        with path.open("rb") as stream:
            stream.seek(self.start)
            return stream.read(self.end - self.start)

    def blocks(self, path: Path) -> Iterator[bytes]:
        """Yield the part's bytes in blocks."""
        left = self.end - self.start
        with path.open("rb") as stream:
            stream.seek(self.start)
            while left and (block := stream.read(min(left, BLOCK_BYTES))):
                left -= len(block)
                yield block


class LayoutScan:
    """Finds the layout of a stream of blocks while somebody else stores them."""

    def __init__(self) -> None:
        """Begin at line 1."""
        self.layout = FileLayout()
        self._offset = 0
        self._ends = 0
        self._rest = b""
        self._after_cr = False

    def watch(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the blocks unchanged and count their lines."""
        for block in blocks:
            if block:
                self._take(block)
                yield block
        self._finish()

    def _take(self, block: bytes) -> None:
        # A CR LF that is cut between two blocks ends one line, not two.
        doubled = self._after_cr and block.startswith(b"\n")
        offset, ends = self._offset, self._ends - doubled
        last = max(block.rfind(b"\n"), block.rfind(b"\r"))
        self._offset += len(block)
        self._ends = ends + _ends_in(block)
        self._after_cr = block.endswith(b"\r")
        self._rest = ((self._rest if last < 0 else b"") + block[last + 1 : last + 1 + REST_BYTES])[:REST_BYTES]
        first, begin = self.layout.cuts[-1]
        is_due = self._ends + 1 - first >= LINES_PER_PART or offset + last + 1 - begin >= BYTES_PER_PART
        if last >= 0 and is_due and not self._after_cr:
            self.layout.cuts.append((self._ends + 1, offset + last + 1))

    def _finish(self) -> None:
        rest = self._rest.removeprefix(UTF8_MARK) if self._ends == 0 else self._rest
        rest = rest.removesuffix(END_OF_TEXT)
        self.layout.ends_with_newline = not rest
        self.layout.line_count = self._ends + bool(rest)
        self.layout.end = self._offset
        if len(self.layout.cuts) > 1 and self.layout.cuts[-1][0] > self.layout.line_count:
            self.layout.cuts.pop()


def _ends_in(block: bytes) -> int:
    """Count line ends: LF, CR LF, and CR alone."""
    if b"\r" not in block:
        return block.count(b"\n")
    return block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")


def last_line(path: Path) -> tuple[bytes, int]:
    """Return the last line of a file without its end, and the offset at which it begins."""
    start = max(0, path.stat().st_size - TAIL_BYTES)
    with path.open("rb") as stream:
        stream.seek(start)
        tail = stream.read()
    body = tail.removesuffix(END_OF_TEXT).rstrip(b"\r\n")
    begins = max(body.rfind(b"\n"), body.rfind(b"\r")) + 1
    return body[begins:], start + begins


def first_line(path: Path) -> tuple[bytes, int]:
    """Return the first line of a file without its end, and the offset at which the second one begins."""
    return first_lines(path, count=1)[0]


def first_lines(path: Path, *, count: int) -> list[tuple[bytes, int]]:
    """
    Return the lines that a file begins with, each without its end and with the offset at which the next one begins.

    :param count: at least 1; lines that begin behind the first ``TAIL_BYTES`` are left out
    """
    with path.open("rb") as stream:
        head = stream.read(TAIL_BYTES)
    found: list[tuple[bytes, int]] = []
    begin = 0
    for end in islice(_LINE_END.finditer(head), count):
        found.append((head[begin : end.start()], end.end()))
        begin = end.end()
    if len(found) < count and (begin < len(head) or not found):
        found.append((head[begin:], len(head)))
    return [(found[0][0].removeprefix(UTF8_MARK), found[0][1]), *found[1:]]


def read_headings(path: Path, *, column_map: ColumnMap) -> Headings:
    """
    Return where the records of a file begin, and the names of its columns where it has them.

    :raises ColumnMapRefused: if what the map says stands above the records is not there
    """
    if not column_map.has_header and not column_map.preamble_lines:
        return Headings(0, None)
    heads = first_lines(path, count=column_map.preamble_lines + 1)
    lines = [RawLine(at, raw) for at, (raw, _after) in enumerate(heads, start=1)]
    return find_headings(lines, column_map=column_map)


def parts_of(*, file_id: int, layout: dict[str, Any], line_count: int) -> list[Part]:
    """
    Return the parts of a registered file in order.

    :param layout: the file row's plain values
    :param line_count: lines that count (without header and trailer)
    """
    cuts = [(int(line), int(offset)) for line, offset in layout["cuts"]]
    ends = [*cuts[1:], (cuts[0][0] + line_count, int(layout["end"]))]
    return [
        Part(file_id=file_id, first_line=line, start=offset, end=next_offset, line_count=next_line - line)
        for (line, offset), (next_line, next_offset) in zip(cuts, ends, strict=True)
        if next_line > line
    ]
