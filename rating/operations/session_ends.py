"""
Sessions charged by their last report, because two people said so, whose end comes after all: what it adds is charged.

By itself where nothing else of the account would change. Where something would, a re-rating is proposed, and a person
approves it.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from billing_site.audit.recording import SYSTEM
from billing_site.core.messages import gettext_noop
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import transaction_required
from billing_site.jobs.models import Job
from billing_site.jobs.progress import start_job
from rating.engine import doors
from rating.engine.stages import END_SESSIONS, add_stage
from rating.models import UsageSource
from rating.operations.rerating import start_rerating

ONE_DAY = timedelta(days=1)
REASON = gettext_noop("The end of a session came after its last report had been charged.")


@transaction_required
def note_session_ends(*, source: UsageSource, since: datetime) -> int:
    """
    Note the ends that came for sessions charged by their last report, and start to charge what they add.

    :param since: ends in files that arrived from then on are looked at
    :returns: how many sessions ended so
    """
    places = {"source": source.pk, "since": since, "zone": settings.SALDO_TIME_ZONE}
    noted = fetch_sql("rating", "note_session_ends", places)
    days: dict[int, list[date]] = {}
    for account_id, day in noted:
        if account_id is not None:
            days.setdefault(account_id, []).append(day)
    if days:
        _start(days, count=len(noted))
    return len(noted)


def _start(days: Mapping[int, list[date]], *, count: int) -> Job:
    job = start_job(
        kind=END_SESSIONS,
        title=gettext_noop("Sessions that ended after they were charged (%(count)s)"),
        started_by=SYSTEM,
        stage=gettext_noop("Pricing"),
        total_units=len(days),
        parameters={"count": count},
    )
    items = {
        str(account): {"account_id": account, "first": min(mine).isoformat(), "last": max(mine).isoformat()}
        for account, mine in sorted(days.items())
    }
    add_stage(job_id=job.pk, kind=END_SESSIONS, items=items)
    return job


@transaction_required
def charge_session_ends(payload: Mapping[str, Any]) -> list[int]:
    """
    Charge what the ends of an account's sessions add, or propose it to people: the work of one item.

    :returns: the accounts charged
    """
    asked = {"account_id": int(payload["account_id"])}
    first, last = (date.fromisoformat(payload[name]) for name in ("first", "last"))
    charged = doors.charge_session_ends(job_id=int(payload["job_id"]), **asked, first=first, last=last)
    if charged is None:
        start_rerating(
            used_from=first,
            used_until=last + ONE_DAY,
            scope={"accounts": [asked["account_id"]]},
            reason=REASON,
            actor=None,
        )
    return charged or []
