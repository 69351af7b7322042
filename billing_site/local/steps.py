"""What people see of set-up: one line a step, with its time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

CLEAR_LINE = "\r\x1b[K"


class Step:
    """A step under way; what it did is added to its line."""

    def __init__(self) -> None:
        """Begin with nothing to tell."""
        self.outcome = "done"


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Time the block and print its line; on a terminal its name is shown while it runs."""
    shown = sys.stdout.isatty()
    if shown:
        sys.stdout.write(f"      …  {name}")
        sys.stdout.flush()
    begun = time.monotonic()
    under_way = Step()
    try:
        yield under_way
    except BaseException:
        under_way.outcome = "not done"
        raise
    finally:
        seconds = time.monotonic() - begun
        sys.stdout.write(f"{CLEAR_LINE if shown else ''}{seconds:6.1f} s  {name}: {under_way.outcome}\n")
        sys.stdout.flush()
