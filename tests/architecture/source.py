"""The project's own source, for tests that read it."""

import ast
import functools
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("tariffs", "subscribers", "rating", "invoicing", "payments", "reconciliation", "reports")
PACKAGES = ("billing_site", *APPS)


@functools.cache
def modules() -> tuple[Path, ...]:
    """Return every module of the product, migrations left out."""
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return tuple(sorted(path for path in found if "migrations" not in path.parts))


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name_of(path: Path) -> str:
    """Return the path from the root, for messages."""
    return path.relative_to(ROOT).as_posix()


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Give every function and method of a module."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@functools.cache
def committed_files() -> tuple[Path, ...]:
    """Return every file that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    return tuple(path for name in sorted(listed) if name and (path := ROOT / name).is_file())
