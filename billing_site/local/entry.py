"""
What ``manage.py`` does with its first word, before Django: set up, re-start inside the virtual environment, have
servers run.
"""

import errno
import importlib
import os
import sys
from collections.abc import Callable

from billing_site.local import environment, postgres_programs, servers
from billing_site.local.errors import SetupError
from billing_site.local.stopping import Stopped

# These bring their own set-up and run on the machine's Python.
SETTING_UP = {"demo": "launcher", "selftest": "launcher"}
# These run inside the virtual environment, without Django.
WITHOUT_DJANGO = {"services": "services", "doctor": "doctor"}
FAILED, INTERRUPTED = 1, 130


def main(argv: list[str], *, run_django: Callable[[], None]) -> int:
    """
    Run one command.

    :returns: the exit code
    """
    try:
        return _run(argv, run_django=run_django)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.stderr.write(f"{SetupError('The disk is full.', mend='make room, then type the same command again')}\n")
        return FAILED
    except Stopped as stopped:
        return stopped.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(argv: list[str], *, run_django: Callable[[], None]) -> int:
    word = argv[1] if len(argv) > 1 else "help"
    if word in SETTING_UP:
        return int(importlib.import_module(f"billing_site.local.{SETTING_UP[word]}").main(argv[1:]))
    environment.enter(argv)
    if word in WITHOUT_DJANGO:
        return int(importlib.import_module(f"billing_site.local.{WITHOUT_DJANGO[word]}").main(argv[2:]))
    if word == "dbshell":
        _have_psql_found()
    return _run_with_servers(run_django)


def _run_with_servers(run_django: Callable[[], None]) -> int:
    with servers.servers_for(os.environ):
        run_django()
    return 0


def _have_psql_found() -> None:
    """Put the programs of the PostgreSQL that we run first: the machine may have no psql, or one that is older."""
    binaries = postgres_programs.find_binaries()
    if binaries is not None:
        os.environ["PATH"] = os.pathsep.join([str(binaries.folder), os.environ.get("PATH", os.defpath)])
