"""
Where a checkout keeps what the two commands make: everything under ``.local/``, sockets perhaps under the temporary
folder.
"""

import hashlib
import os
import re
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from billing_site.local.errors import SetupError

ROOT = Path(__file__).resolve().parents[2]

# The kernel's limit for the path of a unix socket is 108 bytes with its closing zero.
SOCKET_PATH_MAX_BYTES = 107
LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")
PRIVATE_MODE = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The folders and files of one checkout. Two checkouts share none of them."""

    root: Path

    @property
    def local(self) -> Path:
        return self.root / ".local"

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def venv_python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def logs(self) -> Path:
        return self.local / "logs"

    @property
    def locks(self) -> Path:
        return self.local / "locks"

    @property
    def server_state(self) -> Path:
        return self.local / "servers.json"

    @property
    def broker_data(self) -> Path:
        return self.local / "valkey"

    @property
    def libraries(self) -> Path:
        return self.local / "libraries"

    def prepare(self) -> None:
        """Make the folders that every command needs; harmless when they exist."""
        # Collected files are for production alone, but WhiteNoise warns where their folder is missing.
        for folder in (self.local, self.logs, self.locks, self.local / "static"):
            folder.mkdir(mode=PRIVATE_MODE, parents=True, exist_ok=True)

    def checkout_id(self) -> str:
        """
        Name this checkout among all that ever stood at this path, or were copied from it.

        :returns: 12 hexadecimal characters
        """
        file = self.local / "checkout-id"
        try:
            with file.open("x", encoding="ascii") as handle:
                handle.write(secrets.token_hex(16))
        except FileExistsError:
            pass
        seed = file.read_text(encoding="ascii")
        return hashlib.sha256(f"{self.root}\n{seed}".encode()).hexdigest()[:12]

    def sockets(self) -> Path:
        """
        Find the folder for the sockets: ours, closed to others, with a path short and plain enough.

        :raises SetupError: if somebody else sits on every name that would do
        """
        inside = self.local / "run"
        path = os.fsencode(inside / LONGEST_SOCKET_NAME)
        if len(path) <= SOCKET_PATH_MAX_BYTES and PLAIN_PATH.fullmatch(str(inside)):
            candidates = [inside]
        else:
            name = f"saldo-{self.checkout_id()}"
            candidates = [Path(base) / name for base in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp"))]  # noqa: S108  checked for owner and mode before use
        for folder in candidates:
            if len(os.fsencode(folder / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_MAX_BYTES and _is_private(folder):
                return folder
        message = f"No folder for the servers' sockets: {', '.join(map(str, candidates))} cannot be used."
        raise SetupError(message, mend="set TMPDIR to a short path of your own")


def _is_private(folder: Path) -> bool:
    """Make the folder or take it, only if it is a real folder of ours that nobody else can enter."""
    try:
        folder.mkdir(mode=PRIVATE_MODE, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return False
        folder.chmod(PRIVATE_MODE)
    except OSError:
        return False
    return True


HERE = Places(root=ROOT)
