"""Re-ratings of the tests: proposed, previewed, approved and run by the house's own operations, in this process."""

from datetime import UTC, date, datetime

from billing_site.identity.models import User
from billing_site.identity.roles import Role
from rating.models import Rerating
from rating.operations.rerating import approve_rerating, propose_rerating, work_on_rerating
from tests.factories.identity import make_staff

MARCH = date(2026, 3, 1)
APRIL = date(2026, 4, 1)
APPROVED_AT = datetime(2026, 5, 5, 6, tzinfo=UTC)


def proposer() -> User:
    return User.objects.filter(username="proposer").first() or make_staff(Role.BILLING_SPECIALIST, username="proposer")


def second() -> User:
    return User.objects.filter(username="second").first() or make_staff(Role.TARIFF_APPROVER, username="second")


def propose(*, used_from: date = MARCH, used_until: date = APRIL, **scope) -> Rerating:
    """Propose, and make the preview."""
    given = {"reason": "a late file", "today": date(2026, 5, 5), "actor": proposer(), **scope}
    rerating = propose_rerating(used_from=used_from, used_until=used_until, **given)
    return worked(rerating)


def run(rerating: Rerating) -> Rerating:
    """Approve, and do all of it."""
    return worked(approve_rerating(rerating_id=rerating.pk, approved_at=APPROVED_AT, actor=second()))


def worked(rerating: Rerating) -> Rerating:
    assert rerating.job is not None
    while work_on_rerating(job_id=rerating.job.pk):
        pass
    rerating.job.refresh_from_db()
    assert rerating.job.state == "DONE", rerating.job.message
    rerating.refresh_from_db()
    return rerating
