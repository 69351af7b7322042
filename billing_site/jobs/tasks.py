"""The bell and the sweeper."""

import time
from typing import Any

from celery import shared_task

from billing_site.jobs.progress import fail_stranded_jobs
from billing_site.jobs.work import do_next, due_kinds, ring

# A task ends well inside its time limit; what is left rings for itself.
SECONDS_PER_TASK = 240


@shared_task(name="jobs.do_work")
def do_work(*, kind: str, **_: Any) -> None:
    """Do work of a kind until there is none or the time is up."""
    end = time.monotonic() + SECONDS_PER_TASK
    while do_next(kind):
        if time.monotonic() > end:
            ring(kind)
            return


@shared_task(name="jobs.sweep_work")
def sweep_work(**_: Any) -> None:
    """Ring again for every kind of work that waits, and say of jobs that cannot go on that they have failed."""
    fail_stranded_jobs()
    for kind in due_kinds():
        ring(kind)
