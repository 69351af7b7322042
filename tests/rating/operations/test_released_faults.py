"""Each fault that people may judge is let pass, and no other."""

import pytest

from rating.operations.line_proposals import propose_release, release_lines
from rating.queries.quarantine import LineChoice
from rating.queries.reasons import RELEASABLE
from subscribers.models import NumberRange
from subscribers.operations.subscriptions import terminate_subscription
from tests.factories.quarantine import LATER, ends, finished
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_range
from tests.factories.tariffs import make_zone

CALLED, TEST_CALLED = "99910555555", "99910777777"
COLUMNS = {
    "columns": {
        "calling": 0,
        "called": 1,
        "started_at": 2,
        "duration_seconds": 3,
        "total_seconds": 4,
        "disposition": 5,
    },
    "field_count": 6,
    "oldest_days": 30,
    "name_pattern": r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
}
LINES = {
    "WRONG_DAY": f"{CALLED},2026-03-03 10:00:00,60,60,ANSWERED",
    "TEST_NUMBER": f"{TEST_CALLED},2026-03-05 10:00:00,60,60,ANSWERED",
    "OUTLASTS_SUBSCRIPTION": f"{CALLED},2026-03-05 23:59:30,60,60,ANSWERED",
    "TOO_OLD": f"{CALLED},2026-01-20 10:00:00,60,60,ANSWERED",
    "TOO_LONG": f"{CALLED},2026-03-05 10:00:00,90000,90000,ANSWERED",
    "LONGER_THAN_CALL": f"{CALLED},2026-03-05 10:00:00,60,30,ANSWERED",
    "UNANSWERED_WITH_SECONDS": f"{CALLED},2026-03-05 10:00:00,60,60,BUSY",
}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def test_every_fault_for_people_is_tried_here():
    # Sessions without an end have tests of their own.
    assert set(LINES) == RELEASABLE - {"SESSION_OPEN"}


@pytest.mark.parametrize("reason", LINES)
def test_release_lines_rates_what_waited_for(reason, ani, specialist, approver):
    make_zone(prefixes=["99910"])
    make_range(first=TEST_CALLED, count=1, use=NumberRange.Use.TEST)
    if reason == "OUTLASTS_SUBSCRIPTION":
        terminate_subscription(subscription_id=ani.line.pk, ended_on=LATER.date(), actor=None)
    tolerance = 100 if reason in {"TOO_OLD", "TOO_LONG"} else 1
    source = make_source(column_map=COLUMNS, day_tolerance=tolerance)
    file = load_lines(source, f"{ani.number},{LINES[reason]}")
    rate_all()
    assert ends(file) == {"QUARANTINED": 1}

    choice = LineChoice(reason=reason)
    proposal = propose_release(choice=choice, reason="asked", now=LATER, actor=specialist)
    finished(release_lines(proposal_id=proposal.pk, now=LATER, actor=approver))

    assert ends(file) == {"RATED": 1}
