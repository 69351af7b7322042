"""Bills of the system that was there before, beside those that a run made of the same period."""

from django.db import models

from invoicing.models.bill_run import BillRun


class OldBill(models.Model):
    """
    What an account came to in the old system and in the run; minor units, tax included, empty where there is no bill.

    Kept as it was compared; a file loaded again takes the place of the one before.
    """

    run = models.ForeignKey(BillRun, on_delete=models.PROTECT, related_name="+")
    account_number = models.CharField(max_length=20)
    old_minor = models.BigIntegerField(null=True)
    new_minor = models.BigIntegerField(null=True)

    class Meta:
        """An account once a run; something is compared."""

        constraints = [
            models.UniqueConstraint(fields=["run", "account_number"], name="invoicing_oldbill_once"),
            models.CheckConstraint(
                condition=models.Q(old_minor__isnull=False) | models.Q(new_minor__isnull=False),
                name="invoicing_oldbill_of_something",
            ),
        ]

    def __str__(self) -> str:
        """Show run and account."""
        return f"{self.run_id} {self.account_number}"
