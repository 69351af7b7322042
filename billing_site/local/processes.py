"""Processes we start: how they are known again later, how they end, and how none outlives us."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

POLL_SECONDS = 0.02
PR_SET_PDEATHSIG = 1
PROC = Path("/proc")
_libc = ctypes.CDLL(None, use_errno=True)  # loaded here, since nothing may be imported between fork and exec


def start_time_of(pid: int) -> int | None:
    """
    Read when a process started, in clock ticks since boot: with the pid it names a process for ever.

    :returns: None if there is no such process, or it is dead and only waits to be collected
    """
    try:
        fields = (PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def is_same_process(*, pid: int, start_time: int) -> bool:
    """Say whether the process we once recorded is still there, and not another one that got its number."""
    return start_time_of(pid) == start_time


def folder_of(pid: int) -> Path | None:
    """Read a process's working folder; None if it is gone or not ours to look at."""
    try:
        return (PROC / str(pid) / "cwd").readlink()
    except OSError:
        return None


def die_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """Make the function that, between fork and exec, asks the kernel to send a signal when the parent dies."""
    parent = os.getpid()

    def ask() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask


def end_child(child: subprocess.Popen[bytes], *, sign: signal.Signals, seconds: float, group: bool = False) -> None:
    """Ask a child to end, wait for it, and insist when the time is over."""
    send = os.killpg if group else os.kill
    for attempt in (sign, signal.SIGKILL):
        if child.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            send(child.pid, attempt)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=seconds)


def end_recorded(*, pid: int, start_time: int, sign: signal.Signals, seconds: float) -> bool:
    """
    End a process that an earlier command recorded and left behind.

    :returns: False if it was not there any more
    """
    if not is_same_process(pid=pid, start_time=start_time):
        return False
    for attempt in (sign, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, attempt)
        deadline = time.monotonic() + seconds
        while is_same_process(pid=pid, start_time=start_time):
            if time.monotonic() > deadline:
                break
            time.sleep(POLL_SECONDS)
    return True
