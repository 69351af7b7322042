"""The virtual environment and its packages: hash-pinned, installed by uv where it can be had, else by plain pip."""

import hashlib
import json
import os
import re
import sys
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

from billing_site.local import debian, programs
from billing_site.local.errors import SetupError
from billing_site.local.places import Places
from billing_site.local.steps import step

FOLDER = Path(__file__).parent
BOOTSTRAP = FOLDER / "requirements-bootstrap.txt"
# Of the image that production runs; made without us.
PRODUCTION = FOLDER.parent / "deploy" / "requirements.txt"
RUNTIME, DEVELOPMENT = FOLDER / "requirements.txt", FOLDER / "requirements-dev.txt"
VERSION = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
# Stands in the stamp while a file's packages are installed: if it is found there, somebody was killed over it.
UNDER_WAY = "under way"


def make(*, places: Places) -> None:
    """
    Have a virtual environment whose Python runs and is of the version it was made for.

    :raises SetupError: if the machine cannot make one
    """
    made_for, runs = _made_for(places=places), _runs(places=places)
    if runs and made_for == _minor(runs):
        return
    with step("virtual environment") as under_way:
        if find_spec("ensurepip") is None:
            _get_venv_module()
        # Not sys.executable: that may be the very environment we replace.
        python = getattr(sys, "_base_executable", sys.executable)
        mend = "rm -r .venv && python3 manage.py demo"
        programs.run([python, "-m", "venv", "--clear", places.venv], what="python3 -m venv", mend=mend)
        under_way.outcome = f"made for Python {_runs(places=places)}"


def install_packages(*, places: Places, requirements: Path) -> None:
    """
    Have the packages of a requirements file, exactly as pinned; nothing to do if they were installed from the same
    text.

    After an installation that was interrupted every package is installed again: one that was being written then looks
    whole to the installers.

    :raises SetupError: if neither uv nor pip can install them
    """
    done = _read_stamp(places=places)
    text = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if done.get(requirements.name) == text:
        return
    with step("packages") as under_way:
        again = UNDER_WAY in done.values()
        _write_stamp({**done, requirements.name: UNDER_WAY}, places=places)
        how = _install(places, requirements, again=again)
        under_way.outcome = f"{_count(requirements)} of {requirements.name}, by {how}"
        _write_stamp({**done, requirements.name: text}, places=places)


def is_current(*, places: Places, requirements: Path) -> bool:
    """Say whether the packages were installed from the requirements as they read today."""
    return _read_stamp(places=places).get(requirements.name) == hashlib.sha256(requirements.read_bytes()).hexdigest()


def find_damaged() -> list[str]:
    """
    Name the packages of this very environment of which a file is missing.

    Byte code does not count: Python writes it anew.
    """
    return sorted(
        found.name
        for found in distributions()
        if any(not Path(str(each.locate())).exists() for each in found.files or () if each.suffix != ".pyc")
    )


def find_unpinned(*, requirements: Path) -> list[str]:
    """Name the pins of a requirements file that this very environment does not have in that version."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)( ;)?", requirements.read_text(encoding="utf-8"), re.MULTILINE)
    here = {re.sub(r"[-_.]+", "-", found.name).lower(): found.version for found in distributions()}
    return sorted(name for name, version, only_elsewhere in pins if not only_elsewhere and here.get(name) != version)


def _install(places: Places, requirements: Path, *, again: bool) -> str:
    """Install with uv, ten times as fast; where it cannot be had or fails, with pip; also what seems to be there."""
    try:
        uv = _get_uv(places)
        programs.run(
            [
                uv,
                "pip",
                "install",
                "--system-certs",
                "--python",
                places.venv_python,
                *(["--reinstall"] if again else []),
                "--require-hashes",
                "-r",
                requirements,
            ],
            what="uv pip install",
            environment=_uv_environment(places),
        )
    except SetupError as error:
        reason = str(error).strip().splitlines()[-1]
        programs.run(
            [
                *(places.venv_python, "-m", "pip", "install", "-q"),
                *(["--force-reinstall"] if again else []),
                *("--require-hashes", "-r", requirements),
            ],
            what="pip install",
            mend="look at the network or at pip's settings, then run the same command again",
        )
        return f"pip (uv: {reason[:80]})"
    return "uv"


def _get_uv(places: Places) -> Path:
    """Have the pinned uv in the virtual environment."""
    uv = places.venv / "bin" / "uv"
    wanted = re.search(r"uv==(\S+)", BOOTSTRAP.read_text(encoding="utf-8"))
    if wanted and uv.exists() and wanted[1] in programs.run([uv, "--version"], what="uv --version"):
        return uv
    python = places.venv_python
    if not programs.succeeds([python, "-m", "pip", "--version"]):  # made by a tool that brings no pip
        programs.run([python, "-m", "ensurepip"], what="ensurepip")
    programs.run([python, "-m", "pip", "install", "-q", "--require-hashes", "-r", BOOTSTRAP], what="pip install uv")
    return uv


def _uv_environment(places: Places) -> dict[str, str]:
    """Pass the environment on. uv does not read pip's settings: if pip is told of another index, tell uv as well."""
    environment = {**os.environ, "UV_LINK_MODE": os.environ.get("UV_LINK_MODE", "copy")}
    if any(name in environment for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_CONFIG_FILE")):
        return environment
    settings = programs.run([places.venv_python, "-m", "pip", "config", "list"], what="pip config")
    index = re.search(r"^(?::env:|global|install)\.index-url='([^']+)'", settings, re.MULTILINE)
    return {**environment, "UV_DEFAULT_INDEX": index[1]} if index else environment


def _get_venv_module() -> None:
    """Get the part of Python that Debian leaves out."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if not debian.can_install():
        line = f"{debian.install_line([package])}    (or, with it, python3-venv)"
        raise SetupError("Python's venv module is not complete on this machine.", mend=line)
    debian.install([package])


def _made_for(*, places: Places) -> str:
    """Read the version a virtual environment was made for, as 3.11; empty if there is none or it is half-made."""
    try:
        settings = (places.venv / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return ""
    found = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", settings, re.MULTILINE)
    return found[1] if found and (places.venv / "bin").is_dir() else ""


def _runs(*, places: Places) -> str:
    """Ask the environment's Python for its version; empty if it does not run or cannot install anything."""
    if not places.venv_python.exists():
        return ""
    python = places.venv_python
    try:
        version = programs.run([python, "-c", VERSION], what="The virtual environment's Python").strip()
    except SetupError:
        return ""
    if _stamp(places).exists() or programs.succeeds([python, "-c", "import pip"]):
        return version
    return version if programs.succeeds([python, "-c", "import django"]) else ""


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _stamp(places: Places) -> Path:
    return places.venv / "saldo-packages.json"


def _read_stamp(*, places: Places) -> dict[str, str]:
    try:
        stamp = json.loads(_stamp(places).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(done: dict[str, str], *, places: Places) -> None:
    """Write down, in one move, from which texts packages were installed."""
    new = _stamp(places).with_suffix(".new")
    new.write_text(json.dumps(done), encoding="utf-8")
    new.replace(_stamp(places))


def _count(requirements: Path) -> int:
    return sum("==" in line for line in requirements.read_text(encoding="utf-8").splitlines())
