"""
The environment our Python runs in: the checkout's virtual environment and, where they were unpacked, its private
libraries.
"""

import os
import sys
from pathlib import Path

from billing_site.local.errors import SetupError
from billing_site.local.places import HERE, Places

# PulseAudio, which browsers are linked with, looks for a part of itself at one fixed place; so that is named here too.
LIBRARY_FOLDERS = ("usr/lib/*-linux-*", "lib/*-linux-*", "usr/lib/*-linux-*/pulseaudio")


def library_folders(*, places: Places = HERE) -> list[Path]:
    """List the folders into which packages were unpacked; a half-made one ends in ``.new`` and does not count."""
    return [each for each in sorted(places.libraries.glob("*/")) if each.is_dir() and each.suffix != ".new"]


def child_environment(*, places: Places = HERE) -> dict[str, str]:
    """
    Make the environment for our Python processes: the machine's, untouched but for what must differ.

    Byte code is written (without it each worker start compiles everything again), and private libraries and fonts are
    found.
    """
    result = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    unpacked = library_folders(places=places)
    folders = [str(found) for each in unpacked for pattern in LIBRARY_FOLDERS for found in sorted(each.glob(pattern))]
    if folders:
        given = [part for part in result.get("LD_LIBRARY_PATH", "").split(":") if part and part not in folders]
        result["LD_LIBRARY_PATH"] = ":".join([*folders, *given])
    if unpacked:
        result["FONTCONFIG_FILE"] = str(places.libraries / "fonts.conf")
    return result


def is_inside(*, places: Places = HERE) -> bool:
    """Say whether this process is the virtual environment's Python and was started with its libraries."""
    wanted = child_environment(places=places)
    return sys.prefix == str(places.venv) and wanted.get("LD_LIBRARY_PATH") == os.environ.get("LD_LIBRARY_PATH")


def enter(argv: list[str], *, places: Places = HERE) -> None:
    """
    Be the virtual environment's Python with its libraries; if this is another, start over as that one and do not
    return.

    :raises SetupError: if the machine was never set up
    """
    if is_inside(places=places):
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        sys.dont_write_bytecode = False
        return
    if not os.access(places.venv_python, os.X_OK):
        raise SetupError("This checkout is not set up yet.", mend="python3 manage.py demo")
    command = [str(places.venv_python), str(places.root / "manage.py"), *argv[1:]]
    os.execve(command[0], command, child_environment(places=places))  # noqa: S606  it is our own Python
