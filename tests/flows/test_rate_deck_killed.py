"""Decks that are killed half-way into a draft, or into force, have not happened, and are done whole afterwards."""

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any

import pytest

from billing_site.identity.models import User
from billing_site.identity.roles import Role
from billing_site.jobs.models import Job
from billing_site.local.places import HERE
from tariffs.models import PlanVersion, Rate, RateDeck, RateDeckPrefix, ZonePrefix
from tariffs.operations.deck_preview import DeckInput
from tariffs.operations.long_work import LOAD as LOAD_WORK, PUBLISH, order_publication, order_rate_deck
from tests.factories.identity import make_staff
from tests.factories.tariffs import any_approver, make_draft, make_plan, make_zone, submit
from tests.fixtures.databases import TestDatabase
from tests.flows.kills import kill_at_random, work

LOAD = """
import sys, datetime, django
django.setup()
from billing_site.identity.models import User
from tariffs.operations.deck_preview import DeckInput
from tariffs.operations.rate_decks import load_rate_deck
lines = ["prefix,zone,price", *(f"44{n:04},FAR,9" for n in range(2000))]
load_rate_deck(
    version_id=int(sys.argv[1]), seen_revision=0, today=datetime.date(2026, 3, 5),
    deck=DeckInput(content="\\n".join(lines).encode(), name="deck.csv", decimal_mark="."),
    loaded_at=datetime.datetime(2026, 3, 5, tzinfo=datetime.UTC), actor=User.objects.get(username="loader"),
)
"""

NOW = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def version_id(fresh_database: TestDatabase) -> int:
    maker = make_staff(Role.BILLING_SPECIALIST, username="loader")
    make_zone(code="FAR", prefixes=["44"])
    return make_draft(plan=make_plan(), valid_from=date(2026, 4, 1), maker=maker).pk


def load(database: TestDatabase, version_id: int, *, files: str, crash: str = "") -> int:
    environment = {**os.environ, **database.environment, "SALDO_CRASH": crash, "SALDO_FILES_ROOT": files}
    command = [sys.executable, "-c", LOAD, str(version_id)]
    done = subprocess.run(command, env=environment, cwd=HERE.root, capture_output=True, text=True, check=False)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode


def written(version_id: int) -> tuple[int, int, int, int]:
    rates = Rate.objects.filter(plan_version_id=version_id).count()
    revision = PlanVersion.objects.get(pk=version_id).revision
    return RateDeck.objects.count(), RateDeckPrefix.objects.count(), rates, revision


def test_row_10_import_killed_half_way_leaves_the_draft_and_comes_again(fresh_database, version_id, tmp_path):
    """Reliability 3b row 10: a draft only; nothing is visible before it is activated in one transaction."""
    files = str(tmp_path)

    killed = load(fresh_database, version_id, files=files, crash="tariffs.load_rate_deck.copied:1")

    assert (killed, written(version_id)) == (-signal.SIGKILL, (0, 0, 1, 0))
    assert load(fresh_database, version_id, files=files) == 0
    assert written(version_id) == (1, 2000, 2, 1)
    assert list(ZonePrefix.objects.filter(zone__code="FAR").values_list("prefix", flat=True)) == ["44"]


def test_large_deck_is_taken_and_put_in_force_by_workers_that_may_be_killed(
    fresh_database, version_id, tmp_path, settings
):
    """Reliability 3b row 10 for what is too long for a page: the work item does it again, whole."""
    settings.SALDO_FILES_ROOT = str(tmp_path)
    version = PlanVersion.objects.get(pk=version_id)
    lines = ["prefix,zone,price", *(f"45{n:04},FAR,9" for n in range(3000))]
    known: dict[str, Any] = {"version_id": version_id, "actor": version.created_by}
    deck = DeckInput(content="\n".join(lines).encode(), name="more.csv", decimal_mark=".")
    before = written(version_id)
    order_rate_deck(seen_revision=version.revision, deck=deck, today=NOW.date(), loaded_at=NOW, **known)

    work(fresh_database, LOAD_WORK, files=tmp_path, crash="tariffs.load_rate_deck.copied:1")
    assert (written(version_id), Job.objects.get().stage) == (before, "Writing it down")
    killed = kill_at_random(fresh_database, LOAD_WORK, files=tmp_path, within=0.3)
    assert written(version_id)[:2] == (before[0] + 1, before[1] + 3000)

    submit(version, actor=User.objects.get(username="loader"))
    order_publication(version_id=version_id, published_at=NOW, actor=any_approver())
    in_force = ZonePrefix.objects.filter(zone__code="FAR")
    work(fresh_database, PUBLISH, files=tmp_path, crash="tariffs.publish_plan_version.prefixes:1")
    assert (in_force.count(), PlanVersion.objects.get(pk=version_id).state) == (1, "SUBMITTED")
    killed += kill_at_random(fresh_database, PUBLISH, files=tmp_path, within=0.3)
    first, second = ({f"{code}{n:04}" for n in range(count)} for code, count in ((44, 2000), (45, 3000)))
    assert sorted(in_force.values_list("prefix", flat=True)) == sorted({"44", *first, *second})
    assert (killed > 0, PlanVersion.objects.get(pk=version_id).state) == (True, "PUBLISHED")
    assert list(Job.objects.values_list("state", flat=True)) == ["DONE", "DONE"]
