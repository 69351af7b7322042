"""Accounts that had their final bill: nothing is billed to them by an ordinary run any more."""

from django.db import models
from django.db.models.functions import Now

from billing_site.identity.models import User
from invoicing.models.bill_run import BillRun
from subscribers.models import Account


class FinalBill(models.Model):
    """
    The last bill of an account.

    What was used before ``ended_on`` and comes to us later is rated into the period from ``open_from`` on, and is held:
    no run bills it, and nobody else can be charged with it.
    """

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="+")
    run = models.OneToOneField(BillRun, on_delete=models.PROTECT, related_name="+")
    # As for lines: no foreign key to what a run writes. Empty where there was nothing to bill.
    invoice_id = models.BigIntegerField(null=True, blank=True)
    # First day without the account's lines.
    ended_on = models.DateField()
    open_from = models.DateField()
    # What had arrived and was not rated when the bill was made, as it was said to the subscriber.
    waiting = models.JSONField(default=dict)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """Show the account."""
        return f"{self.account_id}"
