"""
Places where a test may kill the process: to prove that whatever happens there happens wholly or not at all.

``SALDO_CRASH=name:hit`` kills the process with SIGKILL when the named point is passed for the hit-th time. Never in
production.
"""

import os
import signal
from collections import Counter

from django.conf import settings

_passed: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """Pass a named place; die there if the environment says so."""
    wanted = os.environ.get("SALDO_CRASH", "")
    if not wanted or settings.PRODUCTION:
        return
    _passed[name] += 1
    if wanted == f"{name}:{_passed[name]}":
        os.kill(os.getpid(), signal.SIGKILL)
