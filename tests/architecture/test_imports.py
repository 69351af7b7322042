"""Imports that no contract can see: heavy libraries come late, and nothing else does."""

import ast
import subprocess
import sys

from tests.architecture.source import ROOT, modules, name_of, tree_of

# Loaded before a fork, or by every command, they would cost seconds and threads.
LATE = ("polars", "weasyprint")
REASONED = "PLC0415"


EVERYTHING = (
    "import sys, django; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns;"
    " from billing_site.celery import app; app.loader.import_default_modules();"
    " print(*[name for name in sys.argv[1:] if name in sys.modules])"
)


def test_heavy_libraries_are_not_loaded_by_what_every_process_loads():
    """A worker forks: threads that a library started before would be missing in the child."""
    loaded = subprocess.run(
        [sys.executable, "-c", EVERYTHING, *LATE], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert loaded.stdout.split() == []


def test_imports_inside_functions_give_their_reason():
    silent = []
    for path in modules():
        if name_of(path).startswith("billing_site/local/"):
            continue  # the launcher runs before anything is installed
        lines = path.read_text(encoding="utf-8").splitlines()
        top = {id(node) for node in tree_of(path).body}
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in top:
                is_typing = any("TYPE_CHECKING" in line for line in lines[max(0, node.lineno - 12) : node.lineno])
                if not is_typing and REASONED not in lines[node.lineno - 1]:
                    silent.append(f"{name_of(path)}:{node.lineno}")

    assert silent == []
