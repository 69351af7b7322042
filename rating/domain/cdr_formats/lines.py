"""
Bytes to lines.

A line ends at LF, CR LF or a lone CR, whatever the file mixes. Quotes do not count here, so a quote that is never
closed costs its own line and no other. Memory is bounded: of a line longer than the limit only the beginning is kept.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

UTF8_MARK = b"\xef\xbb\xbf"
END_OF_TEXT = b"\x1a"
MAX_LINE_BYTES = 65_536

_LINE_END = re.compile(rb"\r\n|\r|\n")


class RawLine(NamedTuple):
    """A line without its end: the number counted from 1, its bytes, and whether they were cut at the limit."""

    line_no: int
    raw: bytes
    is_cut: bool = False


def split_lines(blocks: Iterable[bytes], *, max_line_bytes: int = MAX_LINE_BYTES) -> Iterator[RawLine]:
    """
    Cut a stream of blocks into lines.

    A UTF-8 mark at the beginning and a 0x1A at the very end are dropped; a file that ends without a line end has its
    last line all the same.

    :param blocks: consecutive pieces of the file, of any size
    :param max_line_bytes: bytes kept of a line
    """
    for line, _ in split_lines_at(blocks, max_line_bytes=max_line_bytes):
        yield line


def split_lines_at(
    blocks: Iterable[bytes], *, max_line_bytes: int = MAX_LINE_BYTES, is_beginning: bool = True
) -> Iterator[tuple[RawLine, int]]:
    """
    Cut a stream of blocks into lines as ``split_lines`` does, each with the offset of its first byte in the stream.

    :param is_beginning: the stream begins the file: only there a UTF-8 mark is a mark
    """
    for line_no, (raw, is_cut, at) in enumerate(_pieces(blocks, max_line_bytes=max_line_bytes), start=1):
        if line_no == 1 and is_beginning and raw.startswith(UTF8_MARK):
            yield RawLine(line_no, raw.removeprefix(UTF8_MARK), is_cut), at + len(UTF8_MARK)
        else:
            yield RawLine(line_no, raw, is_cut), at


def _pieces(blocks: Iterable[bytes], *, max_line_bytes: int) -> Iterator[tuple[bytes, bool, int]]:
    """Yield (bytes, cut, offset) of every line; the last one only if it holds anything but an end-of-text sign."""
    held, held_at, is_cut = b"", 0, False
    block_at = 0
    after_cr = False
    for block in blocks:
        # The second half of a CR LF that was split between two blocks ends no line of its own.
        begin = 1 if after_cr and block.startswith(b"\n") else 0
        if begin:
            held_at = block_at + 1
        for end in _LINE_END.finditer(block, begin):
            piece = held + block[begin : end.start()]
            yield piece[:max_line_bytes], is_cut or len(piece) > max_line_bytes, held_at
            begin = end.end()
            held, held_at, is_cut = b"", block_at + begin, False
        rest = block[begin:]
        is_cut = is_cut or len(held) + len(rest) > max_line_bytes
        held = held + rest[: max_line_bytes - len(held)]
        after_cr = block.endswith(b"\r") if block else after_cr
        block_at += len(block)
    if held.removesuffix(END_OF_TEXT) or is_cut:
        yield held if is_cut else held.removesuffix(END_OF_TEXT), is_cut, held_at
