"""The customer categories that accounts had before the one they have."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from subscribers.models.account import Account


class PastCategory(models.Model):
    """
    A category that an account had, and the days on which it had it; the first is open towards the past.

    Usage is priced by the category of its day, whenever it is rated: few accounts have any rows here.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="past_categories")
    category = models.CharField(max_length=16, choices=Account.Category.choices)
    during = DateRangeField()

    class Meta:
        """One category on any day; each has an end, or it would be the present one."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_pastcategory_one_at_a_time",
                expressions=[("account", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=models.Q(during__upper_inf=False, during__isempty=False),
                name="subscribers_pastcategory_has_end",
            ),
        ]

    def __str__(self) -> str:
        """Show account and category."""
        return f"{self.account_id} {self.category}"
