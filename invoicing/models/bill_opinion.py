"""What subscribers say of our explanations: was it helpful?"""

from django.db import models

from invoicing.models.dispute import Dispute


class BillOpinion(models.Model):
    """Whether what explains a bill, or the answer to a dispute of it, was helpful; said again it is said anew."""

    # As for lines: no foreign keys to what a run writes by the million.
    account_id = models.BigIntegerField()
    invoice_id = models.BigIntegerField()
    # Empty: the bill itself, with what changed since the last one.
    dispute = models.ForeignKey(Dispute, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_helpful = models.BooleanField()
    said_at = models.DateTimeField()

    class Meta:
        """One word about one thing."""

        constraints = [
            models.UniqueConstraint(
                fields=["invoice_id", "dispute"], nulls_distinct=False, name="invoicing_billopinion_once"
            )
        ]

    def __str__(self) -> str:
        """Show the bill and the word."""
        return f"{self.invoice_id} {self.is_helpful}"
