"""What each plan brought in, kept apart from the bills: the list of plans is read from here."""

from django.db import models
from django.db.models import Q


class PlanRevenue(models.Model):
    """What posted bills of a month charge for the lines that have a plan, net; added up anew each night."""

    pk = models.CompositePrimaryKey("month", "plan_id")
    # The month in which the bills' periods begin, by its first day.
    month = models.DateField()
    plan_id = models.IntegerField()
    net_minor = models.BigIntegerField()

    class Meta:
        """A month is its first day."""

        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="invoicing_planrevenue_first_day"),
        ]

    def __str__(self) -> str:
        """Show the key."""
        return f"{self.plan_id} {self.month}"
