import io
import json

import pytest
from django.core.management import CommandError, call_command

from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.progress import (
    JobCannotChange,
    add_progress,
    cancel_job,
    fail_job,
    fail_stranded_jobs,
    finish_job,
    pause_job,
    resume_job,
    retry_parked,
    set_stage,
    start_job,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> Job:
    return start_job(kind="tests.job", title="Tests", started_by="x")


def said(*words: str) -> str:
    out = io.StringIO()
    call_command("jobs", *words, stdout=out)
    return out.getvalue()


def test_start_job_with_a_known_key_returns_the_first():
    first = start_job(kind="tests.job", title="Tests", started_by="x", key="k")

    assert start_job(kind="tests.job", title="Again", started_by="y", key="k") == first
    assert Job.objects.count() == 1


def test_progress_of_a_stage_begins_at_zero(job: Job):
    set_stage(job_id=job.pk, stage="First", index=1, count=2, total_units=10)
    add_progress(job_id=job.pk, done_units=4, set_aside_units=1, amount_minor=50)
    set_stage(job_id=job.pk, stage="Second", index=2, count=2, total_units=5)
    add_progress(job_id=job.pk, done_units=2, amount_minor=7)

    job.refresh_from_db()
    assert (job.stage, job.done_units, job.total_units, job.set_aside_units) == ("Second", 2, 5, 1)


def test_finish_job_keeps_its_result(job: Job):
    finish_job(job_id=job.pk, result={"rows": 3})

    job.refresh_from_db()
    assert (job.state, job.result, job.is_finished) == ("DONE", {"rows": 3}, True)
    assert job.finished_at is not None


@pytest.mark.parametrize("act", [pause_job, cancel_job, resume_job])
def test_finished_job_cannot_change(job: Job, act):
    fail_job(job_id=job.pk, message="no disk")

    with pytest.raises(JobCannotChange):
        act(job_id=job.pk)

    job.refresh_from_db()
    assert (job.state, job.message) == ("FAILED", "no disk")


def test_set_stage_of_a_paused_job_leaves_it_paused(job: Job):
    pause_job(job_id=job.pk)

    set_stage(job_id=job.pk, stage="Next", index=1, count=1, total_units=1)

    job.refresh_from_db()
    assert (job.state, job.stage) == ("PAUSED", "Next")


def test_finish_job_that_was_cancelled_leaves_it_cancelled(job: Job):
    cancel_job(job_id=job.pk)

    finish_job(job_id=job.pk)

    job.refresh_from_db()
    assert job.state == "CANCELLED"


def test_jobs_list_shows_what_runs(job: Job):
    done = start_job(kind="tests.job", title="Done", started_by="x")
    finish_job(job_id=done.pk)

    assert [row["id"] for row in json.loads(said("list", "--json"))["jobs"]] == [job.pk]
    assert [row["id"] for row in json.loads(said("list", "--all", "--json"))["jobs"]] == [done.pk, job.pk]


def test_jobs_list_without_jobs_says_so():
    assert said("list", "--all") == "No job.\n"


def test_jobs_pause_resume_cancel_change_the_job(job: Job):
    for act, state in (("pause", "PAUSED"), ("resume", "RUNNING"), ("cancel", "CANCELLED")):
        assert json.loads(said(act, str(job.pk), "--json"))["state"] == state


def test_jobs_cancel_of_a_finished_job_exits_3(job: Job):
    finish_job(job_id=job.pk)

    with pytest.raises(CommandError, match="DONE") as refused:
        said("cancel", str(job.pk))

    assert refused.value.returncode == 4


@pytest.mark.parametrize("words", [("show",), ("show", "4711"), ("pause",)])
def test_jobs_without_a_job_says_what_to_type(words: tuple[str, ...]):
    with pytest.raises(CommandError, match=r"manage\.py jobs") as refused:
        said(*words)

    assert refused.value.returncode == 2


def test_job_with_nothing_left_but_parked_pieces_has_failed_and_goes_on_when_they_are_tried_again(job):
    parked = WorkItem.objects.create(kind="tests.piece", key="1", job=job, state="PARKED", last_error="OSError: full")
    other = WorkItem.objects.create(kind="tests.piece", key="2", job=job)

    assert fail_stranded_jobs() == 0
    WorkItem.objects.filter(pk=other.pk).update(state="DONE")
    assert fail_stranded_jobs() == 1
    job.refresh_from_db()
    assert (job.state, job.message) == ("FAILED", "tests.piece 1: OSError: full")
    assert fail_stranded_jobs() == 0

    assert retry_parked(job_id=job.pk) == 1
    job.refresh_from_db()
    parked.refresh_from_db()
    assert (job.state, job.message, parked.state, parked.attempt) == ("RUNNING", "", "TODO", 0)
