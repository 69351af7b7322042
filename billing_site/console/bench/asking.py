"""A worker of a bench runs in a process of its own, so that its time and memory are its own; its last line is JSON."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


def ask_worker(worker: Path, environment: Mapping[str, str], *arguments: str) -> dict[str, Any]:
    """
    Run a worker against the database of an environment, and return what it tells.

    :raises RuntimeError: with the end of what it complained of, if it fails
    """
    done = subprocess.run(  # noqa: S603 - our own worker
        [sys.executable, str(worker), *arguments],
        env={**environment, "DJANGO_SETTINGS_MODULE": "billing_site.settings", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
