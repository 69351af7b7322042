"""Telephone numbers: ranges, numbers, who promised one, who holds one and when."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now

from billing_site.db.fields import state_field
from billing_site.identity.models import Department, ServiceCentre, User
from subscribers.models.subscription import Subscription

DIGITS_ONLY = r"^[0-9]{3,15}$"


class NumberRange(models.Model):
    """A range of numbers by business area, billing area and use; a centre sees its own only."""

    class Use(models.TextChoices):
        """What the numbers of a range are for."""

        FIXED = "FIXED", "Fixed lines"
        MOBILE = "MOBILE", "Mobile"
        SERVICE = "SERVICE", "Service numbers"
        TEST = "TEST", "Test traffic"

    first = models.CharField(max_length=15)
    last = models.CharField(max_length=15)
    area = models.CharField(max_length=16)
    use = models.CharField(max_length=16, choices=Use.choices)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    centre = models.ForeignKey(ServiceCentre, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Both ends are digits of one length; ranges do not overlap (exclusion by trigger-free expression in SQL)."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(first__regex=DIGITS_ONLY, last__regex=DIGITS_ONLY, last__gte=models.F("first")),
                name="subscribers_numberrange_in_order",
            ),
        ]

    def __str__(self) -> str:
        """Show the ends."""
        return f"{self.first}-{self.last}"


class PhoneNumber(models.Model):
    """A number of the operator's own stock, country code first, digits only."""

    class State(models.TextChoices):
        """Whether it can be given out."""

        FREE = "FREE", "Free"
        ASSIGNED = "ASSIGNED", "Assigned"
        QUARANTINE = "QUARANTINE", "In quarantine"

    number = models.CharField(max_length=15, unique=True)
    range = models.ForeignKey(NumberRange, on_delete=models.PROTECT, related_name="numbers")
    state = state_field(State, default=State.FREE)
    quarantine_until = models.DateField(null=True, blank=True)

    class Meta:
        """Free numbers of a range are listed in order."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(number__regex=DIGITS_ONLY), name="subscribers_phonenumber_digits_only"
            )
        ]
        indexes = [
            models.Index(fields=["range", "number"], name="subscribers_number_free", condition=models.Q(state="FREE")),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.number


class NumberHold(models.Model):
    """A number promised to somebody at the counter for a quarter of an hour."""

    number = models.OneToOneField(PhoneNumber, on_delete=models.PROTECT, related_name="hold")
    held_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    held_until = models.DateTimeField()

    def __str__(self) -> str:
        """Show number and person."""
        return f"{self.number_id} {self.held_by_id}"


class NumberAssignment(models.Model):
    """The subscription that holds a number during a period; never two at any instant."""

    number = models.CharField(max_length=15)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="numbers")
    during = DateTimeRangeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """The wall against giving a number twice."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_numberassignment_one_holder",
                expressions=[("number", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=models.Q(number__regex=DIGITS_ONLY), name="subscribers_numberassignment_digits_only"
            ),
        ]
        indexes = [models.Index(fields=["number"], name="subscribers_assignment_number")]

    def __str__(self) -> str:
        """Show the number."""
        return self.number
