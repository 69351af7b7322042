"""
Sessions that people let be charged by their last report, and whose end was reported after all: the rest is charged.

The whole session is priced, and the account's periods with it, because what it draws from an allowance others do not
have. The charge of the last report is taken back and followed by that of the session: nothing is edited.
"""

from datetime import date, timedelta
from functools import partial

from django.db import transaction

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.jobs.models import Job
from billing_site.jobs.progress import add_progress, finish_job
from rating.engine.comparing import compare
from rating.engine.present import hold_books, share_cycles
from rating.engine.revisions import write_pots, write_revisions
from rating.engine.stages import END_SESSIONS, is_last, item_key
from rating.models import Rerating

ONE_DAY = timedelta(days=1)


@transaction.atomic
def charge_session_ends(*, job_id: int, account_id: int, first: date, last: date) -> list[int] | None:
    """
    Charge what the ends of an account's sessions add; the last account of a job ends it.

    :param first: day of the operator of the earliest session, ``last`` of the latest
    :returns: the account if it was charged; ``None`` if other records of it come out differently too, which people
        have to see before anything is written
    """
    hold_books()
    compare_account = partial(
        compare,
        Rerating(used_from=first, used_until=last + ONE_DAY, scope={"accounts": [account_id]}),
        first_account=account_id,
        last_account=account_id,
        cycles=share_cycles(),
        zone=clock.operator_zone(),
        job_id=job_id,
    )
    before, compared = compare_account(takes_ends=False), compare_account()
    is_plain = before.changed.is_empty() and before.unpriced.is_empty() and compared.unpriced.is_empty()
    if is_plain:
        write_revisions(compared.changed, zone=clock.operator_zone())
        crash_point("session_ended")
        write_pots(compared)
    add_progress(job_id=job_id, done_units=1, set_aside_units=0 if is_plain else 1)
    if is_last(job_id=job_id, kind=END_SESSIONS, key=item_key(job_id, account_id)):
        left = Job.objects.values_list("set_aside_units", flat=True).get(pk=job_id)
        some = gettext_noop("The rest of the sessions is charged, but of some a person looks at the re-rating first.")
        finish_job(job_id=job_id, message=some if left else gettext_noop("The rest of the sessions is charged."))
    if not is_plain:
        return None
    return [account_id] if compared.changed.height else []
