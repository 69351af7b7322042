"""
Locks that the kernel lets go when their holder dies, however it dies.

No pid file can say that; so who uses the servers, who starts them and who keeps them are all told by ``flock``.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.05


class FileLock:
    """One open lock file. It is closed on exec, so no child holds it by accident."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it if need be; take no lock yet."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, *, shared: bool = False) -> None:
        """Wait until the lock is ours."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)

    def try_take(self, *, shared: bool = False) -> bool:
        """Take the lock if that needs no waiting. A holder who fails to change its lock keeps none."""
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def take_within(self, *, seconds: float, shared: bool = False) -> bool:
        """Take the lock, or say False when the time is over."""
        deadline = time.monotonic() + seconds
        while not self.try_take(shared=shared):
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def release(self) -> None:
        """Let the lock go and keep the file open."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let everything go; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Be alone in the block among all processes that name the same path."""
    lock = FileLock(path)
    try:
        lock.take()
        yield
    finally:
        lock.close()


def is_held(path: Path) -> bool:
    """Say whether some process holds the lock for itself alone."""
    lock = FileLock(path)
    try:
        return not lock.try_take(shared=True)
    finally:
        lock.close()
