"""Lines are written off and released by two people, and stay in the totals."""

import pytest
from django.db import IntegrityError, connection, transaction

from billing_site.audit.models import AuditEntry
from billing_site.console.books import check_books
from rating.models import LineProposal, RatedUsage, SetAsideLine
from rating.operations.line_proposals import (
    NotForPeopleToJudge,
    OwnProposal,
    ProposalDecided,
    ProposedAlready,
    ReasonNotGiven,
    approve_write_off,
    decline_proposal,
    propose_release,
    propose_write_off,
    release_lines,
)
from rating.operations.recycling import NothingWaits
from rating.queries.quarantine import LineChoice
from tests.factories.identity import make_centre
from tests.factories.quarantine import LATER, ends, finished, recycle
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_range
from tests.factories.tariffs import make_zone

NUMBER, CALLED = "99910200000", "99910555555"
NOBODY = "99910999999"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def file(ani):
    """Two calls of nobody, one that is unusually long, and one that is rated."""
    make_zone(prefixes=["99910"])
    lines = (
        f"{NOBODY},{CALLED},2026-03-05 10:00:00,60",
        f"{NOBODY},{CALLED},2026-03-05 11:00:00,30",
        f"{NUMBER},{CALLED},2026-03-04 10:00:00,90000",
        f"{NUMBER},{CALLED},2026-03-05 10:00:00,61",
    )
    loaded = load_lines(make_source(), *lines)
    rate_all()
    return loaded


def written_off(specialist, approver, **choice):
    proposal = propose_write_off(choice=LineChoice(**choice), reason="a test", now=LATER, actor=specialist)
    return approve_write_off(proposal_id=proposal.pk, now=LATER, actor=approver)


def nothing_changed(file) -> None:
    assert ends(file) == {"RATED": 1, "QUARANTINED": 3}
    assert not AuditEntry.objects.filter(action__in=["rating.approve_write_off", "rating.release_lines"]).exists()


def test_write_off_by_two_people_stays_in_the_totals(file, specialist, approver):
    proposal = written_off(specialist, approver, calling=NOBODY)

    assert ends(file) == {"RATED": 1, "QUARANTINED": 1, "WRITTEN_OFF": 2}
    assert (file.written_off_seconds, file.quarantined_seconds) == (90, 90_000)
    assert (proposal.state, proposal.decided_count, proposal.line_count) == ("APPROVED", 2, 2)
    acts = AuditEntry.objects.filter(subject_id=str(proposal.pk), subject_type="rating.lineproposal")
    assert set(acts.values_list("action", "actor__username")) == {
        ("rating.propose_write_off", "specialist"),
        ("rating.approve_write_off", "approver"),
    }
    assert [finding for finding in check_books() if finding.invariant.startswith("rating.")] == []


def test_write_off_without_reason_is_refused(file, specialist):
    with pytest.raises(ReasonNotGiven):
        propose_write_off(choice=LineChoice(), reason="  ", now=LATER, actor=specialist)
    assert not LineProposal.objects.exists()
    nothing_changed(file)


def test_write_off_of_nothing_is_refused(file, specialist):
    with pytest.raises(NothingWaits):
        propose_write_off(choice=LineChoice(reason="NO_PRICE"), reason="x", now=LATER, actor=specialist)
    assert not LineProposal.objects.exists()


def test_write_off_by_who_proposed_it_is_refused(file, specialist):
    proposal = propose_write_off(choice=LineChoice(), reason="x", now=LATER, actor=specialist)
    with pytest.raises(OwnProposal):
        approve_write_off(proposal_id=proposal.pk, now=LATER, actor=specialist)
    nothing_changed(file)


def test_write_off_of_lines_in_an_open_proposal_is_refused(file, specialist, approver):
    propose_write_off(choice=LineChoice(calling=NOBODY), reason="x", now=LATER, actor=specialist)
    with pytest.raises(ProposedAlready, match="2 of the lines"):
        propose_write_off(choice=LineChoice(), reason="y", now=LATER, actor=approver)
    assert LineProposal.objects.count() == 1
    nothing_changed(file)


