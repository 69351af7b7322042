"""Locks that a dead holder cannot keep."""

import subprocess
import sys

import pytest

from billing_site.local.locks import FileLock, exclusive, is_held
from billing_site.local.places import HERE

HOLDER = """
import sys, pathlib
sys.path.insert(0, {root!r})
from billing_site.local.locks import FileLock
lock = FileLock(pathlib.Path({path!r}))
lock.take()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lock"


def test_many_share_and_one_excludes(path):
    first, second, third = FileLock(path), FileLock(path), FileLock(path)

    assert first.try_take(shared=True)
    assert second.try_take(shared=True)
    assert not third.try_take()
    first.close()
    second.release()
    assert third.try_take()
    assert is_held(path)


def test_shared_lock_does_not_count_as_held_by_one(path):
    lock = FileLock(path)
    lock.take(shared=True)

    assert not is_held(path)


def test_waiting_ends_when_the_time_is_over(path):
    with exclusive(path):
        assert not FileLock(path).take_within(seconds=0.1)
    assert FileLock(path).take_within(seconds=0.1)


def test_lock_of_a_killed_process_is_free(path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER.format(root=str(HERE.root), path=str(path))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    assert is_held(path)

    holder.kill()
    holder.communicate()

    assert not is_held(path)


def test_lock_is_not_inherited_by_a_program_we_start(path):
    lock = FileLock(path)
    lock.take()
    child = subprocess.Popen(["sleep", "30"], close_fds=False)
    lock.close()

    try:
        assert not is_held(path)
    finally:
        child.kill()
        child.wait()
