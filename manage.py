#!/usr/bin/env python3
"""
The one entry: ``demo`` and ``selftest`` set a machine up, every other command just works on it.

Until Django is wanted this file and ``billing_site/local`` use the standard library only, and any Python from 3.11 on
will do; an older one is told so.
"""

import os
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent


def import_without_celery() -> None:
    """Let ``billing_site.local`` be imported where ``billing_site/__init__.py``, which wants Celery, cannot run yet."""
    package = ModuleType("billing_site")
    package.__path__ = [str(ROOT / "billing_site")]
    sys.modules["billing_site"] = package


def run_django() -> None:
    """Hand over to Django, with the real package in place of the bare one."""
    del sys.modules["billing_site"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_site.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  Django exists only in the virtual environment

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  an older one could not even read what follows
        version = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"Python 3.11 or newer is needed; this is {version}.\n  To mend it: python3.11 manage.py demo")
    sys.path[:1] = [str(ROOT)]
    import_without_celery()
    from billing_site.local import entry

    sys.exit(entry.main(sys.argv, run_django=run_django))
