"""Records of another day and repeated files: nothing is charged twice, and every line is somewhere (001-02)."""

from datetime import date, datetime, timedelta

import pytest

from billing_site.console.books import check_books
from billing_site.core import clock
from billing_site.jobs.work import drain
from rating.models import RatedUsage, SetAsideLine
from rating.operations.line_proposals import propose_release, release_lines
from rating.operations.usage_day_checks import CHECK_USAGE_DAY, check_usage_days
from rating.operations.usage_files import FileAlreadyKnown
from rating.queries.quarantine import LineChoice
from rating.queries.usage_days import usage_days
from tests.factories.quarantine import LATER, ends, finished, recycle
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import make_plan, make_zone

NUMBER = "99910300000"
SINCE = date(2026, 1, 1)
COLUMNS = {
    "columns": {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3},
    "field_count": 5,
    "name_pattern": r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def exchange():
    """Exchange 3, whose files hold the calls of their own day alone."""
    make_zone(prefixes=["99910"])
    make_range(first=NUMBER)
    make_line(account=make_account(opened_on=SINCE), plan=make_plan(), number=NUMBER, active_from=SINCE)
    return make_source(code="X03", column_map=COLUMNS, day_tolerance=0)


def lines(*, mark: str = "a") -> list[str]:
    """1,000 calls of 5 March and 40 of 4 March; the mark is a field that nobody reads."""
    fifth = datetime(2026, 3, 5, 8)  # noqa: DTZ001 - local time, as the exchange writes it
    calls = [(fifth + timedelta(seconds=20 * at), at) for at in range(1_000)]
    calls += [(fifth - timedelta(days=1, seconds=-20 * at), at) for at in range(40)]
    return [f"{NUMBER},99910{at:06d},{start},{at % 90},{mark}" for start, at in calls]


def test_day_with_40_calls_of_the_day_before(exchange):
    """001-02: 1,000 rated, 40 held as of the wrong day; in = rated + held + duplicate."""
    file = load_lines(exchange, *lines(), name="X03-20260305.csv")
    rate_all()
    assert ends(file) == {"RATED": 1_000, "QUARANTINED": 40}
    assert set(SetAsideLine.objects.values_list("reason", flat=True)) == {"WRONG_DAY"}


def test_same_file_again_is_known_and_a_changed_one_is_all_duplicates(exchange):
    """001-02: 0 rated, 1,000 duplicate; a changed file name makes no difference."""
    load_lines(exchange, *lines(), name="X03-20260305.csv")
    rate_all()
    with pytest.raises(FileAlreadyKnown):
        load_lines(exchange, *lines(), name="X03-20260305-again.csv")
    changed = load_lines(exchange, *lines(mark="b"), name="X03-20260305-other.csv")
    rate_all()
    assert ends(changed) == {"DUPLICATE": 1_000, "QUARANTINED": 40}
    assert RatedUsage.objects.count() == 1_000
    check_usage_days(today=date(2026, 3, 6), at=clock.now())
    drain(CHECK_USAGE_DAY)
    (day,) = usage_days(first=date(2026, 3, 5), last=date(2026, 3, 5))
    assert (day.line_count, day.rated_count, day.duplicate_count, day.quarantined_count) == (2_080, 1_000, 1_000, 80)
    assert (day.wrong_count, day.missing_count, day.double_count) == (0, 0, 0)


def test_wrong_days_of_both_files_are_released_and_charged_once(exchange, specialist, approver):
    """The exchange says that they are right: those of one file are rated, those of the other are their duplicates."""
    first = load_lines(exchange, *lines(), name="X03-20260305.csv")
    rate_all()
    second = load_lines(exchange, *lines(mark="b"), name="X03-20260305-other.csv")
    rate_all()
    choice = LineChoice(reason="WRONG_DAY")
    proposal = propose_release(choice=choice, reason="asked X03", now=LATER, actor=specialist)
    job = finished(release_lines(proposal_id=proposal.pk, now=LATER, actor=approver))
    assert (job.result["rated"], job.result["duplicate"]) == (40, 40)
    assert (ends(first), ends(second)) == ({"RATED": 1_040}, {"DUPLICATE": 1_040})
    assert [finding for finding in check_books() if finding.invariant.startswith("rating.")] == []


def test_joined_rows_stay_joined_when_their_call_is_taken_up():
    """Asterisk writes a row for each leg: the one that counts waits, and is rated once its owner is entered."""
    make_zone(prefixes=["99910"])
    make_range(first=NUMBER)
    columns = {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3, "call_ref": 4}
    source = make_source(code="PBX", column_map={"columns": columns, "field_count": 5, "joins": True})
    legs = [f"{NUMBER},99910555555,2026-03-05 10:00:0{at},{60 - at},call-1" for at in range(3)]
    file = load_lines(source, *legs, name="legs.csv")
    rate_all()
    assert ends(file) == {"QUARANTINED": 1, "JOINED": 2}
    make_line(account=make_account(opened_on=SINCE), plan=make_plan(), number=NUMBER, active_from=SINCE)
    recycle()
    assert ends(file) == {"RATED": 1, "JOINED": 2}
