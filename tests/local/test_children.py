"""What a serving command starts it stops, newest first, and what a killed one left the next one ends."""

import json
import signal
import subprocess
import sys

import pytest

from billing_site.local.children import Children
from billing_site.local.errors import SetupError
from billing_site.local.processes import start_time_of

# Says its name into a file when it is asked to end.
TELLER = """
import signal, sys, time
def tell(*_):
    with open("ended", "a") as file:
        file.write(sys.argv[1] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, tell)
open(sys.argv[1], "w").close()
time.sleep(60)
"""


@pytest.fixture
def children(tmp_path):
    made = Children(record=tmp_path / "record.json", folder=tmp_path, logs=tmp_path)
    yield made
    made.stop_all()


def start_teller(children, tmp_path, name):
    child = children.start(name, [sys.executable, "-c", TELLER, name])
    while not (tmp_path / name).exists():
        assert child.process.poll() is None
    return child


def test_newest_is_stopped_first(children, tmp_path):
    for name in ("worker", "beat", "web"):
        start_teller(children, tmp_path, name)

    children.stop_all()

    assert (tmp_path / "ended").read_text().split() == ["web", "beat", "worker"]
    assert json.loads((tmp_path / "record.json").read_text()) == []


def test_leftovers_of_a_killed_command_are_ended(children, tmp_path):
    child = start_teller(children, tmp_path, "worker")

    ended = Children(record=tmp_path / "record.json", folder=tmp_path, logs=tmp_path).end_leftovers()

    assert ended == ["worker"]
    assert child.process.wait(timeout=60) in {0, -signal.SIGKILL}


def test_strangers_with_a_recorded_number_are_left_alone(children, tmp_path):
    stranger = subprocess.Popen(["sleep", "60"])
    start_time = start_time_of(stranger.pid)
    assert start_time is not None
    (tmp_path / "record.json").write_text(json.dumps([["worker", stranger.pid, start_time - 1]]))

    try:
        assert children.end_leftovers() == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_record_cut_short_is_no_obstacle(children, tmp_path):
    (tmp_path / "record.json").write_text('[["wor')

    assert children.end_leftovers() == []


def test_death_of_a_watched_process_ends_the_job_with_the_end_of_its_log(children):
    children.start("worker", [sys.executable, "-c", "import sys; sys.exit('no broker')"]).process.wait()

    with pytest.raises(SetupError, match=r"worker ended with code 1:\nno broker"):
        children.run("job", ["sleep", "60"])


def test_code_of_a_job_is_given_back(children):
    assert children.run("job", [sys.executable, "-c", "raise SystemExit(4)"]) == 4


def test_waiting_ends_with_the_time_and_the_process_goes_on(children):
    child = children.start("job", ["sleep", "60"])

    assert not children.wait_for(child, seconds=0)
    assert child.process.poll() is None
