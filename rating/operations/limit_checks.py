"""
The check after rating: totals against limits, records against the fraud rules.

It is the last piece of every run, one transaction, and doing it again changes nothing: notices and hits have keys, and
lines are barred by what is true, not by what is new. The next run begins only afterwards.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from billing_site.audit.recording import record
from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.core.money import micro_to_minor
from billing_site.db.crash_points import crash_point
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.jobs.models import Job
from rating.domain.limits import PERCENTS, WHOLE
from rating.engine import doors
from rating.models import FraudRule
from rating.queries.limits import (
    Touched,
    as_array,
    is_anything_watched,
    lines_over_limits,
    running_periods,
    touched_by_run,
)
from subscribers.domain.restrictions import RestrictionCause
from subscribers.models import NumberAssignment, Subscription, SubscriptionRestriction
from subscribers.operations.notices import NewNotice, write_notices
from subscribers.operations.restrictions import write_restorations, write_restrictions

FINDERS = {
    FraudRule.Kind.SUM_PER_HOUR: "find_sums_per_hour",
    FraudRule.Kind.CALLS_TO_ZONE: "find_calls_to_zones",
    FraudRule.Kind.SIMULTANEOUS: "find_simultaneous_calls",
}
# A local day may have 25 hours: 26 hold whatever day an instant lies in.
AROUND_A_DAY = timedelta(hours=26)
LIMIT_SUBJECT = gettext_noop("Your limit")
LINE_SUBJECT = gettext_noop("Your line")
REACHED = gettext_noop(
    "You have used %(used_minor)s since %(period_on)s: that is %(percent)s %% of your limit of %(limit_minor)s."
)
USED_UP = gettext_noop(
    "Your limit of %(limit_minor)s is used up: since %(period_on)s you have used %(used_minor)s. Outgoing calls are"
    " barred. Incoming calls and calls to %(open)s stay possible."
)
FREED = gettext_noop("Outgoing calls of your line %(line_number)s are possible again.")
UNUSUAL = gettext_noop("Your line %(line_number)s was used in an unusual way. If it was not you, call us.")
UNUSUAL_BARRED = gettext_noop(
    "Your line %(line_number)s was used in an unusual way: outgoing calls are barred. Incoming calls and calls to"
    " %(open)s stay possible. Call us to have the line freed."
)


@transaction.atomic
def check_run(*, job_id: int, at: datetime) -> None:
    """Check what a run rated against limits and fraud rules, then end the run: the work of one item."""
    touched = touched_by_run(job_id=job_id) if is_anything_watched() else None
    if touched is not None:
        job = Job.objects.get(pk=job_id)
        suspects = _find_fraud(touched, job_id=job_id, at=at)
        _check(account_ids=touched.account_ids, at=at, today=_day(at), job=job, suspects=suspects)
    crash_point("run_checked")
    doors.end_run(job_id=job_id, now=at)


@durable
def check_all_limits(*, at: datetime) -> None:
    """Check every account: a new bill period frees its lines, a new limit by category begins to hold. By night."""
    _check(account_ids=None, at=at, today=_day(at), job=None, suspects={})


@transaction_required
def check_charged_accounts(*, account_ids: Collection[int], at: datetime) -> None:
    """
    Check accounts whose usage was taken up from quarantine or priced again, inside that change.

    A subscriber is told, barred or freed by what his usage comes to now, not by the night that follows.
    """
    if account_ids and is_anything_watched():
        _check(account_ids=account_ids, at=at, today=_day(at), job=None, suspects={})


@transaction_required
def check_accounts(*, account_ids: Collection[int], at: datetime, today: date) -> None:
    """Check accounts whose limit was changed, inside the change."""
    _check(account_ids=account_ids, at=at, today=today, job=None, suspects={})


def _check(
    *,
    account_ids: Collection[int] | None,
    at: datetime,
    today: date,
    job: Job | None,
    suspects: Mapping[int, bool],
) -> None:
    """Give the notices that are due, bar and free lines; ``suspects`` are lines with a hit, and whether it bars."""
    given = _give_notices(account_ids, at=at, today=today, job=job)
    over, below = lines_over_limits(account_ids=account_ids, at=at, today=today)
    causes: dict[int, set[RestrictionCause]] = defaultdict(set)
    for line in over:
        causes[line].add(RestrictionCause.LIMIT)
    for line, is_barred in suspects.items():
        if is_barred:
            causes[line].add(RestrictionCause.FRAUD)
    barred = write_restrictions(causes=causes, reason="", at=at, actor=None) if causes else []
    freed = write_restorations(subscription_ids=below, cause=RestrictionCause.LIMIT, reason="", at=at, actor=None)
    _tell(given, suspects, [row for row in freed if row.state == SubscriptionRestriction.State.RESTORED], at=at)
    if job is not None and (given or barred or freed or suspects):
        changes = {"notices": len(given), "barred": len(barred), "freed": len(freed), "suspects": len(suspects)}
        record("rating.check_run", actor=None, subject=job, changes=changes)


def _give_notices(
    account_ids: Collection[int] | None, *, at: datetime, today: date, job: Job | None
) -> list[tuple[Any, ...]]:
    return fetch_sql(
        "rating",
        "give_limit_notices",
        {
            "accounts": as_array(account_ids),
            "at": at,
            "job": job.pk if job else None,
            "percents": list(PERCENTS),
            **running_periods(today=today),
        },
    )


def _find_fraud(touched: Touched, *, job_id: int, at: datetime) -> dict[int, bool]:
    """Write the hits of every active rule; return the lines with a new one, and whether it bars them."""
    active = set(FraudRule.objects.filter(is_active=True).values_list("kind", flat=True))
    found: dict[int, bool] = {}
    lines = _lines_to_look_at(touched) if active else ()
    if not lines:
        return found
    for kind, statement in FINDERS.items():
        if kind not in active:
            continue
        parameters = {
            "lines": as_array(lines),
            "first_at": touched.first_at,
            "last_at": touched.last_at,
            "zone": str(clock.operator_zone()),
            "job": job_id,
            "at": at,
        }
        for _hit, line, effect in fetch_sql("rating", statement, parameters):
            found[line] = found.get(line, False) or effect == FraudRule.Effect.RESTRICT
    return found


def _lines_to_look_at(touched: Touched) -> tuple[int, ...]:
    """Return the few lines of a run that a rule may concern at all."""
    parameters = {
        "lines": as_array(touched.line_ids),
        "from_at": touched.first_at - AROUND_A_DAY,
        "until_at": touched.last_at + AROUND_A_DAY,
    }
    return tuple(line for (line,) in fetch_sql("rating", "lines_to_look_at", parameters))


def _tell(
    given: list[tuple[Any, ...]],
    suspects: Mapping[int, bool],
    freed: list[SubscriptionRestriction],
    *,
    at: datetime,
) -> None:
    """Write what the subscribers are told."""
    notices = [_limit_notice(row) for row in given]
    lines = Subscription.objects.in_bulk({*suspects, *(row.subscription_id for row in freed)})
    numbers = dict(
        NumberAssignment.objects.filter(subscription__in=lines, during__contains=at)
        .order_by("-number")
        .values_list("subscription_id", "number")
    )
    day = _day(at).isoformat()
    for pk, is_barred in sorted(suspects.items()):
        text = UNUSUAL_BARRED if is_barred else UNUSUAL
        notices.append(_line_notice(lines[pk], key=f"rating.fraud/{pk}/{day}/{is_barred}", msgid=text, numbers=numbers))
    for row in freed:
        key = f"rating.freed/{row.pk}"
        notices.append(_line_notice(lines[row.subscription_id], key=key, msgid=FREED, numbers=numbers))
    if notices:
        write_notices(notices=notices, at=at)


def _limit_notice(row: tuple[Any, ...]) -> NewNotice:
    pk, account_id, subscription_id, bill_period, percent, used_micro, limit_micro, is_running = row
    digits = settings.SALDO_CURRENCY_DIGITS
    return NewNotice(
        key=f"rating.limit/{pk}",
        account_id=account_id,
        subscription_id=subscription_id,
        subject=LIMIT_SUBJECT,
        msgid=USED_UP if percent == WHOLE and is_running else REACHED,
        params={
            "percent": percent,
            "period_on": bill_period.isoformat(),
            "used_minor": micro_to_minor(used_micro, digits=digits),
            "limit_minor": micro_to_minor(limit_micro, digits=digits),
            "open": ", ".join(settings.SALDO_EMERGENCY_NUMBERS),
        },
    )


def _line_notice(line: Subscription, *, key: str, msgid: str, numbers: Mapping[int, str]) -> NewNotice:
    return NewNotice(
        key=key,
        account_id=line.account_id,
        subscription_id=line.pk,
        subject=LINE_SUBJECT,
        msgid=msgid,
        params={
            "line_number": numbers.get(line.pk, ""),
            "open": ", ".join(settings.SALDO_EMERGENCY_NUMBERS),
        },
    )


def _day(at: datetime) -> date:
    return at.astimezone(clock.operator_zone()).date()
