"""
The processes of a command that serves: started, watched, recorded, and stopped newest first.

Each has a process group of its own, so that Ctrl-C reaches the command alone and the command decides the order. What it
starts it writes down with its start time; if it is killed, the kernel tells its children, and the next start ends what
is left.
"""

import contextlib
import json
import math
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from billing_site.local import processes
from billing_site.local.errors import SetupError

STOP_SECONDS = 20
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One process under watch."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path | None


class Children:
    """The processes of one command."""

    def __init__(self, *, record: Path, folder: Path, logs: Path) -> None:
        """Keep the record in a file; run everything in a folder."""
        self._record = record
        self._folder = folder
        self._logs = logs
        self._started: list[Child] = []

    def end_leftovers(self) -> list[str]:
        """
        End what an earlier, killed command recorded and left running.

        :returns: the names of those that were still there
        """
        try:
            recorded = json.loads(self._record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        ended = []
        for name, pid, start_time in reversed(recorded):
            if processes.end_recorded(pid=pid, start_time=start_time, sign=signal.SIGTERM, seconds=STOP_SECONDS):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)  # what it had started itself
                ended.append(str(name))
        self._record.unlink(missing_ok=True)
        return ended

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        quiet: bool = True,
        keep: Sequence[int] = (),
    ) -> Child:
        """
        Start a process and record it.

        :param quiet: its words go to ``.local/logs/<name>.log`` instead of the terminal
        :param keep: file descriptors it inherits
        """
        log = self._logs / f"{name}.log" if quiet else None
        with contextlib.ExitStack() as stack:
            output = stack.enter_context(log.open("wb")) if log else None
            process = subprocess.Popen(
                command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=keep,
                preexec_fn=processes.die_with_parent(signal.SIGTERM),
            )
        child = Child(name=name, process=process, log=log)
        self._started.append(child)
        self._write_record()
        return child

    def run(self, name: str, command: Sequence[str | Path]) -> int:
        """
        Run a process to its end, its words on the terminal, while the others are watched.

        :returns: its exit code
        :raises SetupError: if one of the others ends meanwhile
        """
        child = self.start(name, command, quiet=False)
        self.wait_for(child)
        return child.process.returncode

    def wait_for(self, child: Child, *, seconds: float = math.inf) -> bool:
        """
        Wait until a process ends by itself, but no longer than some seconds, while the others are watched.

        :returns: whether it has ended
        :raises SetupError: if one of the others ends meanwhile
        """
        deadline = time.monotonic() + seconds
        while child.process.poll() is None:
            self.check_all_live(but=child)
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        if child in self._started:
            self._started.remove(child)
            self._write_record()
        return True

    def check_all_live(self, *, but: Child | None = None) -> None:
        """
        See that every process is there.

        :raises SetupError: if one is not, with the end of its log
        """
        for child in self._started:
            if child is not but and child.process.poll() is not None:
                log = child.log.read_text(errors="replace").splitlines()[-15:] if child.log else []
                raise SetupError("\n".join([f"{child.name} ended with code {child.process.returncode}:", *log]))

    def stop_all(self) -> None:
        """Ask each to end, newest first, and wait for it; a process that will not is killed with all it started."""
        while self._started:
            child = self._started[-1]
            processes.end_child(child.process, sign=signal.SIGTERM, seconds=STOP_SECONDS)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)
            self._started.pop()
            self._write_record()

    def _write_record(self) -> None:
        """Write down who runs, in one move; a child that has already ended needs no line."""
        lines = [
            (child.name, child.process.pid, start_time)
            for child in self._started
            if (start_time := processes.start_time_of(child.process.pid)) is not None
        ]
        new = self._record.with_suffix(".new")
        new.write_text(json.dumps(lines), encoding="utf-8")
        new.replace(self._record)
