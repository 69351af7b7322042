import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from billing_site.identity.models import Department
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.progress import cancel_job, pause_job, resume_job, start_job
from billing_site.jobs.work import UnknownWork, add_work, do_next, drain, due_kinds, handles, registered_kinds
from tests.fixtures.databases import TestDatabase
from tests.jobs import handlers

ROOT = Path(__file__).resolve().parents[2]
DIE_ONCE = (
    "import django; django.setup(); import tests.jobs.handlers; from billing_site.jobs.work import do_next;"
    " do_next('tests.die')"
)
HANDLERS = (handlers.write, handlers.fail, handlers.die)


@pytest.fixture(autouse=True)
def _database(fresh_database: TestDatabase, broker: str) -> None:
    """Each test uses keys of its own: what it leaves is done or parked."""


def add(kind: str, *keys: str, job: Job | None = None) -> None:
    with transaction.atomic():
        add_work(kind=kind, items={key: {"code": key} for key in keys}, job_id=job.pk if job else None)


def states(kind: str) -> dict[str, str]:
    return dict(WorkItem.objects.filter(kind=kind).values_list("key", "state"))


def test_add_work_twice_adds_it_once():
    add("tests.write", "twice")
    add("tests.write", "twice")

    assert drain("tests.write") == 1
    assert states("tests.write")["twice"] == "DONE"


def test_add_work_of_a_transaction_that_fails_adds_nothing():
    with transaction.atomic():
        add_work(kind="tests.write", items={"undone": {"code": "undone"}})
        transaction.set_rollback(True)

    assert "undone" not in states("tests.write")


def test_do_next_of_an_unknown_kind_is_refused():
    with pytest.raises(UnknownWork):
        do_next("tests.nobody_does_this")


def test_do_next_without_work_does_nothing():
    assert do_next("tests.write") is False


def test_do_next_by_many_does_each_piece_once():
    keys = [f"many-{n}" for n in range(20)]
    add("tests.write", *keys)
    barrier = Barrier(4)

    def work(_: int) -> int:
        barrier.wait()
        try:
            return drain("tests.write")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        tried = sum(pool.map(work, range(4)))

    assert tried == 20
    assert Department.objects.filter(code__startswith="many-").count() == 20
    assert WorkItem.objects.filter(key__startswith="many-").values_list("state", "attempt").distinct().get() == (
        "DONE",
        1,
    )


def test_do_next_while_another_holds_the_first_piece_takes_the_second():
    add("tests.write", "held", "free")
    is_held, may_go = Barrier(2, timeout=60), Barrier(2, timeout=60)

    def hold() -> None:
        try:
            with transaction.atomic():
                WorkItem.objects.select_for_update().get(key="held")
                is_held.wait()
                may_go.wait()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        is_held.wait()
        do_next("tests.write")
        free = states("tests.write")
        may_go.wait()
        held.result()

    assert (free["held"], free["free"]) == ("TODO", "DONE")
    drain("tests.write")
    assert states("tests.write")["held"] == "DONE"


def test_do_next_that_fails_three_times_parks_the_piece_and_leaves_nothing():
    add("tests.fail", "poison")

    assert drain("tests.fail") == 3

    item = WorkItem.objects.get(kind="tests.fail", key="poison")
    assert (item.state, item.attempt, item.last_error) == ("PARKED", 3, "ValueError: it never works")
    assert not Department.objects.filter(code="poison").exists()


def test_do_next_that_kills_its_process_three_times_is_parked(fresh_database: TestDatabase):
    add("tests.die", "deadly")
    for _ in range(3):
        died = subprocess.run([sys.executable, "-c", DIE_ONCE], cwd=ROOT, check=False, capture_output=True)
        assert died.returncode == -9, died.stderr
        WorkItem.objects.filter(key="deadly").update(claimed_until=Now() - timedelta(seconds=1))

    assert do_next("tests.die") is True

    item = WorkItem.objects.get(key="deadly")
    assert (item.state, item.attempt, item.last_error) == ("PARKED", 3, "The process died at this item.")
    assert not Department.objects.filter(code="deadly").exists()


def test_paused_job_is_not_worked_on_until_it_is_resumed():
    job = start_job(kind="tests.job", title="Tests", started_by="x")
    add("tests.write", "paused", job=job)
    pause_job(job_id=job.pk)

    assert do_next("tests.write") is False
    assert due_kinds() == []
    resume_job(job_id=job.pk)
    assert due_kinds() == ["tests.write"]
    assert drain("tests.write") == 1


def test_cancelled_job_is_never_worked_on():
    job = start_job(kind="tests.job", title="Tests", started_by="x")
    add("tests.write", "cancelled", job=job)
    cancel_job(job_id=job.pk)

    assert do_next("tests.write") is False
    assert states("tests.write")["cancelled"] == "TODO"


def test_registered_kinds_are_those_that_something_handles():
    handles("tests.another")(handlers.write)

    assert {"tests.another", "tests.die", "tests.fail", "tests.write"} <= set(registered_kinds())
