"""Print batches given to the printing centre or the courier."""

from datetime import datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from invoicing.models import BillDelivery, PrintBatch
from invoicing.operations.letter_batches import recheck_letters
from invoicing.operations.print_batches import BatchNotMade
from subscribers.operations.notices import settle_printed_notices

State = PrintBatch.State
Way = BillDelivery.State


class BatchHandedOver(BillingError):
    """Once is enough."""

    default_message = gettext_noop("The batch was handed over on %(day)s by %(person)s.")
    default_code = "BATCH_HANDED_OVER"


@durable
def hand_over_print_batch(*, batch_id: int, handed_over_to: str, at: datetime, actor: User) -> PrintBatch:
    """
    Write down that a batch went to the printing centre: its papers are printed. What is handed over stays (trigger).

    Letters are asked for once more: where one is not needed any more, or has changed, the batch is not handed over but
    made anew without it, and returned so.

    :raises BatchNotMade: if there is no file
    :raises BatchHandedOver: if it was
    """
    batches = PrintBatch.objects.select_for_update(of=("self",), no_key=True).select_related("handed_over_by")
    batch = batches.get(pk=batch_id)
    if batch.state == State.HANDED_OVER:
        raise BatchHandedOver(context={"day": batch.handed_over_at, "person": str(batch.handed_over_by)})
    if batch.state != State.MADE:
        raise BatchNotMade
    if batch.run_id is None and recheck_letters(batch=batch, at=at, actor=actor):
        batch.refresh_from_db()
        return batch
    letters = batch.bills.filter(state=Way.WAITING, notice_id__isnull=False)
    settle_printed_notices(notice_ids=[row.notice_id for row in letters if row.notice_id], at=at)
    crash_point("invoicing.hand_over_print_batch.settled")
    batch.state, batch.handed_over_at, batch.handed_over_by = State.HANDED_OVER, at, actor
    batch.handed_over_to = handed_over_to.strip()
    batch.save()
    batch.bills.filter(state=Way.WAITING).update(state=Way.PRINTED, sent_at=at)
    changes = {"to": batch.handed_over_to, "bills": batch.bill_count}
    record("invoicing.hand_over_print_batch", actor=actor, subject=batch, changes=changes)
    return batch
