"""Processes are known by number and start, end when asked, and do not outlive us."""

import os
import signal
import subprocess
import sys
import time

import pytest

from billing_site.local.places import HERE
from billing_site.local.processes import (
    end_child,
    end_recorded,
    folder_of,
    is_same_process,
    start_time_of,
)

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)
PARENT = """
import signal, subprocess, sys, time
sys.path.insert(0, {root!r})
from billing_site.local.processes import die_with_parent
child = subprocess.Popen(["sleep", "60"], preexec_fn=die_with_parent(signal.SIGTERM), start_new_session=True)
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def sleeper():
    child = subprocess.Popen(["sleep", "60"], cwd="/")
    yield child
    child.kill()
    child.wait()


@pytest.fixture
def stubborn():
    child = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    yield child
    child.kill()
    child.communicate()


def test_process_is_known_again_by_its_start(sleeper):
    start_time = start_time_of(sleeper.pid)

    assert start_time is not None
    assert is_same_process(pid=sleeper.pid, start_time=start_time)
    assert not is_same_process(pid=sleeper.pid, start_time=start_time + 1)


def test_dead_process_that_waits_to_be_collected_is_gone(sleeper):
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)

    assert start_time_of(sleeper.pid) is None


def test_folder_of_a_process(sleeper):
    assert str(folder_of(sleeper.pid)) == "/"


def test_other_process_with_a_recorded_number_is_left_alone(sleeper):
    ended = end_recorded(pid=sleeper.pid, start_time=1, sign=signal.SIGKILL, seconds=1)

    assert not ended
    assert sleeper.poll() is None


def test_child_that_will_not_end_is_killed(stubborn):
    end_child(stubborn, sign=signal.SIGTERM, seconds=0.3)

    assert stubborn.returncode == -signal.SIGKILL


def test_child_that_ends_when_asked_is_not_killed(sleeper):
    end_child(sleeper, sign=signal.SIGTERM, seconds=10)

    assert sleeper.returncode == -signal.SIGTERM


def test_child_dies_with_a_killed_parent():
    parent = subprocess.Popen([sys.executable, "-c", PARENT.format(root=str(HERE.root))], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    start_time = start_time_of(child)
    assert start_time is not None

    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 60
    while is_same_process(pid=child, start_time=start_time) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert not is_same_process(pid=child, start_time=start_time)
