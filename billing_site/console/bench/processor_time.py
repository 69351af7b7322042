"""Processor time: what a job costs, also where other people's work makes the clock on the wall lie."""

import os
from pathlib import Path


def backend_seconds(pid: int) -> float:
    """Return the processor time of a database process on this machine; 0 where it cannot be read."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    # Fields 14 and 15 of proc(5): user and system time in ticks; two stand before the closing bracket.
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
