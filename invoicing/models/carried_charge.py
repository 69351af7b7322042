"""Charges that another account pays and has no bill for yet: they come onto its next one."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from subscribers.models import Account


class CarriedCharge(models.Model):
    """
    A line of a bill that says another account pays, with nobody's line that says so too: the payer's next bill has it.

    Written where the two bills are not made together: a final bill, a bill made again, one that comes after the
    payer's. A bill that is taken back carries what it undid the other way (``sign`` -1). Whether it is billed is said
    by its row of ``CarriedBilling``, which comes and goes with a draft. What a draft carries does not count yet.
    """

    payer = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    # The line that takes it over; as for lines: no foreign key to what a run writes.
    invoice_id = models.BigIntegerField()
    n = models.SmallIntegerField()
    sign = models.SmallIntegerField(default=1)
    carried_at = models.DateTimeField(db_default=Now())

    class Meta:
        """There or back; runs find what waits by the payer, and credit notes by the bill."""

        constraints = [models.CheckConstraint(condition=Q(sign__in=[-1, 1]), name="invoicing_carriedcharge_sign")]
        indexes = [models.Index(fields=["invoice_id", "n"], name="invoicing_carriedcharge_line")]

    def __str__(self) -> str:
        """Show the payer and the line."""
        return f"{self.payer_id} for {self.invoice_id} L{self.n}"


class CarriedBilling(models.Model):
    """The payer's line for a carried charge: it comes and goes with the draft, and stays once posted (trigger)."""

    carried = models.OneToOneField(CarriedCharge, on_delete=models.PROTECT, related_name="billing")
    invoice_id = models.BigIntegerField()
    n = models.SmallIntegerField()

    class Meta:
        """Found by bill."""

        indexes = [models.Index(fields=["invoice_id"], name="invoicing_carriedbilling_bill")]

    def __str__(self) -> str:
        """Show the charge."""
        return f"{self.carried_id}"
