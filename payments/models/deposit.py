"""
Deposits: money held for a subscriber as a liability, without interest, until it pays a debt or goes back.

Written once; what is left is the deposit less its uses and its refunds (triggers in ``migrations/sql``).
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing_site.db.fields import minor_field
from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount
from payments.models.payment import Payment
from subscribers.models import Account


class Deposit(models.Model):
    """Money taken as a security."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    # Of the receipt, the bank's line, the form: takes money once.
    key = models.CharField(max_length=100, unique=True)
    amount_minor = minor_field()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=300)
    clearing_account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    posted_on = models.DateField()
    taken_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        """An amount above zero, for a reason."""

        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_deposit_amount_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="payments_deposit_says_why"),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="payments_deposit_account")]

    def __str__(self) -> str:
        """Show account and amount."""
        return f"{self.account_id} {self.amount_minor}"


class DepositUse(models.Model):
    """A part of a deposit that paid debts: the payment that it became."""

    deposit = models.ForeignKey(Deposit, on_delete=models.PROTECT, related_name="uses")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="deposit_use")
    recorded_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """Show deposit and payment."""
        return f"{self.deposit_id} {self.payment_id}"
