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
