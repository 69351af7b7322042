"""Business numbers of staff: who of an account's people has which line, and how much he may talk a month."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from subscribers.models.subscription import Subscription


class StaffLine(models.Model):
    """
    A line in the hands of an employee during a period of days, with the seconds of calls a month that are his.

    Of the employer's own making: what he talks beyond is billed as ever, and named in the monthly report.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="staff")
    employee = models.CharField(max_length=200)
    # As the employer numbers his people; may be unknown.
    personnel_number = models.CharField(max_length=32, blank=True)
    allowance_seconds = models.PositiveIntegerField()
    during = DateRangeField()

    class Meta:
        """One person on any day, who has a name."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_staffline_one_at_a_time",
                expressions=[("subscription", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=~Q(employee=""), name="subscribers_staffline_has_name"),
        ]

    def __str__(self) -> str:
        """Show the employee."""
        return self.employee
