"""Bills of leavers that were taken back and come to nothing by now: settled without another bill."""

from django.db import models
from django.db.models.functions import Now

from billing_site.identity.models import User
from invoicing.models.bill_run import BillRun
from invoicing.models.credit_note import CreditNote


class FreedSettlement(models.Model):
    """
    What a bill taken back had charged was calculated anew, by a run of one account, and there was nothing to bill.

    It waits no more; what comes up of its days later is on the account's next extra bill as before.
    """

    credit_note = models.OneToOneField(CreditNote, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(BillRun, on_delete=models.PROTECT, related_name="+")
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """Show the credit note."""
        return f"{self.credit_note_id}"
