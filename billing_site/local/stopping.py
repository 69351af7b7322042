"""Ctrl-C, SIGTERM and a closed terminal all end a command the same way: as an exception, so that it cleans up."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to end. No ``except Exception`` may take it for a fault."""

    def __init__(self, sign: int) -> None:
        """Remember by which signal."""
        super().__init__(sign)
        self.exit_code = 128 + sign


@contextmanager
def stop_signals_raise() -> Iterator[None]:
    """Turn the first stop signal in the block into `Stopped`; further ones cannot disturb the cleaning up."""

    def stop(sign: int, _frame: FrameType | None) -> None:
        ignore_further()
        raise Stopped(sign)

    before = {sign: signal.signal(sign, stop) for sign in SIGNALS}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


def ignore_further() -> None:
    """From here on let no signal disturb the cleaning up."""
    for sign in SIGNALS:
        signal.signal(sign, _ignore)


def _ignore(_sign: int, _frame: FrameType | None) -> None:
    """Do nothing. Unlike SIG_IGN it is not inherited by programs started meanwhile."""
