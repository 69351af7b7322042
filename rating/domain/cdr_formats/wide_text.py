"""
Text of two bytes a sign (UTF-16) becomes UTF-8, block by block, before anybody looks for lines in it.

What is no text in it stays in its place as one byte that UTF-8 never has: its line is found undecodable like any
other, so nothing is lost and nothing is guessed.
"""

import codecs
from collections.abc import Iterable, Iterator

from rating.domain.cdr_formats.byte_streams import ByteStream

LITTLE_MARK, BIG_MARK = b"\xff\xfe", b"\xfe\xff"
# The order of the two bytes where a file has no mark that says it: the first is what Windows writes.
WIDE_ENCODINGS = {"utf-16": "utf-16-le", "utf-16-be": "utf-16-be"}
BLOCK_BYTES = 1 << 20
_NO_TEXT = "saldo.no_text"


def recode(blocks: Iterable[bytes], *, encoding: str) -> Iterator[bytes]:
    """
    Yield the same text in UTF-8, without the mark at its beginning; memory stays at one block.

    :param encoding: one of ``WIDE_ENCODINGS``; a mark in the file stands over it
    """
    stream = ByteStream(blocks)
    mark = stream.peek(2)
    order = {LITTLE_MARK: "utf-16-le", BIG_MARK: "utf-16-be"}.get(mark, WIDE_ENCODINGS[encoding])
    if mark in {LITTLE_MARK, BIG_MARK}:
        stream.skip(2)
    decoder = codecs.getincrementaldecoder(order)(_NO_TEXT)
    while piece := stream.take(BLOCK_BYTES):
        yield decoder.decode(piece).encode("utf-8", "surrogateescape")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")


def _keep_place(error: UnicodeError) -> tuple[str, int]:
    """Return what ``surrogateescape`` writes as the byte 0xFF."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


codecs.register_error(_NO_TEXT, _keep_place)
