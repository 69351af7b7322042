"""
BER as a frame: elements inside of elements, each with its tag and its length.

What an element says is decoded elsewhere, by a module of ASN.1. Here a file is cut into its elements, so that a record
that is damaged inside costs itself only, and memory stays at one record.
"""

from collections.abc import Iterator
from typing import NamedTuple

from rating.domain.cdr_formats.byte_streams import ByteStream
from rating.domain.cdr_formats.decoded import MAX_RECORD_BYTES

MAX_HEADER_BYTES = 16
MAX_DEPTH = 32
APPLICATION_CLASS = 0x40
CLASS_BITS, CONSTRUCTED_BIT, TAG_BITS = 0xC0, 0x20, 0x1F
LONG_FORM = 0x80
END_OF_CONTENTS = b"\x00\x00"
MAX_TAG = 1 << 21
MAX_LENGTH_BYTES = 8


class FrameBroken(Exception):
    """The bytes are no element, or an element does not fit into what it lies in."""


class Header(NamedTuple):
    """
    Tag and length of an element.

    ``tag`` is the number of an application tag, and negative for tags of other classes, which mean nothing here.
    ``length`` is ``None`` where the element ends with a mark of its own.
    """

    tag: int
    is_constructed: bool
    size: int
    length: int | None


class Element(NamedTuple):
    """An element in memory: its header, and where its contents begin and end."""

    header: Header
    start: int
    end: int


def read_header(data: bytes, at: int = 0) -> Header:
    """
    Read the header of the element that begins at an offset.

    :raises FrameBroken: if the bytes end before it, or its tag or length is too long to be meant
    """
    try:
        first = data[at]
        number, place = _long_tag(data, at + 1) if first & TAG_BITS == TAG_BITS else (first & TAG_BITS, at + 1)
        length, place = _length(data, place)
    except IndexError as error:
        raise FrameBroken from error
    is_constructed = bool(first & CONSTRUCTED_BIT)
    if length is None and not is_constructed:
        raise FrameBroken
    tag = number if first & CLASS_BITS == APPLICATION_CLASS else -1 - number
    return Header(tag, is_constructed, place - at, length)


def _long_tag(data: bytes, place: int) -> tuple[int, int]:
    """Return the number of a tag of several octets, and where the length begins."""
    number = 0
    while True:
        octet = data[place]
        number, place = number * 128 + octet % 128, place + 1
        if number >= MAX_TAG:
            raise FrameBroken
        if octet < LONG_FORM:
            return number, place


def _length(data: bytes, place: int) -> tuple[int | None, int]:
    """Return the length, ``None`` for one that is not told, and where the contents begin."""
    length = data[place]
    if length < LONG_FORM:
        return length, place + 1
    if length == LONG_FORM:
        return None, place + 1
    end = place + 1 + length - LONG_FORM
    if end - place - 1 > MAX_LENGTH_BYTES or len(data) < end:
        raise FrameBroken
    return int.from_bytes(data[place + 1 : end], "big"), end


def elements(data: bytes, start: int, end: int, *, depth: int = 0) -> Iterator[Element]:
    """
    Yield the elements between two offsets, each followed by those inside of it.

    :raises FrameBroken: where they do not fit into each other, or lie too deep
    """
    at = start
    while at < end:
        element = element_at(data, at, end, depth=depth)
        yield element
        if element.header.is_constructed:
            yield from elements(data, element.start, element.end, depth=depth + 1)
        at = element.end + (len(END_OF_CONTENTS) if element.header.length is None else 0)


def element_at(data: bytes, at: int, end: int, *, depth: int = 0) -> Element:
    """
    Return the element that begins at an offset.

    :raises FrameBroken: if it does not end before ``end``
    """
    if depth > MAX_DEPTH:
        raise FrameBroken
    header = read_header(data, at)
    start = at + header.size
    if header.length is not None:
        if start + header.length > end:
            raise FrameBroken
        return Element(header, start, start + header.length)
    inner = start
    while data[inner : inner + 2] != END_OF_CONTENTS or inner + 2 > end:
        if inner >= end:
            raise FrameBroken
        found = element_at(data, inner, end, depth=depth + 1)
        inner = found.end + (len(END_OF_CONTENTS) if found.header.length is None else 0)
    return Element(header, start, inner)


