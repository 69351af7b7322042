"""What agents get for the money that they take: a rate of what they took, from a day on."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount


class CommissionRate(models.Model):
    """
    The rate of an agent on some days.

    An agent is known by the account of the books where its money is on its way: a terminal network's, a bank's, an
    outside till's.
    """

    agent = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    percent = models.DecimalField(max_digits=6, decimal_places=3)
    during = DateRangeField()
    set_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One rate on any day, of nothing to everything."""

        constraints = [
            ExclusionConstraint(
                name="payments_commissionrate_one_a_day",
                expressions=[("agent", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100) & ~Q(name=""), name="payments_commissionrate_sound"
            ),
        ]

    def __str__(self) -> str:
        """Show agent and rate."""
        return f"{self.name} {self.percent}"
