"""What the console does by itself."""

from typing import Any

from celery import shared_task

from billing_site.audit.recording import SYSTEM
from billing_site.console.books import run_check


@shared_task(name="console.check_books")
def check_books(*, job_id: int | None = None, **_: Any) -> None:
    """Check the books, nightly and on a button."""
    run_check(job_id=job_id, started_by=SYSTEM)
