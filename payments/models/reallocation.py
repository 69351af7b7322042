"""Payments that were moved to other bills than those that they had paid."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q

from billing_site.identity.models import User
from payments.models.payment import Payment


class PaymentReallocation(models.Model):
    """
    That what a payment was used for was taken back and used anew, why, and by whom; the uses are its own rows.

    Of a payment that stands, uses are taken back in the transaction of such a row alone (triggers).
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="reallocations")
    reason = models.CharField(max_length=300)
    moved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        """Somebody said why."""

        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="payments_paymentreallocation_says_why"),
        ]

    def __str__(self) -> str:
        """Show the payment."""
        return f"{self.payment_id}"
