"""A re-rating that dies in the middle and is taken up again ends as one that never died."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from billing_site.console.books import check_books
from billing_site.jobs.models import WorkItem
from billing_site.local.places import HERE
from rating.models import CorrectionTotal, RatedUsage, Rerating, UsageTotal
from rating.operations.rerating import approve_rerating, propose_rerating
from rating.queries.digests import RatingDigest, get_rating_digest
from tariffs.operations.plans import create_plan
from tests.factories.invoicing import bill_cycle
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.rerating import APPROVED_AT, MARCH, proposer, second
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range
from tests.factories.tariffs import make_draft, make_zone, publish
from tests.fixtures.databases import TestDatabase, copy_of_template, django_on

DRAIN = """
import sys, django
django.setup()
import rating.tasks
from billing_site.jobs.work import drain
drain(sys.argv[1])
"""
FIRST = 99910800000
LINES = 5


@contextmanager
def world(folder) -> Iterator[TestDatabase]:
    """Five accounts whose March is billed and whose plan was entered wrongly, in pieces of one account each."""
    with copy_of_template() as database, django_on(database):
        settings.SALDO_FILES_ROOT = folder / database.name
        database.environment["SALDO_FILES_ROOT"] = str(folder / database.name)
        make_zone(prefixes=["99910"])
        make_range(first=str(FIRST))
        dear, cheap = (_plan(code, price) for code, price in (("DEAR", 50), ("CHEAP", 20)))
        cycle = make_cycle(open_from=MARCH)
        lines = [make_line(account=make_account(cycle=cycle), plan=dear, number=str(FIRST + at)) for at in range(LINES)]
        calls = [f"{FIRST + at},{FIRST + 9},2026-03-05 10:0{at}:00,{61 + at}" for at in range(LINES)]
        load_lines(make_source(), *calls)
        rate_all()
        bill_cycle(cycle, issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21))
        for line in lines:
            line.plans.update(plan=cheap)
        yield database


def _plan(code: str, price: int):
    plan = create_plan(code=code, kind="FIXED", names={"en": code}, actor=None)
    version = make_draft(plan=plan, price=Decimal(price))
    publish(version)
    return plan


def work(database: TestDatabase, kind: str, crash: str = "") -> None:
    """Let a process of its own do the pieces of a kind; with a crash point it is to be killed there."""
    with connection.cursor() as cursor:  # the lease of a killed worker runs out
        cursor.execute("UPDATE jobs_workitem SET claimed_until = NULL")
    connection.close()
    environment = {**os.environ, **database.environment, "SALDO_CRASH": crash}
    done = subprocess.run(
        [sys.executable, "-c", DRAIN, kind], env=environment, cwd=HERE.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == (-signal.SIGKILL if crash else 0), done.stderr


def live(database: TestDatabase, crashes: Sequence[str] = ()) -> tuple[RatingDigest, list[tuple[Any, ...]]]:
    """Propose, preview, approve and run, dying at each of the places on the way."""
    rerating = propose_rerating(
        used_from=MARCH,
        used_until=date(2026, 4, 1),
        reason="wrong plan",
        today=date(2026, 4, 5),
        actor=proposer(),
        lines_per_piece=1,
    )
    for crash in (*(crash for crash in crashes if crash.startswith("rerating_previewed")), ""):
        work(database, "rating.preview_accounts", crash)
    approve_rerating(rerating_id=rerating.pk, approved_at=APPROVED_AT, actor=second())
    for crash in (*(crash for crash in crashes if not crash.startswith("rerating_previewed")), ""):
        work(database, "rating.rerate_accounts", crash)
    rerating = Rerating.objects.get()
    assert rerating.state == "DONE"
    assert not WorkItem.objects.filter(state="PARKED").exists()
    columns = ("account_id", "record_count", "old_micro", "new_micro", "billed_micro", "written_count", "written_micro")
    return get_rating_digest(), list(rerating.accounts.order_by("account_id").values_list(*columns))


@pytest.fixture(scope="module")
def undisturbed(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), world(tmp_path_factory.mktemp("usage")) as database:
        found = live(database)
        assert check_books() == ()
        assert RatedUsage.objects.count() == 3 * LINES
        assert CorrectionTotal.objects.count() == LINES
        assert UsageTotal.objects.count() == LINES
    return found


def test_rerating_killed_at_every_place_ends_as_one_left_alone(undisturbed, django_db_blocker, tmp_path):
    crashes = ("rerating_previewed:2", "revisions_written:2", "accounts_rerated:2")

    with django_db_blocker.unblock(), world(tmp_path) as database:
        assert live(database, crashes) == undisturbed
        assert check_books() == ()
