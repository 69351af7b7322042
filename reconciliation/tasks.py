"""Background work of reconciliation."""

import logging
from datetime import timedelta
from typing import Any

from celery import shared_task

from billing_site.core import clock
from reconciliation.operations.register_folders import take_registers
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
