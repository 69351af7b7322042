"""The bytes of a usage file as they arrive: unpacked within limits, under a name that can be shown."""

import zlib
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from billing_site.core.errors import BillingError

BLOCK_BYTES = 1 << 20
GZIP_MARK = b"\x1f\x8b"
# Usage packs well, but not like this: beyond either limit an archive is taken for a bomb.
MAX_UNPACKED_BYTES = 8 << 30
MAX_UNPACKING_RATIO = 200
# Packed ways that hold files with names of their own, or that are not opened here: only gzip is.
ARCHIVE_MARKS = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"BZh91AY&SY",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)
TAR_MARK, TAR_MARK_AT = b"ustar", 257


class ArchiveRefused(BillingError):
    """A packed file that is broken or unpacks to too much."""

    default_message = _("“%(name)s” cannot be unpacked: %(why)s.")
    default_code = "ARCHIVE_REFUSED"


def arriving_blocks(content: bytes | Path, *, name: str) -> Iterator[bytes]:
    """
    Yield the content in blocks, unpacked where gzip has packed it; memory stays at some blocks.

    :param name: for the refusal only
    :raises ArchiveRefused: if it is damaged, unpacks to too much, or holds several files
    """
    yield from _plain_text(_unpacked(content, name=name), name=name)


def shown_name(name: str) -> str:
    """Return the last part of a name, printable and short enough to keep; never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char if char.isprintable() else "_" for char in last)[:255] or "_"


def _unpacked(content: bytes | Path, *, name: str) -> Iterator[bytes]:
    """Yield the content in blocks, unpacked if it is packed."""
    head = content[:2] if isinstance(content, bytes) else _head_of(content)
    if head != GZIP_MARK:
        yield from _plain_blocks(content)
        return
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    packed = unpacked = 0
    try:
        for block in _plain_blocks(content):
            packed += len(block)
            rest = block
            while rest:
                piece = unpacker.decompress(rest, BLOCK_BYTES)
                unpacked += len(piece)
                if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_UNPACKING_RATIO * max(
                    packed, BLOCK_BYTES // MAX_UNPACKING_RATIO
                ):
                    raise ArchiveRefused(context={"name": shown_name(name), "why": _("it unpacks to far too much")})
                yield piece
                rest = unpacker.unconsumed_tail
                if unpacker.eof and unpacker.unused_data:
                    rest = unpacker.unused_data
                    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    except zlib.error as error:
        raise ArchiveRefused(context={"name": shown_name(name), "why": _("its bytes are damaged")}) from error
    if not unpacker.eof:
        raise ArchiveRefused(context={"name": shown_name(name), "why": _("it ends in the middle")})


def _plain_text(blocks: Iterator[bytes], *, name: str) -> Iterator[bytes]:
    """
    Yield blocks that are not themselves an archive.

    Archives of several files bring names, links and depths of their own: none is opened.
    """
    is_first = True
    for block in blocks:
        if is_first and block:
            is_first = False
            is_tar = block[TAR_MARK_AT : TAR_MARK_AT + len(TAR_MARK)] == TAR_MARK
            if is_tar or block.startswith((GZIP_MARK, *ARCHIVE_MARKS)):
                raise ArchiveRefused(
                    context={"name": shown_name(name), "why": _("only single files, packed by gzip or not, are taken")}
                )
        yield block


def _plain_blocks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        for at in range(0, len(content), BLOCK_BYTES):
            yield content[at : at + BLOCK_BYTES]
        return
    with content.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            yield block


def _head_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(2)
