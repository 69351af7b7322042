"""
``manage.py selftest``: every check there is, all of them run, one summary, the exit code of the first that failed.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from billing_site.local import processes
from billing_site.local.places import Places
from billing_site.local.postgres import FOR_TESTS
from billing_site.local.servers import servers_for

STOP_SECONDS = 30
WHY_LENGTH = 160
# Tests that can do more than a quarter of an hour allows look for it.
NIGHTLY = "SALDO_NIGHTLY"
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
# Each part's commands: what people call it, and what our Python is given.
PARTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "lint": (
        ("ruff check", ("-m", "ruff", "check", "--cache-dir", ".local/ruff")),
        ("ruff format --check", ("-m", "ruff", "format", "--check", "--cache-dir", ".local/ruff")),
    ),
    "types": (("mypy", ("-m", "mypy")),),
    "layers": (("lint-imports", ("-c", LINT_IMPORTS, "--cache-dir", ".local/import-linter")),),
    "migrations": (
        ("makemigrations --check", ("manage.py", "makemigrations", "--check", "--dry-run")),
        ("check --fail-level WARNING", ("manage.py", "check", "--fail-level", "WARNING")),
    ),
    # Two workers: as many as the smallest machine we promise to be fast on has processors. A module stays with one of
    # them, since what it shares, such as a database of its own, is made once per module.
    # The slowest are named: whoever waits for the suite sees where the time goes. Of what failed the lines that led
    # there are shown, not whole functions: pytest in a shell shows these.
    "tests": (
        (
            "pytest",
            (
                *("-m", "pytest", "-q", "-n", "2", "--dist", "loadscope", "--tb", "short"),
                *("--durations", "25", "--durations-min", "5"),
            ),
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one command of one part ended."""

    part: str
    name: str
    code: int
    seconds: float


def run(*, places: Places, options: argparse.Namespace) -> int:
    """
    Run the parts asked for.

    :returns: the exit code of the first command that failed, 0 if none did
    """
    parts = [options.only] if options.only else list(PARTS)
    if options.nightly:
        os.environ[NIGHTLY] = "1"
    os.environ[FOR_TESTS] = "1"
    with servers_for(os.environ, places=places) as servers:
        sys.stdout.write(f"         servers: {'; '.join(servers.describe)}\n")
        outcomes = _run_all(places=places, parts=parts, for_pytest=options.pytest)
    sys.stdout.write("\n")
    for each in outcomes:
        verdict = "passed" if each.code == 0 else f"FAILED ({each.code})"
        sys.stdout.write(f"{each.seconds:6.1f} s  {each.part}: {each.name}: {verdict}\n")
    if "tests" in parts:
        sys.stdout.write("".join(f"FAILED {name}\n" for name in _name_failed(report=_report(places))))
        sys.stdout.write(f"{_count_tests(report=_report(places))}\n")
    return next((each.code for each in outcomes if each.code), 0)


def _run_all(*, places: Places, parts: Sequence[str], for_pytest: Sequence[str]) -> list[Outcome]:
    report = _report(places)
    report.unlink(missing_ok=True)
    outcomes = []
    for part in parts:
        for name, arguments in PARTS[part]:
            more = (f"--junit-xml={report}", *for_pytest) if part == "tests" else ()
            outcomes.append(_run(places=places, part=part, name=name, arguments=(*arguments, *more)))
    return outcomes


def _run(*, places: Places, part: str, name: str, arguments: Sequence[str]) -> Outcome:
    sys.stdout.write(f"\n── {part}: {name}\n")
    sys.stdout.flush()
    begun = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=places.root,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches us alone, and it once
        preexec_fn=processes.die_with_parent(signal.SIGINT),
    )
    try:
        code = child.wait()
    finally:
        processes.end_child(child, sign=signal.SIGINT, seconds=STOP_SECONDS)
    return Outcome(part=part, name=name, code=code, seconds=time.monotonic() - begun)


def _report(places: Places) -> Path:
    return places.local / "tests.xml"


def _name_failed(*, report: Path) -> list[str]:
    """Name what failed once more at the very end, with the first line of why: who looks at a long log looks there."""
    try:
        cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314  pytest wrote it a moment ago
    except (OSError, ET.ParseError):
        return []
    told: dict[str, str] = {}
    for case in cases:
        for wrong in (*case.iter("failure"), *case.iter("error")):
            name = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
            told.setdefault(name, (wrong.get("message") or "").partition("\n")[0][:WHY_LENGTH])
    return [f"{name} - {why}" for name, why in told.items()]


def _count_tests(*, report: Path) -> str:
    """Read pytest's own report; the last line of ours is for machines: ``N passed, N failed``."""
    try:
        suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314  pytest wrote it a moment ago
    except (OSError, ET.ParseError):
        return "0 passed, 1 failed"
    kinds = ("tests", "failures", "errors", "skipped")
    counted = {kind: sum(int(suite.get(kind, 0)) for suite in suites) for kind in kinds}
    failed = counted["failures"] + counted["errors"]
    passed = counted["tests"] - failed - counted["skipped"]
    return f"{counted['skipped']} skipped\n{passed} passed, {failed} failed"
