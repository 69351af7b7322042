"""
Instalment plans: an agreement to pay chosen bills in parts on days.

While it is kept dunning leaves those bills alone; unpaid past a day, the whole is due again.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing_site.db.fields import minor_field, state_field
from billing_site.identity.models import User
from subscribers.models import Account


class InstalmentPlan(models.Model):
    """An agreement with an account."""

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "OPEN", "Open"
        KEPT = "KEPT", "Kept"
        BROKEN = "BROKEN", "Broken"
        ENDED = "ENDED", "Called off"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    amount_minor = minor_field()
    agreed_with = models.CharField(max_length=100)
    state = state_field(State, default=State.OPEN)
    agreed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One open plan an account."""

        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(state="OPEN"), name="payments_instalmentplan_one_open"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) & ~Q(agreed_with=""), name="payments_instalmentplan_is_whole"
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", ended_at__isnull=True) | (~Q(state="OPEN") & Q(ended_at__isnull=False)),
                name="payments_instalmentplan_ended_has_time",
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="payments_plan_account")]

    def __str__(self) -> str:
        """Show account and amount."""
        return f"{self.account_id} {self.amount_minor}"


class InstalmentBill(models.Model):
    """A bill of a plan, with what was open of it on the day of the agreement."""

    plan = models.ForeignKey(InstalmentPlan, on_delete=models.PROTECT, related_name="bills")
    invoice_id = models.BigIntegerField()
    amount_minor = minor_field()

    class Meta:
        """A bill is once in a plan, with something open."""

        constraints = [
            models.UniqueConstraint(fields=["plan", "invoice_id"], name="payments_instalmentbill_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_instalmentbill_amount_positive"),
        ]
        indexes = [models.Index(fields=["invoice_id"], name="payments_instalmentbill_bill")]

    def __str__(self) -> str:
        """Show plan and bill."""
        return f"{self.plan_id} {self.invoice_id}"


class Instalment(models.Model):
    """A part with its day."""

    plan = models.ForeignKey(InstalmentPlan, on_delete=models.PROTECT, related_name="instalments")
    n = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount_minor = minor_field()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Numbered from one, each above zero, no two on a day."""

        constraints = [
            models.UniqueConstraint(fields=["plan", "n"], name="payments_instalment_once"),
            models.UniqueConstraint(fields=["plan", "due_on"], name="payments_instalment_one_a_day"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_instalment_amount_positive"),
        ]

    def __str__(self) -> str:
        """Show plan and day."""
        return f"{self.plan_id} {self.due_on}"
