"""The panel says what the row says, and stops asking at the end."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from billing_site.jobs.models import Job
from billing_site.web.job_panel import JobLinks, Sample, make_job_panel
from tests.web.wrapped import assert_numbers_wrapped

NOW = datetime(2026, 3, 5, 6, 10, tzinfo=UTC)
LINKS = JobLinks(panel="/p/", pause="/pause/", cancel="/cancel/", resume="/resume/")


def panel_of(sample=None, links=LINKS, **fields):
    job = Job(
        pk=7,
        **{
            "title": "Bill run",
            "state": "RUNNING",
            "done_units": 64_120,
            "total_units": 100_240,
            "stage_index": 3,
            **fields,
        },
    )
    return make_job_panel(job=job, links=links, now=NOW, sample=sample)


@pytest.mark.parametrize(
    ("fields", "percent"),
    [
        ({}, 63),
        ({"done_units": 0}, 0),
        ({"done_units": 100_239}, 99),
        ({"done_units": 200_000}, 100),
        ({"total_units": 0}, 0),
        ({"total_units": 0, "done_units": 0, "state": "DONE"}, 100),
    ],
)
def test_panel_percent_never_says_done_before_the_end(fields, percent):
    assert panel_of(**fields).percent == percent


def test_panel_speed_is_that_of_the_stage_at_hand():
    sample = Sample(stage_index=3, done_units=60_000, at=NOW - timedelta(seconds=10))

    panel = panel_of(sample)

    assert (panel.units_per_second, panel.time_left) == (412, "1 min 27 s")
    assert panel.poll_url == f"/p/?stage=3&done=60000&since={int(sample.at.timestamp())}"


@pytest.mark.parametrize(
    "sample",
    [
        None,
        Sample(stage_index=2, done_units=100, at=NOW - timedelta(seconds=10)),
        Sample(stage_index=3, done_units=90_000, at=NOW - timedelta(seconds=10)),
    ],
)
def test_panel_speed_starts_anew_with_the_stage(sample):
    panel = panel_of(sample)

    assert (panel.units_per_second, panel.time_left) == (None, "")
    assert f"done=64120&since={int(NOW.timestamp())}" in panel.poll_url


@pytest.mark.parametrize(
    ("state", "live", "buttons"),
    [
        ("QUEUED", True, (True, True, False)),
        ("RUNNING", True, (True, True, False)),
        ("PAUSED", True, (False, True, True)),
        ("CANCELLED", False, (False, False, False)),
        ("DONE", False, (False, False, False)),
        ("FAILED", False, (False, False, False)),
    ],
)
def test_panel_buttons_fit_the_state(state, live, buttons):
    panel = panel_of(state=state)

    assert (panel.is_live, (panel.can_pause, panel.can_cancel, panel.can_resume)) == (live, buttons)


def test_panel_without_the_right_has_no_buttons():
    panel = panel_of(links=JobLinks(panel="/p/"))

    assert (panel.can_pause, panel.can_cancel, panel.can_resume) == (False, False, False)


@pytest.mark.parametrize(
    ("fields", "spoken"),
    [
        ({"done_units": 10}, ""),
        ({}, "Bill run: 50 per cent."),
        ({"state": "DONE"}, "Bill run: done."),
        ({"state": "FAILED"}, "Bill run: failed."),
    ],
)
def test_panel_speaks_at_quarters_and_at_the_end(fields, spoken):
    assert panel_of(**fields).spoken == spoken


@pytest.mark.parametrize(
    "query", [{}, {"stage": "x", "done": "1", "since": "1"}, {"stage": "1", "done": "1", "since": "9" * 30}]
)
def test_sample_that_cannot_be_read_is_none(query):
    assert Sample.read(query) is None


@pytest.mark.django_db
@pytest.mark.usefixtures("sample_site")
@pytest.mark.parametrize(
    ("state", "status", "asks"),
    [("RUNNING", 200, True), ("PAUSED", 200, True), ("DONE", 286, False), ("FAILED", 286, False)],
)
def test_panel_answer_stops_the_questions_at_the_end(reader, make_jobs, state, status, asks):
    (job,) = make_jobs(1, state=state, stage="Taxes", message="Ended at account 0007741-3")

    answer = reader.get(reverse("sample:panel", args=[job.pk]))

    assert (answer.status_code, 'hx-trigger="every 1s"' in answer.text) == (status, asks)
    assert 'role="progressbar"' in answer.text or "<progress " in answer.text


@pytest.mark.django_db
@pytest.mark.usefixtures("sample_site")
def test_panel_in_arabic_wraps_every_number(reader, make_jobs):
    (job,) = make_jobs(1, stage="Taxes", set_aside_units=2_490, done_units=64_120, amount_minor=-1_204_551)

    with translation.override("ar"):
        answer = reader.get(reverse("sample:panel", args=[job.pk]), headers={"Accept-Language": "ar"})

    assert_numbers_wrapped(answer.text)
    assert "نُحّي جانبًا" in answer.text
