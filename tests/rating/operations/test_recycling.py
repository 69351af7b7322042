"""Lines in quarantine are taken up again: each counts once, at the price of its own day."""

from datetime import date

import pytest

from billing_site.audit.models import AuditEntry
from billing_site.console.books import check_books
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.work import drain
from rating.engine.stages import RECYCLE_LINES
from rating.models import RatedUsage, SetAsideLine, UsageTotal
from rating.operations.rating_runs import rate_usage
from rating.operations.recycling import NothingWaits, RatingUnderWay, recycle_lines, recycle_quarantine
from rating.queries.quarantine import LineChoice
from subscribers.operations.subscriptions import activate_subscription
from tests.factories.quarantine import LATER, ends, minute_passes, recycle
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import NOW, make_account, make_line, make_range
from tests.factories.tariffs import make_plan, make_zone

NUMBER, CALLED = "99910300000", "99910555555"
SINCE = date(2026, 1, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def source():
    return make_source()


@pytest.fixture
def zone():
    make_range(first=NUMBER)
    return make_zone(prefixes=["99910"])


def call(*, at: str = "10:00:00", seconds: int = 60, number: str = NUMBER, called: str = CALLED) -> str:
    return f"{number},{called},2026-03-05 {at},{seconds}"


def enter_subscriber(number: str = NUMBER) -> None:
    make_line(account=make_account(opened_on=SINCE), plan=make_plan(), number=number, active_from=SINCE)


def assert_books_in_order() -> None:
    assert [finding for finding in check_books() if finding.invariant.startswith("rating.")] == []


def test_recycle_lines_after_the_subscriber_is_entered_rates_them(source, zone):
    file = load_lines(source, call(), call(at="11:00:00", seconds=61), call(number="99910300001"))
    rate_all()
    assert ends(file) == {"QUARANTINED": 3}
    enter_subscriber()

    job = recycle(reason="NO_SUBSCRIBER")

    assert ends(file) == {"RATED": 2, "QUARANTINED": 1}
    assert (job.result["rated"], job.result["quarantined"]) == (2, 1)
    assert sorted(RatedUsage.objects.values_list("amount_micro", flat=True)) == [5_000_000, 10_000_000]
    assert UsageTotal.objects.get().amount_micro == file.amount_micro == 15_000_000
    taken = SetAsideLine.objects.filter(outcome="TAKEN_UP")
    assert set(taken.values_list("line_number", "reason")) == {(1, "NO_SUBSCRIBER"), (2, "NO_SUBSCRIBER")}
    assert AuditEntry.objects.filter(action="rating.recycle_lines").count() == 1
    assert_books_in_order()


def test_recycle_lines_that_still_have_no_owner_stay(source, zone):
    file = load_lines(source, call())
    rate_all()
    recycle()
    assert ends(file) == {"QUARANTINED": 1}
    assert not RatedUsage.objects.exists()
    assert SetAsideLine.objects.get().tried_at is not None


def test_recycle_lines_with_a_new_reason_stay_with_it(source):
    """The number has an owner by now, but nobody gave the destination a price."""
    make_range(first=NUMBER)
    file = load_lines(source, call(called="99977000000"))
    rate_all()
    make_zone(prefixes=["99910"])
    enter_subscriber()
    recycle()
    assert ends(file) == {"QUARANTINED": 1}
    line = SetAsideLine.objects.get()
    assert (line.reason, line.detail) == ("NO_ZONE", {"field": "called", "value": "99977000000"})


def test_recycle_lines_of_a_call_counted_meanwhile_are_duplicates(source, zone):
    """Two files hold the same call while nobody held the number: one is rated, the other is its duplicate."""
    first = load_lines(source, call(), name="a.csv")
    rate_all()
    second = load_lines(source, call(), call(at="12:00:00"), name="b.csv")
    rate_all()
    enter_subscriber()

    recycle(file_id=first.pk)
    recycle(file_id=second.pk)

    assert (ends(first), ends(second)) == ({"RATED": 1}, {"DUPLICATE": 1, "RATED": 1})
    double = SetAsideLine.objects.get(outcome="DUPLICATE")
    assert (double.reason, double.detail) == ("RATED_BEFORE", {"of_file": first.pk, "of_line": 1})
    assert_books_in_order()


def test_recycle_lines_twice_at_once_are_one_call(source, zone):
    first = load_lines(source, call(), name="a.csv")
    second = load_lines(source, call(), call(number="99910300001"), name="b.csv")
    rate_all()
    enter_subscriber()
    recycle()
    assert ends(first) == {"RATED": 1}
    assert ends(second) == {"DUPLICATE": 1, "QUARANTINED": 1}
    assert_books_in_order()


def test_recycle_lines_in_small_chunks_gives_the_same(source, zone):
    file = load_lines(source, *(call(at=f"10:00:{second:02}", seconds=second) for second in range(25)))
    rate_all()
    enter_subscriber()
    job = recycle_lines(choice=LineChoice(), actor=None, lines_per_chunk=4)
    drain(RECYCLE_LINES)
    job.refresh_from_db()
    assert (job.state, job.result["rated"], job.done_units) == (Job.State.DONE, 25, 25)
    assert WorkItem.objects.filter(job=job).count() == 7
    assert ends(file) == {"RATED": 25}
    assert_books_in_order()


def test_recycle_lines_by_hand_takes_those_alone(source, zone):
    file = load_lines(source, call(), call(at="11:00:00"))
    rate_all()
    enter_subscriber()
    recycle(lines=((file.pk, 2),))
    assert ends(file) == {"RATED": 1, "QUARANTINED": 1}
    assert RatedUsage.objects.get().line_number == 2


def test_recycle_lines_without_any_is_refused(source, zone):
    load_lines(source, call())
    rate_all()
    before = Job.objects.count()
    with pytest.raises(NothingWaits):
        recycle_lines(choice=LineChoice(reason="NO_PRICE"), actor=None)
    assert Job.objects.count() == before
    assert not AuditEntry.objects.filter(action="rating.recycle_lines").exists()


def test_recycle_lines_while_files_are_rated_is_refused(source, zone):
    load_lines(source, call(), name="a.csv")
    rate_all()
    load_lines(source, call(at="13:00:00"), name="b.csv")
    assert rate_usage() is not None
    before = Job.objects.count()
    with pytest.raises(RatingUnderWay):
        recycle_lines(choice=LineChoice(), actor=None)
    assert recycle_quarantine(now=LATER) is None
    assert Job.objects.count() == before


def test_recycle_lines_begun_before_a_run_are_left_for_the_next_look(source, zone):
    """The run reads what is committed once: what is taken up meanwhile would be unknown to it."""
    first = load_lines(source, call(), name="a.csv")
    rate_all()
    enter_subscriber()
    job = recycle_lines(choice=LineChoice(), actor=None)
    load_lines(source, call(at="13:00:00"), name="b.csv")
    assert rate_usage() is not None

    drain(RECYCLE_LINES)

    job.refresh_from_db()
    assert (job.state, job.result["postponed"], ends(first)) == (Job.State.DONE, 1, {"QUARANTINED": 1})
    rate_all()
    minute_passes()
    assert ends(first) == {"RATED": 1}


def test_recycle_lines_late_calls_go_to_the_open_period(source, zone):
    """A call of a period that is cut already is billed in the next open one, and says that it was late."""
    file = load_lines(source, f"{NUMBER},{CALLED},2026-01-20 10:00:00,60")
    rate_all()
    enter_subscriber()
    recycle()
    record = RatedUsage.objects.get()
    assert (record.bill_period, record.is_late) == (date(2026, 2, 1), True)
    assert ends(file) == {"RATED": 1}


def test_recycle_quarantine_after_a_price_is_given(source):
    """Nothing changed: nothing is tried. A prefix is entered: the lines that lacked it rate by themselves."""
    make_range(first=NUMBER)
    make_zone(prefixes=["99977"])
    enter_subscriber()
    file = load_lines(source, call())
    rate_all()
    minute_passes()
    assert (ends(file), SetAsideLine.objects.get().reason) == ({"QUARANTINED": 1}, "NO_ZONE")
    assert minute_passes() is None

    make_zone(prefixes=["99910"])

    assert minute_passes() is not None
    assert ends(file) == {"RATED": 1}


def test_recycle_quarantine_of_a_line_without_plan(source, zone):
    """The plan did not exist on the day of the call: a version is published for it later."""
    plan = make_plan(valid_from=date(2026, 3, 6))
    file = load_lines(source, call())
    rate_all()
    account = make_account(opened_on=SINCE)
    activate_subscription(
        account_id=account.pk, plan_id=plan.pk, active_from=date(2026, 3, 6), number=NUMBER, at=NOW, actor=None
    )
    assert minute_passes() is None
    assert SetAsideLine.objects.get().reason == "NO_SUBSCRIBER"
    assert ends(file) == {"QUARANTINED": 1}