def test_proposal_is_decided_once(file, specialist, approver):
    proposal = propose_write_off(choice=LineChoice(), reason="x", now=LATER, actor=specialist)
    decline_proposal(proposal_id=proposal.pk, now=LATER, actor=specialist)
    with pytest.raises(ProposalDecided):
        approve_write_off(proposal_id=proposal.pk, now=LATER, actor=approver)
    nothing_changed(file)


@pytest.mark.parametrize(
    ("statement", "wall"),
    [
        (
            "UPDATE rating_setasideline SET outcome = 'WRITTEN_OFF', proposal_id = {id} WHERE outcome = 'QUARANTINED'",
            "without an approved proposal",
        ),
        (
            "UPDATE rating_lineproposal SET state = 'APPROVED', decided_at = now(), decided_by_id = proposed_by_id",
            "second_person",
        ),
        ("DELETE FROM rating_setasideline", "permission denied"),
    ],
)
def test_database_refuses_what_one_person_does_alone(file, specialist, statement, wall):
    proposal = propose_write_off(choice=LineChoice(), reason="x", now=LATER, actor=specialist)
    with pytest.raises(Exception, match=wall), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(id=proposal.pk))
    nothing_changed(file)


def test_database_lets_a_line_leave_the_quarantine_once(file, specialist, approver):
    written_off(specialist, approver)
    with pytest.raises(IntegrityError, match="does not become"), transaction.atomic():
        SetAsideLine.objects.filter(outcome="WRITTEN_OFF").update(outcome="QUARANTINED")
    assert ends(file) == {"RATED": 1, "WRITTEN_OFF": 3}


def test_release_lets_an_unusually_long_call_be_rated(file, specialist, approver):
    """The exchange says that the call is right: a second person agrees, and it costs what it lasted."""
    choice = LineChoice(reason="TOO_LONG")
    proposal = propose_release(choice=choice, reason="asked X07", now=LATER, actor=specialist)
    with pytest.raises(OwnProposal):
        release_lines(proposal_id=proposal.pk, now=LATER, actor=specialist)
    nothing_changed(file)

    job = finished(release_lines(proposal_id=proposal.pk, now=LATER, actor=approver))

    assert (job.result["rated"], ends(file)) == (1, {"RATED": 2, "QUARANTINED": 2})
    assert RatedUsage.objects.get(line_number=3).amount_micro == 1500 * 5_000_000
    assert [finding for finding in check_books() if finding.invariant.startswith("rating.")] == []


def test_release_of_a_line_without_owner_is_refused(file, specialist):
    with pytest.raises(NotForPeopleToJudge):
        propose_release(choice=LineChoice(), reason="x", now=LATER, actor=specialist)
    assert not LineProposal.objects.exists()


def test_released_lines_that_lack_a_subscriber_keep_waiting_for_him(file, specialist, approver):
    """The fault is let pass for good; what else is wrong with the line is found then."""
    source = make_source(code="X08")
    other = load_lines(source, f"{NOBODY},{CALLED},2026-03-04 10:00:00,90000", name="other.csv")
    rate_all()
    choice = LineChoice(file_id=other.pk)
    proposal = propose_release(choice=choice, reason="asked X08", now=LATER, actor=specialist)
    finished(release_lines(proposal_id=proposal.pk, now=LATER, actor=approver))
    line = SetAsideLine.objects.get(file_id=other.pk)
    assert (line.reason, line.calling, line.released_reasons) == ("NO_SUBSCRIBER", NOBODY, "TOO_LONG")
    recycle(file_id=other.pk)
    assert ends(other) == {"QUARANTINED": 1}


def test_propose_write_off_reaches_the_own_centre_alone(file, supervisor):
    make_range(first="99910999999", count=1, centre=make_centre())
    with pytest.raises(NothingWaits):
        propose_write_off(choice=LineChoice(calling=NOBODY), reason="x", now=LATER, actor=supervisor)
