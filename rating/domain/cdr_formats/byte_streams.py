"""Blocks of any size as one stream that is read piece by piece; memory stays at what is asked for."""

from collections.abc import Iterable, Iterator


class ByteStream:
    """Reads bytes forward; ``at`` is the offset of the next one."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        """Begin at the first byte."""
        self._blocks: Iterator[bytes] = iter(blocks)
        self._held = bytearray()
        self.at = 0

    def peek(self, count: int) -> bytes:
        """Return the next bytes without taking them; fewer at the end."""
        while len(self._held) < count:
            block = next(self._blocks, None)
            if block is None:
                break
            self._held += block
        return bytes(self._held[:count])

    def take(self, count: int) -> bytes:
        """Take the next bytes; fewer at the end."""
        found = self.peek(count)
        del self._held[: len(found)]
        self.at += len(found)
        return found

    def skip(self, count: int) -> int:
        """Leave out bytes without keeping them; return how many there were."""
        left = count
        while left > 0 and (found := self.take(min(left, 1 << 16))):
            left -= len(found)
        return count - left

    def skip_rest(self) -> int:
        """Leave out all that follows; return how many bytes that was."""
        total = 0
        while found := self.take(1 << 16):
            total += len(found)
        return total

    def is_at_end(self) -> bool:
        """Return whether nothing follows."""
        return not self.peek(1)


class LastByte:
    """Remembers how a stream ends."""

    def __init__(self) -> None:
        """Begin before the first byte."""
        self._byte = b""

    def watch(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass blocks on."""
        for block in blocks:
            self._byte = block[-1:] or self._byte
            yield block

    @property
    def is_inside_line(self) -> bool:
        """Whether the last line has no end; the mark of an end of text is none."""
        return self._byte not in {b"", b"\n", b"\r", b"\x1a"}