def as_definite(data: bytes) -> bytes:
    """
    Return elements with the length of each told before it, where it was marked at its end.

    :raises FrameBroken: where they do not fit into each other, or lie too deep
    """
    # The mark of a length that is not told is a byte of its own.
    return _definite(data, 0, len(data), depth=0) if bytes([LONG_FORM]) in data else data


def _definite(data: bytes, start: int, end: int, *, depth: int) -> bytes:
    out = bytearray()
    at = start
    while at < end:
        element = element_at(data, at, end, depth=depth)
        inside = data[element.start : element.end]
        if element.header.is_constructed:
            inside = _definite(data, element.start, element.end, depth=depth + 1)
        out += _tag_of(data, at) + _written_length(len(inside)) + inside
        at = element.end + (len(END_OF_CONTENTS) if element.header.length is None else 0)
    return bytes(out)


def _tag_of(data: bytes, at: int) -> bytes:
    """Return the octets of the tag that begins at an offset."""
    end = _long_tag(data, at + 1)[1] if data[at] & TAG_BITS == TAG_BITS else at + 1
    return data[at:end]


def _written_length(length: int) -> bytes:
    if length < LONG_FORM:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([LONG_FORM + len(octets)]) + octets


class Container:
    """An element of a stream that is read child by child."""

    def __init__(self, stream: ByteStream, header: Header, *, parent_end: int | None) -> None:
        """
        Begin behind its header.

        :raises FrameBroken: if it ends behind its parent
        """
        self._stream = stream
        self._is_marked = header.length is None
        self.end = None if header.length is None else stream.at + header.length
        if parent_end is not None and self.end is not None and self.end > parent_end:
            raise FrameBroken
        self._limit = parent_end if self.end is None else self.end

    def next_header(self) -> Header | None:
        """
        Return the header of the next child without taking it; ``None`` behind the last one.

        :raises FrameBroken: if the stream ends here, or the child ends behind its parent
        """
        if self.end is not None and self._stream.at >= self.end:
            return None
        head = self._stream.peek(MAX_HEADER_BYTES)
        if self._is_marked and head.startswith(END_OF_CONTENTS):
            self._stream.take(len(END_OF_CONTENTS))
            self._is_marked, self.end = False, self._stream.at
            return None
        if not head:
            raise FrameBroken
        header = read_header(head)
        if self._limit is not None and self._stream.at + header.size + (header.length or 0) > self._limit:
            raise FrameBroken
        return header

    def take(self, header: Header) -> tuple[bytes, int, bool]:
        """
        Take the next child: its bytes, how many there are, and whether these are all.

        Of a child longer than a record may be, only the beginning is returned.

        :raises FrameBroken: if a child with a mark of its own has no end within a record's length
        """
        size = self._marked_size() if header.length is None else header.size + header.length
        kept = self._stream.take(min(size, MAX_RECORD_BYTES))
        found = len(kept) + (self._stream.skip(size - len(kept)) if len(kept) == MAX_RECORD_BYTES else 0)
        return kept, found, found == size

    def enter(self, header: Header) -> "Container":
        """Go into the next child."""
        self._stream.take(header.size)
        return Container(self._stream, header, parent_end=self._limit)

    def _marked_size(self) -> int:
        size = 1 << 12
        while True:
            data = self._stream.peek(size)
            try:
                return element_at(data, 0, len(data)).end + len(END_OF_CONTENTS)
            except FrameBroken:
                if len(data) < size or size >= MAX_RECORD_BYTES:
                    raise
                size *= 4
