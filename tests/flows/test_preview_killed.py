"""A preview whose workers are killed ends as one that was left alone: the same figures, each piece once."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from django.db import connection

from billing_site.jobs.models import Job
from billing_site.local.places import HERE
from rating.engine.stages import PREVIEW_PIECE
from rating.models import PlanPreviewAccount, PlanPreviewZone
from rating.operations.plan_previews import preview_plan_version
from tests.factories.previews import MONTH, TODAY, try_plan
from tests.fixtures.databases import copy_of_template, django_on

DRAIN = """
import sys, django
django.setup()
from billing_site.jobs.work import drain
drain(sys.argv[1])
"""


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def work(database, crash=""):
    with connection.cursor() as cursor:  # the lease of a killed worker runs out
        cursor.execute("UPDATE jobs_workitem SET claimed_until = NULL")
    connection.close()
    environment = {**os.environ, **database.environment, "SALDO_CRASH": crash}
    command = [sys.executable, "-c", DRAIN, PREVIEW_PIECE]
    done = subprocess.run(command, env=environment, cwd=HERE.root, capture_output=True, text=True, check=False)
    assert done.returncode == (-signal.SIGKILL if crash else 0), done.stderr


@contextmanager
def world():
    with copy_of_template() as database, django_on(database):
        yield database


def found(database, *crashes):
    """Ask in pieces of one line, let the workers be killed as told, and return all that is written."""
    asked = preview_plan_version(
        version_id=try_plan().draft.pk, first_month=MONTH, on=TODAY, actor=None, records_per_piece=1
    )
    for crash in (*crashes, ""):
        work(database, crash)
    job = Job.objects.get(pk=asked.job_id)
    assert (job.state, job.done_units) == ("DONE", asked.subscription_count)
    accounts = PlanPreviewAccount.objects.order_by("account_id").values_list(
        "account_id", "record_count", "old_micro", "new_micro", "unpriced_count"
    )
    zones = PlanPreviewZone.objects.order_by("zone_id", "piece").values_list(
        "zone_id", "piece", "old_micro", "new_micro"
    )
    return list(accounts), list(zones.values_list("zone_id", "piece", "old_micro", "new_micro"))


def test_killed_preview_ends_alike(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with world() as database:
            undisturbed = found(database)
        with world() as database:
            killed = found(database, "preview_written:2", "preview_ended:2", "preview_written:1")

    assert len(undisturbed[0]) == 5
    assert killed == undisturbed
