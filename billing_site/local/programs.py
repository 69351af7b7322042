"""Run a program to its end, keeping its words for the case that it fails."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from billing_site.local import processes
from billing_site.local.errors import SetupError

LINES_TOLD = 15


def run(
    command: Sequence[str | Path],
    *,
    what: str,
    mend: str = "",
    environment: Mapping[str, str] | None = None,
    may_outlive_us: bool = False,
) -> str:
    """
    Run a program.

    :param may_outlive_us: let it finish if we are killed, as what changes the machine's packages must
    :returns: its output
    :raises SetupError: if it cannot be started or fails, with the end of what it said
    """
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env=environment,
            preexec_fn=None if may_outlive_us else processes.die_with_parent(signal.SIGTERM),
        )
    except OSError as error:
        raise SetupError(f"{what} failed: {error}", mend=mend) from error
    if done.returncode != 0:
        said = "\n".join(f"{done.stdout}\n{done.stderr}".strip().splitlines()[-LINES_TOLD:])
        raise SetupError(f"{what} failed ({done.returncode}):\n{said}", mend=mend)
    return done.stdout


def succeeds(command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None) -> bool:
    """Say whether a program can be started and ends well."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env=environment,
        )
    except OSError:
        return False
    return done.returncode == 0
