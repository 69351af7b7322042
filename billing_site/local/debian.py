"""
Packages of the system: installed by root, or unpacked into a private folder by anybody.

The private way asks apt for what is missing here, with lists and archives of its own, and unpacks them without
installing: nothing of the system is touched, and no rights are needed.
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

from billing_site.local import programs
from billing_site.local.environment import library_folders
from billing_site.local.errors import SetupError
from billing_site.local.places import Places

STATUS = Path("/var/lib/dpkg/status")
# A network that answers nothing is given up in a minute, not in ten; an apt at work already is waited for.
PATIENCE = (
    *("-o", "Acquire::Retries=1"),
    *("-o", "Acquire::http::Timeout=15"),
    *("-o", "Acquire::https::Timeout=15"),
    *("-o", "DPkg::Lock::Timeout=120"),
)


def is_here() -> bool:
    """Say whether this is a Debian or one of its kin, whose packages we can name."""
    return shutil.which("apt-get") is not None and STATUS.exists()


def can_install() -> bool:
    """Say whether we may install packages for the whole machine."""
    return os.geteuid() == 0 and is_here()


def install(packages: Sequence[str]) -> None:
    """
    Install packages for the whole machine; the lists are fetched only if what we want is not in them.

    :raises SetupError: if apt fails
    """
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", *PATIENCE]
    command = [*apt, "install", "-y", "--no-install-recommends", *packages]
    if programs.succeeds(command, environment=environment):
        return
    programs.succeeds(["dpkg", "--configure", "-a"], environment=environment)  # an earlier try may have been killed
    with _lists_updated(apt, mend=install_line(packages), environment=environment):
        programs.run(
            command,
            what="apt-get install",
            mend=install_line(packages),
            environment=environment,
            may_outlive_us=True,
        )


def unpack(packages: Sequence[str], *, places: Places, name: str) -> None:
    """
    Unpack packages, with those of their dependencies that the machine lacks, into the private folder of this name.

    :raises SetupError: if they cannot be fetched
    """
    final = places.libraries / name
    new = places.libraries / f"{name}.new"
    work = places.local / "apt"
    for folder in (new, work):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (new, work / "state" / "lists" / "partial", work / "cache" / "archives" / "partial"):
        folder.mkdir(parents=True)
    apt = [
        "apt-get",
        "-q",
        *PATIENCE,
        *("-o", f"Dir::State={work / 'state'}"),
        *("-o", f"Dir::State::status={STATUS}"),
        *("-o", f"Dir::Cache={work / 'cache'}"),
        *("-o", "Debug::NoLocking=1"),
        *("-o", "APT::Sandbox::User=root"),  # whoever we are, apt remains it: it need not even have a name
    ]
    mend = install_line(packages)
    fetch = [*apt, "install", "-y", "--no-install-recommends", "--download-only", *packages]
    with _lists_updated(apt, mend=mend):
        programs.run(fetch, what="apt-get install --download-only", mend=mend)
    for archive in sorted((work / "cache" / "archives").glob("*.deb")):
        programs.run(["dpkg-deb", "-x", archive, new], what=f"Unpacking {archive.name}", mend=mend)
    shutil.rmtree(work)
    shutil.rmtree(final, ignore_errors=True)
    new.rename(final)
    write_fonts_configuration(places=places)


@contextmanager
def _lists_updated(apt: Sequence[str], *, mend: str, environment: Mapping[str, str] | None = None) -> Iterator[None]:
    """
    Fetch the lists of packages, then do what the block does.

    That one of many sources is away need not matter. If the block then fails, that was why, and what the fetching
    said is told: apt itself would only say that it knows no such package.

    :raises SetupError: if the block fails
    """
    away: SetupError | None = None
    try:
        programs.run(
            [*apt, "-o", "APT::Update::Error-Mode=any", "update"],
            what="apt-get update",
            mend=mend,
            environment=environment,
        )
    except SetupError as error:
        away = error
    try:
        yield
    except SetupError as error:
        raise (away or error) from error


def write_fonts_configuration(*, places: Places) -> None:
    """Tell fontconfig of the system's fonts and of the private ones."""
    system = Path("/etc/fonts/fonts.conf")
    lines = [
        "<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'fonts.dtd'><fontconfig>",
        f"<include ignore_missing='yes'>{system}</include>",
        "<dir>/usr/share/fonts</dir>",
        *(f"<dir>{escape(str(folder))}/usr/share/fonts</dir>" for folder in library_folders(places=places)),
        f"<cachedir>{escape(str(places.local))}/fontcache</cachedir>",
        "</fontconfig>",
    ]
    (places.libraries / "fonts.conf").write_text("\n".join(lines), encoding="utf-8")


def install_line(packages: Sequence[str]) -> str:
    """Write the line that root would type."""
    return f"sudo apt-get install --no-install-recommends {' '.join(packages)}"


def need(packages: Sequence[str], *, places: Places, name: str, why: str) -> str:
    """
    Get packages by the best way open to us.

    :returns: how, for the step's line
    :raises SetupError: if there is no way
    """
    if not is_here():
        raise SetupError(f"{why} is missing, and this is no Debian, so we cannot get it.", mend=f"install {why}")
    if can_install():
        install(packages)
        return f"installed {' '.join(packages)}"
    unpack(packages, places=places, name=name)
    return f"unpacked {' '.join(packages)} into .local/libraries/{name}"
