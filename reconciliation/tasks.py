"""Background work of reconciliation."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery import shared_task
from django.conf import settings

from billing_site.core import clock
from billing_site.jobs.work import handles
from reconciliation.operations.book_jobs import COMPARE, TAKE_FILE, do_accounting_file, do_comparison
from reconciliation.operations.register_folders import take_registers
from reconciliation.operations.statement_booking import BOOK, book_lines
from reconciliation.operations.statement_folders import take_statements as take_statements_of
from reconciliation.operations.terminal_checks import check_terminals as check_terminals_of
from reconciliation.queries.terminal_checks import days_to_check

# A file that nobody has written to for so long is whole.
SETTLED_SECONDS = 60
logger = logging.getLogger(__name__)


@shared_task(name="reconciliation.check_terminals")
def check_terminals(**_: Any) -> None:
    """Check yesterday, and any day of the last week that was not compared yet; a missing register is said aloud."""
    now = clock.now()
    for network_code, day in days_to_check(yesterday=clock.today() - timedelta(days=1)):
        for outcome in check_terminals_of(day=day, checked_at=now, network_code=network_code):
            if outcome.state == "MISSING":
                logger.error("No register of %s for %s", network_code, day)


@shared_task(name="reconciliation.take_registers")
def take_registers_task(**_: Any) -> None:
    """Take what the networks left in their folders."""
    take_registers(at=clock.now(), settled_before=clock.machine_now() - timedelta(seconds=SETTLED_SECONDS))


@shared_task(name="reconciliation.take_statements")
def take_statements(**_: Any) -> None:
    """Load what the banks left in their folders."""
    if settings.SALDO_STATEMENTS_ROOT:
        take_statements_of(root=Path(settings.SALDO_STATEMENTS_ROOT), at=clock.now())


@handles(BOOK)
def do_book_lines(payload: dict[str, Any]) -> None:
    """Book a piece of a bank's statement."""
    book_lines(**payload, at=clock.now())


@handles(COMPARE)
def do_compare_books(payload: dict[str, Any]) -> None:
    """Compare large books."""
    do_comparison(**payload, at=clock.now())


@handles(TAKE_FILE)
def do_take_accounting_file(payload: dict[str, Any]) -> None:
    """Read or take a large file of the accounting ledger."""
    do_accounting_file(**payload)
