"""Tasks of rating: four lines each, and the handlers of its work."""

from datetime import date, timedelta
from typing import Any

from celery import shared_task

from billing_site.core import clock
from billing_site.jobs.work import drain, handles
from rating.engine import doors
from rating.engine.stages import (
    END_SESSIONS,
    PLAN_SPOOLS,
    PREVIEW_ACCOUNTS,
    PREVIEW_PIECE,
    RATE_SPOOL,
    READ_BATCH,
    RECYCLE_LINES,
    RERATE_ACCOUNTS,
)
from rating.operations.call_list_orders import MAKE_CALL_LIST, SEND_CALL_LIST, make_call_list, send_call_list
from rating.operations.estimates import estimate_lines
from rating.operations.limit_checks import check_all_limits, check_charged_accounts, check_run
from rating.operations.open_sessions import look_after_sessions
from rating.operations.partitions import make_partitions_ahead
from rating.operations.premium_stations import TOTAL_PREMIUM_DAY, total_premium_calls, total_premium_day
from rating.operations.rating_runs import rate_usage
from rating.operations.recycling import recycle_quarantine
from rating.operations.retention import detach_old_usage
from rating.operations.session_ends import charge_session_ends
from rating.operations.staff_lines import LINES_AT_ONCE, follow_staff_lines
from rating.operations.usage_day_checks import CHECK_USAGE_DAY, check_usage_day, check_usage_days
from rating.queries.open_runs import CHECK_RUN
from rating.queries.retention import retention_limit


@shared_task(name="rating.rate_usage")
def rate_usage_task(**_: Any) -> None:
    """Take up what waits and can be rated by now, then rate what has arrived."""
    recycle_quarantine(now=clock.now(), everything=True)
    drain(RECYCLE_LINES)
    rate_usage()


@shared_task(name="rating.recycle_quarantine")
def recycle_quarantine_task(**_: Any) -> None:
    """Take up what waits and can be rated by now, and say what is at stake with the rest."""
    recycle_quarantine(now=clock.now())
    estimate_lines(now=clock.now())


@shared_task(name="rating.make_partitions")
def make_partitions(**_: Any) -> None:
    """Make the partitions of the days to come."""
    today = clock.today()
    make_partitions_ahead(first=today - timedelta(days=1), last=today + timedelta(days=14))


@shared_task(name="rating.check_all_limits")
def check_limits(**_: Any) -> None:
    """Free what a new bill period frees, and check what a new limit by category holds."""
    check_all_limits(at=clock.now())


@shared_task(name="rating.total_premium_calls")
def total_premium_calls_task(**_: Any) -> None:
    """Total the calls to information stations."""
    total_premium_calls(today=clock.today(), at=clock.now())


@shared_task(name="rating.check_usage_days")
def check_usage_days_task(**_: Any) -> None:
    """Look through the records of the days that changed."""
    check_usage_days(today=clock.today(), at=clock.now())


@shared_task(name="rating.detach_old_usage")
def detach_old_usage_task(**_: Any) -> None:
    """Detach the records whose time is over."""
    detach_old_usage(before=retention_limit(today=clock.today()), actor=None)


@shared_task(name="rating.follow_staff_lines")
def follow_staff_lines_task(**_: Any) -> None:
    """Add up the days of lines that employees were given."""
    while follow_staff_lines() == LINES_AT_ONCE:
        pass


@shared_task(name="rating.look_after_sessions")
def look_after_sessions_task(**_: Any) -> None:
    """Set aside sessions whose end was not reported."""
    look_after_sessions(now=clock.now())


@handles(TOTAL_PREMIUM_DAY)
def total_premium(payload: dict[str, Any]) -> None:
    """Total a day's calls to information stations."""
    total_premium_day(day=date.fromisoformat(payload["day"]), at=clock.now())


@handles(CHECK_USAGE_DAY)
def check_day(payload: dict[str, Any]) -> None:
    """Look through the records of a day."""
    check_usage_day(day=date.fromisoformat(payload["day"]), at=clock.now())


@handles(READ_BATCH)
def read_batch(payload: dict[str, Any]) -> None:
    """Read a batch of lines."""
    doors.read_batch(payload)


@handles(PLAN_SPOOLS)
def plan_spools(payload: dict[str, Any]) -> None:
    """Judge the files of a run."""
    doors.plan_spools(payload)


@handles(RATE_SPOOL)
def rate_spool(payload: dict[str, Any]) -> None:
    """Rate a spool."""
    doors.rate_spool(payload, now=clock.now())


@handles(RECYCLE_LINES)
def recycle_lines(payload: dict[str, Any]) -> None:
    """Try a chunk of lines in quarantine again, and check the limits of those who made the calls."""
    now = clock.now()
    check_charged_accounts(account_ids=doors.recycle_lines(payload, now=now), at=now)


@handles(END_SESSIONS)
def end_sessions(payload: dict[str, Any]) -> None:
    """Charge the rest of an account's sessions, and check its limits."""
    check_charged_accounts(account_ids=charge_session_ends(payload), at=clock.now())


@handles(CHECK_RUN)
def check_limits_of_run(payload: dict[str, Any]) -> None:
    """Check limits and fraud rules, and end the run."""
    check_run(job_id=int(payload["job_id"]), at=clock.now())


@handles(MAKE_CALL_LIST)
def make_ordered_list(payload: dict[str, Any]) -> None:
    """Make the file of a call list."""
    make_call_list(order_id=payload["order_id"], made_at=clock.now())


@handles(SEND_CALL_LIST)
def send_ordered_list(payload: dict[str, Any]) -> None:
    """Send a call list by e-mail."""
    send_call_list(order_id=payload["order_id"], sent_at=clock.now())


@handles(PREVIEW_PIECE)
def preview_piece(payload: dict[str, Any]) -> None:
    """Price a piece of a preview."""
    doors.preview_piece(payload)


@handles(PREVIEW_ACCOUNTS)
def preview_accounts(payload: dict[str, Any]) -> None:
    """Say what a re-rating would change of some accounts."""
    doors.preview_accounts(payload)


@handles(RERATE_ACCOUNTS)
def rerate_accounts(payload: dict[str, Any]) -> None:
    """Price the usage of some accounts again, and check their limits."""
    now = clock.now()
    check_charged_accounts(account_ids=doors.rerate_accounts(payload, now=now), at=now)
