"""
The keeper: one quiet process that owns both servers for as long as anybody holds the lease.

Each command that needs the servers holds the lease shared. The keeper asks for it alone: when it gets it, the last user
has gone, by whatever death, and the servers are stopped. Killed itself, it takes the servers with it.
"""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from types import FrameType

from billing_site.local import postgres, processes, valkey
from billing_site.local.errors import SetupError
from billing_site.local.locks import FileLock
from billing_site.local.places import HERE, ROOT, Places

POLL_SECONDS = 0.1
RESTARTS_ALLOWED = 5
UNKNOWN, STARTING, READY, FAILED = "unknown", "starting", "ready", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the keeper tells the others, through a file."""

    state: str
    describe: list[str] = field(default_factory=list)
    processes: dict[str, list[int | None]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    message: str = ""
    mend: str = ""


class Keeper:
    """Both servers of one checkout, and the file that tells the others about them."""

    def __init__(self, *, places: Places) -> None:
        """Find what will be run; start nothing yet."""
        self._places = places
        self._cluster = postgres.find_cluster(places)
        self._broker = valkey.find_broker(places)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._restarts = 0
        self._asked_to_end = False

    def run(self, *, lease: FileLock) -> None:
        """Start both, tell so, wait for the last user to go, stop both."""
        signal.pthread_sigmask(signal.SIG_SETMASK, ())  # the servers must not inherit what our starter blocked
        signal.signal(signal.SIGTERM, self._ask_to_end)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command in front
        try:
            self._start()
            write_state(self._facts(), places=self._places)
            while not self._asked_to_end and not lease.try_take():
                self._mend()
                time.sleep(POLL_SECONDS)
        finally:
            self._stop()

    def _ask_to_end(self, _sign: int, _frame: FrameType | None) -> None:
        self._asked_to_end = True

    def _start(self) -> None:
        # A folder that was there before may hold somebody's demo.
        if self._cluster.make() and os.environ.get(postgres.FOR_TESTS):
            self._cluster.is_disposable = True
        if "postgres" not in self._children:
            self._children["postgres"] = self._cluster.start()
            script = (ROOT / "billing_site" / "local" / "roles.sql").read_text(encoding="utf-8")
            self._cluster.run_sql(f"\\set database {postgres.DATABASE}\n{script}")
        if "valkey" not in self._children:
            broker = self._broker.start()
            if broker is not None:
                self._children["valkey"] = broker

    def _mend(self) -> None:
        """Start again a server that died under its users, but not for ever."""
        dead = [name for name, child in self._children.items() if child.poll() is not None]
        if not dead:
            return
        self._restarts += 1
        if self._restarts > RESTARTS_ALLOWED:
            message = f"{dead[0]} died {RESTARTS_ALLOWED} times; see .local/logs."
            raise SetupError(message)
        for name in dead:
            del self._children[name]
        self._start()
        write_state(self._facts(), places=self._places)

    def _stop(self) -> None:
        """Stop the servers, newest first."""
        for name, child in reversed(self._children.items()):
            if name == "postgres":
                processes.end_child(child, sign=signal.SIGINT, seconds=postgres.STOP_SECONDS)
            else:
                processes.end_child(child, sign=signal.SIGTERM, seconds=valkey.STOP_SECONDS)
        self._places.server_state.unlink(missing_ok=True)

    def _facts(self) -> State:
        cluster, broker = self._cluster, self._broker
        alive = {name: [child.pid, processes.start_time_of(child.pid)] for name, child in self._children.items()}
        return State(
            state=READY,
            describe=[cluster.describe, broker.describe],
            processes=alive,
            environment={
                "DATABASE_URL": cluster.url(user=postgres.APP),
                "DATABASE_OWNER_URL": cluster.url(user=postgres.OWNER),
                "DATABASE_SUPERUSER_URL": cluster.url(user=postgres.SUPERUSER),
                "CELERY_BROKER_URL": broker.url,
                **({} if broker.program else {"SALDO_BROKER_FOLDER": str(broker.data)}),
            },
        )


def write_state(state: State, *, places: Places) -> None:
    """Tell the others, in one move, how the servers are."""
    new = places.server_state.with_suffix(".new")
    new.write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")
    new.replace(places.server_state)


def main() -> int:
    """Be the keeper of this checkout, unless there is one."""
    places = HERE
    places.prepare()
    # Neither is ever given back: the kernel does it when this process is truly gone, the place first, as it was opened
    # first. So who waits for the lease finds no keeper, and who waits for the keeper finds no process.
    place, lease = FileLock(places.locks / "keeper"), FileLock(places.locks / "lease")
    if not place.try_take():
        return 0
    try:
        write_state(State(state=STARTING), places=places)
        Keeper(places=places).run(lease=lease)
    except SetupError as error:
        return _fail(str(error.args[0]), mend=error.mend, places=places)
    except OSError as error:
        return _fail(f"The servers cannot be started: {error}", mend="python3 manage.py demo --reset", places=places)
    return 0


def _fail(message: str, *, mend: str, places: Places) -> int:
    """Leave word of why there are no servers."""
    write_state(State(state=FAILED, message=message, mend=mend), places=places)
    sys.stderr.write(f"{message}\n")
    return 1
