"""What of contracts was billed: a bonus or a fee comes once, however often runs are begun, killed and cancelled."""

from django.db import models

from subscribers.models import Contract


class ContractBilling(models.Model):
    """
    The line that bills a contract's bonus or its fee for leaving early.

    Written with the draft, thrown away with it; once the invoice is posted it stays (trigger).
    """

    class Kind(models.TextChoices):
        """What was billed: the kind of the line."""

        BONUS = "BONUS", "Bonus of a contract"
        LEAVING_FEE = "LEAVING_FEE", "Fee for leaving early"

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # As for lines: no foreign key to what a run writes by the million.
    invoice_id = models.BigIntegerField()
    n = models.SmallIntegerField()

    class Meta:
        """Once a contract and kind."""

        constraints = [
            models.UniqueConstraint(fields=["contract", "kind"], name="invoicing_contractbilling_once"),
        ]
        indexes = [models.Index(fields=["invoice_id"], name="invoicing_contractbill_invoice")]

    def __str__(self) -> str:
        """Show contract and kind."""
        return f"{self.contract_id} {self.kind}"
