"""Sessions that began and whose end was never reported: seen, decided by two people, and forgotten when it comes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing_site.audit.models import AuditEntry
from billing_site.jobs.work import drain
from rating.engine.stages import END_SESSIONS
from rating.models import RatedUsage, Rerating, SetAsideLine, UsageFile, UsageSource, UsageTotal
from rating.operations.line_proposals import approve_write_off, propose_release, propose_write_off, release_lines
from rating.operations.open_sessions import look_after_sessions
from rating.queries.invariants import INVARIANTS
from rating.queries.quarantine import LineChoice, quarantine_groups
from rating.views.ways import address_of_record
from subscribers.models import Subscription
from subscribers.operations.subscriptions import change_plan
from tariffs.operations.zone_points import load_zone_points
from tests.factories.intake import NUMBER, load
from tests.factories.quarantine import ends, finished, minute_passes
from tests.factories.rating import ARRIVED_AT, make_source, rate_all
from tests.factories.rerating import run, worked
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import LONG_AGO, make_plan, make_zone
from tests.factories.usage_forms import radius_report

pytestmark = pytest.mark.django_db
TEN = 1772690400  # 5 March 2026, 10:00 at the operator's
HOUR = 3600
OPEN = LineChoice(reason="SESSION_OPEN")
LATE = ARRIVED_AT + timedelta(days=2)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def line() -> Subscription:
    make_zone(prefixes=["99910"])
    load_zone_points(points={("DATA", "internet.example"): "LOCAL"}, valid_from=LONG_AGO, actor=None)
    make_range(first=NUMBER)
    return make_line(account=make_account(opened_on=LONG_AGO), plan=make_plan(), number=NUMBER, active_from=LONG_AGO)


@pytest.fixture
def source() -> UsageSource:
    return make_source(dialect="RADIUS_DETAIL", column_map={"session_hours": 12})


def reports(*of: tuple[str, str, int], octets: int = 100) -> bytes:
    """Return a detail file of (session, status, seconds since ten)."""
    return "".join(
        radius_report(status, session=session, stamp=TEN + at, Acct_Session_Time=at, Acct_Input_Octets=octets + at)
        for session, status, at in of
    ).encode()


def taken(source: UsageSource, content: bytes, name: str = "detail") -> UsageFile:
    file = load(source, content, name=name)
    rate_all()
    return file


def waiting() -> list[tuple[int, str, int | None, int | None]]:
    lines = SetAsideLine.objects.filter(outcome="QUARANTINED").order_by("line_number")
    return list(lines.values_list("line_number", "calling", "duration_seconds", "volume_bytes"))


def test_silent_session_waits_with_its_last_report_and_is_charged_by_it_when_two_people_say_so(
    line, source, specialist, approver
):
    file = taken(
        source,
        reports(("A1", "Start", 0), ("A1", "Interim-Update", HOUR), ("A2", "Start", 0), ("A2", "Stop", 60)),
    )
    assert look_after_sessions(now=ARRIVED_AT - timedelta(hours=12)) == 0
    assert ends(file) == {"RATED": 1, "JOINED": 3}

    assert look_after_sessions(now=LATE) == 1

    assert waiting() == [(2, NUMBER, HOUR, HOUR + 100)]
    assert ends(file) == {"RATED": 1, "JOINED": 2, "QUARANTINED": 1}
    assert AuditEntry.objects.get(action="rating.look_after_sessions").changes == {
        "silent": 1,
        "ended": 0,
        "ended_late": 0,
    }
    minute_passes()
    (group,) = quarantine_groups(choice=OPEN, viewer=None)
    assert (group.line_count, group.duration_seconds, group.calling) == (1, HOUR, NUMBER)
    # At stake, by the usual plan of the number's range: an hour at 5 a minute.
    assert group.estimate_micro == 300_000_000
    assert look_after_sessions(now=LATE) == 0
    proposal = propose_release(choice=OPEN, reason="The server was rebooted", now=LATE, actor=specialist)
    finished(release_lines(proposal_id=proposal.pk, now=LATE, actor=approver))
    assert ends(file) == {"RATED": 2, "JOINED": 2}
    assert RatedUsage.objects.get(line_number=2).amount_micro == 60 * 5_000_000
    assert look_after_sessions(now=LATE) == 0


@pytest.fixture
def charged(line, source, specialist, approver) -> UsageFile:
    """A session of an hour that two people let be charged by its last report: 60 minutes at 5."""
    file = taken(source, reports(("A1", "Start", 0), ("A1", "Interim-Update", HOUR)))
    look_after_sessions(now=LATE)
    proposal = propose_release(choice=OPEN, reason="The server was rebooted", now=LATE, actor=specialist)
    finished(release_lines(proposal_id=proposal.pk, now=LATE, actor=approver))
    return file


def records() -> list[tuple[int, int, int]]:
    """Of each revision seconds, bytes and amount in whole units."""
    found = RatedUsage.objects.order_by("revision").values_list("duration_seconds", "volume_bytes", "amount_micro")
    return [(seconds, size, amount // 1_000_000) for seconds, size, amount in found]


def end_comes(source: UsageSource, at: int, *, name: str, octets: int = 100) -> UsageFile:
    """Let the end of the session come in a file; the clock looks twice, and a worker does what that starts."""
    file = taken(source, reports(("A1", "Stop", at), octets=octets), name=name)
    for _time in range(2):
        look_after_sessions(now=LATE)
        drain(END_SESSIONS)
    return file


def test_end_of_a_charged_session_charges_the_rest_once(line, source, charged, client, specialist):
    """Issue 3, RADIUS: what the end adds is charged, explained on the record, and never twice."""
    later = end_comes(source, HOUR + 90, name="later")

    hour, whole = (HOUR, HOUR + 100, 300), (HOUR + 90, HOUR + 190, 310)
    assert records() == [hour, (-HOUR, -HOUR - 100, -300), whole]
    assert [total.amount_micro for total in UsageTotal.objects.all()] == [310_000_000]
    assert [(file.rated_count, file.joined_count) for file in UsageFile.objects.order_by("pk")] == [(1, 1), (0, 1)]
    assert [found for one in INVARIANTS for found in one.findings()] == []
    client.force_login(specialist)
    page = client.get(address_of_record(RatedUsage.objects.get(revision=2))).content.decode()
    assert "what was charged before is taken back, so that only the rest is added" in page
    assert later.name in page
    end_comes(source, HOUR + 90, name="again", octets=0)
    end_comes(source, HOUR - 60, name="shorter")
    assert RatedUsage.objects.count() == 3
    end_comes(source, HOUR + 150, name="longer")
    assert records()[3:] == [(-HOUR - 90, -HOUR - 190, -310), (HOUR + 150, HOUR + 250, 315)]


@pytest.mark.parametrize("is_late", [False, True])
def test_end_that_begins_on_another_day_by_the_servers_clock_is_of_the_same_session(
    line, source, specialist, approver, is_late
):
    """Issue 3, RADIUS: two seconds between the reports' clocks, and midnight of storage between them."""
    source.column_map |= {"name_pattern": r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"}
    source.save()
    midnight = TEN - 6 * HOUR
    first = radius_report("Interim-Update", stamp=midnight - 1 + HOUR, Acct_Session_Time=HOUR)
    taken(source, first.encode(), name="20260305")
    look_after_sessions(now=LATE)
    proposal = propose_release(choice=OPEN, reason="The server was rebooted", now=LATE, actor=specialist)
    finished(release_lines(proposal_id=proposal.pk, now=LATE, actor=approver))

    end = radius_report("Stop", stamp=midnight + 1 + HOUR, Acct_Session_Time=HOUR)
    file = taken(source, end.encode(), name="20260302" if is_late else "20260305-2")
    if is_late:
        proposal = propose_release(
            choice=LineChoice(reason="WRONG_DAY"), reason="Came late", now=LATE, actor=specialist
        )
        finished(release_lines(proposal_id=proposal.pk, now=LATE, actor=approver))

    assert ends(file) == {"JOINED": 1}
    assert records() == [(HOUR, 0, 300)]


def test_end_waits_for_people_where_other_records_would_change(line, source, charged):
    """Nothing is written where the account is due for more than the end: a person sees a re-rating first."""
    dear = make_plan(code="DEAR", price=Decimal(7))
    change_plan(subscription_id=line.pk, plan_id=dear.pk, changed_on=date(2026, 3, 1), actor=None)

    end_comes(source, HOUR + 90, name="later")

    assert records() == [(HOUR, HOUR + 100, 300)]
    proposed = Rerating.objects.get()
    assert (proposed.proposed_by, proposed.scope) == (None, {"accounts": [line.account_id]})
    run(worked(proposed))
    assert records()[1:] == [(-HOUR, -HOUR - 100, -300), (HOUR + 90, HOUR + 190, 434)]


def test_end_that_comes_takes_the_session_out_again(line, source):
    first = taken(source, reports(("A1", "Start", 0), ("A1", "Interim-Update", HOUR)), name="first")
    look_after_sessions(now=LATE)
    second = taken(source, reports(("A1", "Interim-Update", 2 * HOUR)), name="second")
    assert look_after_sessions(now=LATE) == 1
    assert ends(first) == {"JOINED": 2}
    assert ends(second) == {"QUARANTINED": 1}

    third = taken(source, reports(("A1", "Stop", 3 * HOUR)), name="third")

    assert look_after_sessions(now=LATE) == 0
    assert (ends(first), ends(second), ends(third)) == ({"JOINED": 2}, {"JOINED": 1}, {"RATED": 1})
    assert RatedUsage.objects.get().duration_seconds == 3 * HOUR


def test_silent_session_is_written_off_by_two_people_and_does_not_come_again(line, source, specialist, approver):
    file = taken(source, reports(("A1", "Start", 0)))
    look_after_sessions(now=LATE)
    proposal = propose_write_off(choice=OPEN, reason="Never connected", now=LATE, actor=specialist)

    approve_write_off(proposal_id=proposal.pk, now=LATE, actor=approver)

    assert look_after_sessions(now=LATE) == 0
    assert ends(file) == {"WRITTEN_OFF": 1}
