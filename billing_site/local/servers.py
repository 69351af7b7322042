"""The servers of this checkout for whoever needs them: hold the lease, get the addresses, let go."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass

from billing_site.local import keeper
from billing_site.local.errors import SetupError
from billing_site.local.locks import FileLock, exclusive, is_held
from billing_site.local.places import HERE, Places

ADDRESSES = ("DATABASE_URL", "CELERY_BROKER_URL")
START_SECONDS = 120
STOP_SECONDS = 60
POLL_SECONDS = 0.03
# A start of both servers writes more than this.
NO_ROOM_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Running servers: what to put into the environment, and what they are, for people."""

    environment: Mapping[str, str]
    describe: tuple[str, ...]


def are_given(environment: Mapping[str, str]) -> bool:
    """Say whether the environment names a database and a broker of its own, so that none of ours is needed."""
    return all(environment.get(name) for name in ADDRESSES)


@contextmanager
def servers_for(environment: MutableMapping[str, str], *, places: Places = HERE) -> Iterator[Servers]:
    """
    Have servers for the length of the block: those the environment names, else ours, whose addresses are put into it.

    :raises SetupError: if ours are needed and cannot be started
    """
    if are_given(environment):
        yield Servers(environment={}, describe=("those that DATABASE_URL and CELERY_BROKER_URL name",))
        return
    with running_servers(places=places) as servers:
        environment.update(servers.environment)
        yield servers


@contextmanager
def running_servers(*, places: Places = HERE) -> Iterator[Servers]:
    """
    Have both servers run for the length of the block; start them if nobody has, stop them if nobody else needs them.

    :raises SetupError: if they cannot be started
    """
    lease = Lease(places=places)
    try:
        yield lease.take()
    finally:
        lease.give_back()


class Lease:
    """One user's claim on the servers. The kernel gives it back if the user dies."""

    def __init__(self, *, places: Places = HERE) -> None:
        """Claim nothing yet."""
        self._places = places
        places.prepare()
        self._lock = FileLock(places.locks / "lease")

    def take(self) -> Servers:
        """
        Claim the servers and wait until they are ready.

        :raises SetupError: if they cannot be started
        """
        if not self._lock.take_within(seconds=STOP_SECONDS, shared=True):
            raise SetupError("The servers of an earlier command do not stop; see .local/logs/keeper.log.")
        with exclusive(self._places.locks / "start"):
            return self._ready_servers()

    def give_back(self) -> None:
        """Let the claim go; if it was the last, wait until the servers are down."""
        self._lock.release()
        deadline = time.monotonic() + STOP_SECONDS
        while is_held(self._places.locks / "keeper") and time.monotonic() < deadline:
            if self._others_remain():
                break
            time.sleep(POLL_SECONDS)
        self._lock.close()

    def _others_remain(self) -> bool:
        """Say whether another user holds the lease; the keeper holding it alone is not one."""
        if self._lock.try_take():
            self._lock.release()
            return False
        shared = self._lock.try_take(shared=True)
        self._lock.release()
        return shared

    def _ready_servers(self) -> Servers:
        child: subprocess.Popen[bytes] | None = None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if is_held(self._places.locks / "keeper"):
                state = read_state(places=self._places)
                if state.state == keeper.READY:
                    return Servers(environment=state.environment, describe=tuple(state.describe))
            elif child is None:
                self._places.server_state.unlink(missing_ok=True)
                child = self._spawn_keeper()
            elif child.poll() is not None:
                raise self._failure()
            time.sleep(POLL_SECONDS)
        raise SetupError("The local servers did not come up in time; see .local/logs.", mend="python3 manage.py doctor")

    def _spawn_keeper(self) -> subprocess.Popen[bytes]:
        with (self._places.logs / "keeper.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, str(self._places.root / "manage.py"), "services", "--keeper"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._places.root,
                start_new_session=True,  # Ctrl-C in our terminal is not for it
                env={name: value for name, value in os.environ.items() if name not in ADDRESSES},
            )

    def _failure(self) -> SetupError:
        state = read_state(places=self._places)
        if state.state == keeper.FAILED:
            return SetupError(state.message, mend=state.mend)
        if shutil.disk_usage(self._places.local).free < NO_ROOM_BYTES:
            return SetupError("The disk is full.", mend="make room, then type the same command again")
        return SetupError(
            "The servers' keeper died; see .local/logs/keeper.log.", mend="python3 manage.py demo --reset"
        )


def read_state(*, places: Places = HERE) -> keeper.State:
    """Read what the keeper last told; nothing is known if it told nothing."""
    try:
        return keeper.State(**json.loads(places.server_state.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return keeper.State(state=keeper.UNKNOWN)
