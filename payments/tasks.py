"""Background work of payments."""

from typing import Any

from celery import shared_task

from payments.operations.allocations import allocate_advances_of_run


@shared_task(name="payments.allocate_advances")
def allocate_advances(*, run_id: int, **_: Any) -> None:
    """Use advances for the bills of a posted run."""
    allocate_advances_of_run(run_id=run_id)
