"""
Payments taken back: a mistake of our own, a return by the bank, a cheque without cover.

The payment stays as it was received; its reversal stands beside it, once and for ever.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import minor_field
from billing_site.identity.models import User
from invoicing.models import OneOffCharge
from payments.models.payment import Payment


class PaymentReversal(models.Model):
    """The reversal of a payment: why, by whom, on which day of the books, and what the bank charged for it."""

    class Kind(models.TextChoices):
        """What happened to the money."""

        CANCELLED = "CANCELLED", _("Cancelled where it was taken")
        RETURNED = "RETURNED", _("Returned by the bank")
        BOUNCED = "BOUNCED", _("Cheque without cover")

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="reversal")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    reason = models.CharField(max_length=300)
    # Owed by the account, in minor units of the payment's currency.
    charge_minor = minor_field(default=0)
    # The charge as the next bill has it; without one it was debited to the account at once.
    billed_charge = models.OneToOneField(OneOffCharge, null=True, on_delete=models.PROTECT, related_name="+")
    reversed_at = models.DateTimeField()
    # The first open day where the day itself is closed.
    posted_on = models.DateField()
    # Nobody: a message of a terminal, a bank or a clearing house.
    reversed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Somebody said why; a charge is no gift."""

        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="payments_paymentreversal_says_why"),
            models.CheckConstraint(condition=Q(charge_minor__gte=0), name="payments_paymentreversal_charge_sound"),
            models.CheckConstraint(
                condition=Q(billed_charge__isnull=True) | Q(charge_minor__gt=0),
                name="payments_paymentreversal_charge_is_billed",
            ),
        ]
        indexes = [models.Index(fields=["posted_on"], name="payments_reversal_posted_on")]

    def __str__(self) -> str:
        """Show payment and kind."""
        return f"{self.payment_id} {self.kind}"
