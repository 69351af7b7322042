"""Subscriptions: a line of an account, its plans over time, its features."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import state_field
from subscribers.models.account import Account
from tariffs.models import BillItem, Feature, Plan


class Subscription(models.Model):
    """
    A line: what an account has. Accounts change hands, subscriptions do not: usage is keyed by it.

    Days are the operator's: the start day is charged, the end day is not.
    """

    class State(models.TextChoices):
        """Where a line stands; moves are in ``subscribers.domain.lifecycle``."""

        CREATED = "CREATED", "Created"
        ACTIVE = "ACTIVE", "Active"
        SUSPENDED = "SUSPENDED", "Suspended"
        TERMINATED = "TERMINATED", "Terminated"

    class EndReason(models.TextChoices):
        """Why a line ended."""

        WISH = "WISH", _("At the subscriber's wish")
        DEBT = "DEBT", _("For debt")
        MOVED = "MOVED", _("The subscriber has moved away")
        DECEASED = "DECEASED", _("The subscriber has died")
        MISTAKE = "MISTAKE", _("It was entered by mistake")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="subscriptions")
    kind = models.CharField(max_length=16, choices=BillItem.Kind.choices)
    state = state_field(State, default=State.CREATED)
    address = models.CharField(max_length=300, blank=True)
    active_from = models.DateField(null=True, blank=True)
    active_until = models.DateField(null=True, blank=True)
    # Of a terminated line.
    end_reason = models.CharField(max_length=16, choices=EndReason.choices, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """The end is after the start; found by both."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(active_until__isnull=True) | models.Q(active_until__gte=models.F("active_from")),
                name="subscribers_subscription_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(fields=["active_from"], name="subscribers_line_begun"),
            models.Index(
                fields=["active_until"],
                name="subscribers_line_ended",
                condition=models.Q(active_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        """Show the id: people know a line by its number."""
        return f"{self.kind} {self.pk}"


class SubscriptionPlan(models.Model):
    """The plan that a subscription has during a period of days; the day of a change belongs to the new plan."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="plans")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    during = DateRangeField()

    class Meta:
        """One plan on any day."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_subscriptionplan_one_at_a_time",
                expressions=[("subscription", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        """Show subscription and plan."""
        return f"{self.subscription_id} {self.plan_id}"


class SubscriptionSuspension(models.Model):
    """Days on which a line is out of service at somebody's wish; what its fees cost meanwhile is said by its plan."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="suspensions")
    during = DateRangeField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        """A day is suspended once."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_subscriptionsuspension_one_at_a_time",
                expressions=[("subscription", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        """Show subscription and days."""
        return f"{self.subscription_id} {self.during}"


class SubscriptionFeature(models.Model):
    """A feature that a subscription has during a period of days."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="features")
    feature = models.ForeignKey(Feature, on_delete=models.PROTECT, related_name="+")
    during = DateRangeField()

    class Meta:
        """The same feature is not charged twice a day."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_subscriptionfeature_not_twice",
                expressions=[
                    ("subscription", RangeOperators.EQUAL),
                    ("feature", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        """Show subscription and feature."""
        return f"{self.subscription_id} {self.feature_id}"
