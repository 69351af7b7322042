"""Ends of sessions that come late, charged by workers that are killed: the rest is charged once, or not at all."""

from billing_site.console.books import check_books
from billing_site.jobs.models import Job
from billing_site.jobs.work import drain
from rating.engine.stages import END_SESSIONS
from rating.models import RatedUsage, UsageSource, UsageTotal
from rating.operations.line_proposals import propose_release, release_lines
from rating.operations.open_sessions import look_after_sessions
from rating.queries.digests import get_rating_digest
from tariffs.operations.zone_points import load_zone_points
from tests.factories.intake import NUMBER
from tests.factories.quarantine import finished
from tests.factories.rating import make_source
from tests.factories.rerating import proposer, second
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import LONG_AGO, make_plan, make_zone
from tests.fixtures.databases import copy_of_template, django_on
from tests.flows.kills import kill_at_random, work
from tests.rating.operations.test_open_sessions import HOUR, LATE, OPEN, records, reports, taken


def make_world() -> UsageSource:
    """A session of an hour that two people let be charged by its last report: 60 minutes at 5."""
    make_zone(prefixes=["99910"])
    load_zone_points(points={("DATA", "internet.example"): "LOCAL"}, valid_from=LONG_AGO, actor=None)
    make_range(first=NUMBER)
    make_line(account=make_account(opened_on=LONG_AGO), plan=make_plan(), number=NUMBER, active_from=LONG_AGO)
    source = make_source(dialect="RADIUS_DETAIL", column_map={"session_hours": 12})
    taken(source, reports(("A1", "Start", 0), ("A1", "Interim-Update", HOUR)))
    look_after_sessions(now=LATE)
    proposal = propose_release(choice=OPEN, reason="The server was rebooted", now=LATE, actor=proposer())
    finished(release_lines(proposal_id=proposal.pk, now=LATE, actor=second()))
    return source


def test_end_of_a_charged_session_whose_workers_are_killed_charges_the_rest_once(
    django_db_setup, django_db_blocker, settings, tmp_path
):
    """000-12, RADIUS: killed between the revisions and the allowances, then at random, then left alone."""
    settings.SALDO_FILES_ROOT = tmp_path
    with django_db_blocker.unblock(), copy_of_template() as database, django_on(database):
        source = make_world()
        taken(source, reports(("A1", "Stop", HOUR + 90)), name="later")
        look_after_sessions(now=LATE)
        before = get_rating_digest()

        work(database, END_SESSIONS, files=tmp_path, crash="session_ended:1")

        assert get_rating_digest() == before
        assert Job.objects.get(kind=END_SESSIONS).done_units == 0
        kill_at_random(database, END_SESSIONS, files=tmp_path, within=0.3)
        look_after_sessions(now=LATE)
        drain(END_SESSIONS)
        assert records() == [
            (HOUR, HOUR + 100, 300), (-HOUR, -HOUR - 100, -300), (HOUR + 90, HOUR + 190, 310)
        ]  # fmt: skip
        assert [total.amount_micro for total in UsageTotal.objects.all()] == [310_000_000]
        assert (RatedUsage.objects.count(), Job.objects.get(kind=END_SESSIONS).state) == (3, "DONE")
        assert check_books() == ()
