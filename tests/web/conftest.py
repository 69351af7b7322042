"""The sample site and rows to show on it."""

import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import translation

from billing_site.jobs.models import Job

EARLY = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
STATES = ("RUNNING", "DONE", "PAUSED", "FAILED", "CANCELLED", "QUEUED")
NAMES = ("Գրիգորյան Անի Հայկի", "Иванова Мария", "欧阳建国", "نجلاء الحلبي", "Mary O'Neil-Brown")


@pytest.fixture(autouse=True)
def english():
    """Begin and end in English: a request leaves its language behind in the thread."""
    with translation.override("en"):
        yield


@pytest.fixture
def sample_site(settings):
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"].append(Path(__file__).parent / "templates")
    settings.TEMPLATES = templates
    settings.ROOT_URLCONF = "tests.web.site"


@pytest.fixture
def reader(client, auditor):
    client.force_login(auditor)
    return client


@pytest.fixture
def make_jobs():
    return write_jobs


def write_jobs(count, *, at=EARLY, step=timedelta(minutes=1), **fields):
    """Write jobs, each a step later than the one before."""
    offset = Job.objects.count()
    return Job.objects.bulk_create(
        Job(
            **{
                "kind": "sample",
                "key": f"0007{number:03d}-{number % 10}",
                "title": f"{NAMES[number % len(NAMES)]} {number}",
                "state": STATES[number % len(STATES)],
                "done_units": number * 1375,
                "total_units": 100_240,
                "amount_minor": (number - 3) * 18_340,
                "started_by": "Narine",
                "created_at": at + step * number,
                **fields,
            }
        )
        for number in range(offset, offset + count)
    )
