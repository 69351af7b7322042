"""A receipt is printed again: as a copy, and counted."""

from datetime import datetime

from billing_site.audit.recording import record
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from payments.models import ReceiptCopy, TillReceipt


@durable
def copy_receipt(*, receipt_id: int, printed_at: datetime, actor: User) -> ReceiptCopy:
    """Write down that a receipt is printed again, and return which copy it is."""
    # Receipts never change and cannot be locked; their session can.
    receipt = TillReceipt.objects.select_related("session").get(pk=receipt_id)
    type(receipt.session).objects.select_for_update(of=("self",), no_key=True).get(pk=receipt.session_id)
    n = ReceiptCopy.objects.filter(receipt=receipt).count() + 1
    copy = ReceiptCopy.objects.create(receipt=receipt, n=n, printed_at=printed_at, printed_by=actor)
    record("payments.copy_receipt", actor=actor, subject=receipt, changes={"copy": n})
    return copy
