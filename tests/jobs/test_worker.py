"""A real worker at a real broker: losing every message loses no work."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import transaction

from billing_site.identity.models import Department
from billing_site.jobs.models import WorkItem
from billing_site.jobs.tasks import sweep_work
from billing_site.jobs.work import add_work
from tests.fixtures.databases import TestDatabase
from tests.jobs.conftest import flush, use_broker

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120


@contextmanager
def a_worker(broker: str) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "celery", "-A", "billing_site", "worker", "-c", "1", "-I", "tests.jobs.handlers"]
    environment = {**os.environ, "CELERY_BROKER_URL": broker, "PYTHONPATH": str(ROOT)}
    worker = subprocess.Popen(
        [*command, "--without-gossip", "--without-mingle", "--loglevel", "ERROR"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield worker
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def wait_until(is_so: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so() and time.monotonic() < end:
        time.sleep(0.1)
    return is_so()


def all_done(prefix: str) -> bool:
    return not WorkItem.objects.filter(key__startswith=prefix).exclude(state="DONE").exists()


def add(prefix: str, count: int) -> None:
    with transaction.atomic():
        add_work(kind="tests.write", items={f"{prefix}{n}": {"code": f"{prefix}{n}"} for n in range(count)})


def test_worker_does_what_is_added(fresh_database: TestDatabase, broker: str):
    with a_worker(broker):
        add("rung", 5)

        assert wait_until(lambda: all_done("rung"))
    assert Department.objects.filter(code__startswith="rung").count() == 5


def test_broker_that_forgets_everything_loses_no_work(fresh_database: TestDatabase, broker: str):
    add("flushed", 5)
    flush()

    with a_worker(broker):
        sweep_work()

        assert wait_until(lambda: all_done("flushed"))
    assert Department.objects.filter(code__startswith="flushed").count() == 5


def test_broker_that_does_not_answer_loses_no_work(
    fresh_database: TestDatabase, broker: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    use_broker(f"redis+socket://{tmp_path}/nobody.sock")
    try:
        add("silent", 2)
    finally:
        use_broker(broker)

    assert "The broker does not answer" in caplog.text
    assert WorkItem.objects.filter(key__startswith="silent", state="TODO").count() == 2
    with a_worker(broker):
        sweep_work()
        assert wait_until(lambda: all_done("silent"))


def test_worker_killed_in_the_middle_loses_no_work(fresh_database: TestDatabase, broker: str):
    add("killed", 40)
    with a_worker(broker):
        wait_until(lambda: WorkItem.objects.filter(key__startswith="killed", state="DONE").exists())
    WorkItem.objects.filter(state="TODO").update(claimed_until=None)

    with a_worker(broker):
        sweep_work()
        assert wait_until(lambda: all_done("killed"))

    assert Department.objects.filter(code__startswith="killed").count() == 40
