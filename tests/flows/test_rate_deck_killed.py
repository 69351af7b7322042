"""A rate deck whose import is killed half-way leaves the draft as it was, and is taken whole when it comes again."""

import os
import signal
import subprocess
import sys
from datetime import date

import pytest

from billing_site.identity.roles import Role
from billing_site.local.places import HERE
from tariffs.models import PlanVersion, Rate, RateDeck, RateDeckPrefix, ZonePrefix
from tests.factories.identity import make_staff
from tests.factories.tariffs import make_draft, make_plan, make_zone
from tests.fixtures.databases import TestDatabase

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
