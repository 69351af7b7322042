"""
Bytes to lines.

A line ends at LF, CR LF or a lone CR, whatever the file mixes. Quotes do not count here, so a quote that is never
closed costs its own line and no other. Memory is bounded: of a line longer than the limit only the beginning is kept.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

UTF8_MARK = b"\xef\xbb\xbf"
END_OF_TEXT = b"\x1a"
MAX_LINE_BYTES = 65_536


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
    for line_no, (raw, is_cut) in enumerate(_pieces(blocks, max_line_bytes=max_line_bytes), start=1):
        yield RawLine(line_no, raw.removeprefix(UTF8_MARK) if line_no == 1 else raw, is_cut)


def _pieces(blocks: Iterable[bytes], *, max_line_bytes: int) -> Iterator[tuple[bytes, bool]]:
    """Yield (bytes, cut) of every line; the last one only if it holds anything but an end-of-text sign."""
    held = b""
    is_cut = False
    after_cr = False
    for block in blocks:
        if after_cr and block:
            block = block.removeprefix(b"\n")  # noqa: PLW2901 - the second half of a CR LF that was split between two blocks
            after_cr = False
        if not block:
            continue
        after_cr = block.endswith(b"\r")
        *done, rest = (held + block).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for piece in done:
            yield piece[:max_line_bytes], is_cut or len(piece) > max_line_bytes
            is_cut = False
        is_cut = is_cut or len(rest) > max_line_bytes
        held = rest[:max_line_bytes]
    if held.removesuffix(END_OF_TEXT) or is_cut:
        yield held if is_cut else held.removesuffix(END_OF_TEXT), is_cut
