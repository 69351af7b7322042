"""The cycle collector, sent to rest while a chunk is worked on."""

import functools
import gc
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def without_collection(step: Callable[P, R]) -> Callable[P, R]:
    """
    Run a step with the cycle collector at rest, and let it go on afterwards.

    A chunk makes hundreds of thousands of tuples that hold no cycles; looking through them again and again took a third
    of its time. Counting references frees them as ever.
    """

    @functools.wraps(step)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            return step(*args, **kwargs)
        finally:
            if was_enabled:
                gc.enable()

    return run
