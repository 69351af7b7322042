"""Tasks of rating: four lines each, and the handlers of its work."""

from datetime import timedelta
from typing import Any

from celery import shared_task

from billing_site.core import clock
from billing_site.jobs.work import drain, handles
from rating.engine import doors
from rating.engine.stages import PLAN_SPOOLS, RATE_SPOOL, READ_BATCH, RECYCLE_LINES
from rating.operations.estimates import estimate_lines
from rating.operations.limit_checks import check_all_limits, check_run
from rating.operations.partitions import make_partitions_ahead
from rating.operations.rating_runs import rate_usage
from rating.operations.recycling import recycle_quarantine
from rating.queries.open_runs import CHECK_RUN


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
    """Try a chunk of lines in quarantine again."""
    doors.recycle_lines(payload, now=clock.now())


@handles(CHECK_RUN)
def check_limits_of_run(payload: dict[str, Any]) -> None:
    """Check limits and fraud rules, and end the run."""
    check_run(job_id=int(payload["job_id"]), at=clock.now())
