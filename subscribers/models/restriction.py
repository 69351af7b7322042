"""
What a line may still be used for, as a chain of states in time, and what the exchange is told of it.

A line without a row is free. Each state has its cause, its time and who brought it about; the next one ends it.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import state_field
from billing_site.identity.models import User
from subscribers.models.subscription import Subscription


class SubscriptionRestriction(models.Model):
    """A state of a line during a time; the open one is what holds. Moves are in ``subscribers.domain.restrictions``."""

    class State(models.TextChoices):
        """What may be used: no outgoing calls, nothing at all, everything again."""

        RESTRICTED = "RESTRICTED", "Restricted"
        STOPPED = "STOPPED", "Stopped"
        RESTORED = "RESTORED", "Restored"

    class Cause(models.TextChoices):
        """Why."""

        FRAUD = "FRAUD", _("Suspicion of fraud")
        DEBT = "DEBT", _("Debt")
        LIMIT = "LIMIT", _("Limit reached")
        REQUEST = "REQUEST", _("The subscriber asked for it")

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="restrictions")
    state = state_field(State)
    # What led to this state, and all that keep the line from being free while it holds.
    cause = models.CharField(max_length=16, choices=Cause.choices)
    causes = ArrayField(models.CharField(max_length=16), default=list)
    reason = models.CharField(max_length=300, blank=True)
    during = DateTimeRangeField()
    # Nobody: the system itself.
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One state at any instant; a free line has no cause, any other has one."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_restriction_one_at_a_time",
                expressions=[("subscription", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                name="subscribers_restriction_has_causes",
                condition=Q(state="RESTORED", causes=[]) | (~Q(state="RESTORED") & ~Q(causes=[])),
            ),
        ]
        indexes = [
            models.Index(
                fields=["subscription"],
                name="subscribers_restriction_open",
                condition=Q(during__upper_inf=True) & ~Q(state="RESTORED"),
            )
        ]

    def __str__(self) -> str:
        """Show the line and its state."""
        return f"{self.subscription_id} {self.state}"


class NetworkOrder(models.Model):
    """
    What an exchange is to do with a number: a row that the adapter of the exchange fetches and confirms.

    A later order of a line replaces the earlier ones: they are carried out in the order of their ids.
    """

    class Kind(models.TextChoices):
        """Bar outgoing calls but for the open numbers, bar everything, or free the number."""

        BAR_OUTGOING = "BAR_OUTGOING", _("Bar outgoing calls")
        BAR_ALL = "BAR_ALL", _("Bar all calls")
        UNBAR = "UNBAR", _("Free the number")

    class State(models.TextChoices):
        """Whether the exchange has done it."""

        WAITING = "WAITING", "Waiting"
        DONE = "DONE", "Done"
        REFUSED = "REFUSED", "Refused"

    restriction = models.ForeignKey(SubscriptionRestriction, on_delete=models.PROTECT, related_name="orders")
    # Empty where a line has no number: its access is barred by the line.
    number = models.CharField(max_length=15, blank=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # Emergency numbers and the like, which stay open whatever is barred.
    open_numbers = ArrayField(models.CharField(max_length=15), default=list)
    state = state_field(State, default=State.WAITING)
    answer = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A state gives one order a number."""

        constraints = [
            models.UniqueConstraint(fields=["restriction", "number"], name="subscribers_networkorder_once"),
            models.CheckConstraint(
                name="subscribers_networkorder_answered",
                condition=Q(state="WAITING", answered_at__isnull=True)
                | (~Q(state="WAITING") & Q(answered_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="subscribers_order_waiting", condition=Q(state="WAITING")),
        ]

    def __str__(self) -> str:
        """Show what is to be done with which number."""
        return f"{self.kind} {self.number}"
