"""A bill run without effect: planned, calculated and reviewed in one transaction that is then taken back."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from billing_site.identity.models import User
from invoicing.operations.bill_run_calculation import calculate_chunk
from invoicing.operations.bill_run_planning import plan_run
from invoicing.queries.reviews import Review, review_bill_run


def preview_bill_run(
    *, cycle_id: int, issued_on: date, due_on: date, started_by: User | None, overridden: Sequence[str] = ()
) -> Review:
    """
    Return what a run would bring, and write nothing.

    The whole cycle is calculated in one transaction, which is then rolled back: no number, no draft and no cut stays.

    :raises ChecksNotPassed: as planning would
    """
    with transaction.atomic(durable=True):
        run = plan_run(
            cycle_id=cycle_id, issued_on=issued_on, due_on=due_on, started_by=started_by, overridden=overridden
        )
        for chunk_id in run.chunks.order_by("n").values_list("pk", flat=True):
            calculate_chunk(chunk_id=chunk_id)
        review = review_bill_run(run_id=run.pk)
        transaction.set_rollback(True)
    return review
