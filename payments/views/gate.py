"""How many requests of the gateway are served at once: those that run, those that wait a moment, no others."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Whoever waits longer is told to come back: nothing was begun.
WAIT_SECONDS = 4


class Gate:
    """Places for some requests; a few more wait at the door; the rest is turned away at once."""

    def __init__(self, *, running: int, waiting: int) -> None:
        """Open the gate."""
        self._running = threading.BoundedSemaphore(running)
        self._inside = threading.BoundedSemaphore(running + waiting)

    @contextmanager
    def enter(self) -> Iterator[bool]:
        """Give a place for the length of the block, or say that there is none."""
        if not self._inside.acquire(blocking=False):
            yield False
            return
        try:
            if not self._running.acquire(timeout=WAIT_SECONDS):
                yield False
                return
            try:
                yield True
            finally:
                self._running.release()
        finally:
            self._inside.release()
