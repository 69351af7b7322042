"""A small checkout of its own for tests that start and kill servers: nothing of this one is touched."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from billing_site.local.places import HERE, Places
from billing_site.local.postgres import borrowed_home
from billing_site.local.servers import ADDRESSES

OURS = (*ADDRESSES, "DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The launcher alone, with our virtual environment, at a place of its own."""

    places: Places

    @property
    def environment(self) -> dict[str, str]:
        """Ours, but for the addresses of our servers."""
        return {name: value for name, value in os.environ.items() if name not in OURS}

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command of this checkout."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *words],
            cwd=self.places.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    """Copy the launcher and borrow the virtual environment; at the end nothing of it may run."""
    shutil.copy(HERE.root / "manage.py", tmp_path)
    ours = HERE.root / "billing_site"
    theirs = tmp_path / "billing_site"
    shutil.copytree(ours / "local", theirs / "local", ignore=shutil.ignore_patterns("__pycache__"))
    (theirs / "__init__.py").touch()
    (tmp_path / ".venv").symlink_to(HERE.venv)
    places = Places(root=tmp_path)
    yield Checkout(places=places)
    if places.local.exists():  # what lies outside: the borrowed user's data, and sockets where the path was too long
        shutil.rmtree(borrowed_home(places), ignore_errors=True)
        shutil.rmtree(places.sockets(), ignore_errors=True)
    deadline = time.monotonic() + 20
    while processes_of(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of(tmp_path) == []


def processes_of(root: Path) -> list[str]:
    """List the command lines that name a folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = each.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"{root}/" in line:
            found.append(line)
    return found
