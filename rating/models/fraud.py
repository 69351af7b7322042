"""Fraud as data: what is looked for after every run, and what was found."""

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import names_field, state_field
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from subscribers.models import Account, Subscription
from tariffs.models import BillItem, UsageCategory, Zone


class FraudRule(models.Model):
    """A figure that a line must not exceed, in a window of time; and what happens when it does."""

    class Kind(models.TextChoices):
        """What is counted."""

        SUM_PER_HOUR = "SUM_PER_HOUR", _("Money in any hour")
        CALLS_TO_ZONE = "CALLS_TO_ZONE", _("Calls to a destination in a day")
        SIMULTANEOUS = "SIMULTANEOUS", _("Calls of a number at the same time")

    class Effect(models.TextChoices):
        """What a hit leads to."""

        NOTICE = "NOTICE", _("A notice")
        RESTRICT = "RESTRICT", _("A notice, and outgoing calls are barred")

    code = models.CharField(max_length=32, unique=True)
    names = names_field()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # More than this: millionths of money for SUM_PER_HOUR, calls for the others.
    threshold = models.BigIntegerField()
    zone = models.ForeignKey(Zone, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    usage_category = models.ForeignKey(UsageCategory, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Empty: every account, every kind of line.
    account_category = models.CharField(max_length=16, blank=True, choices=Account.Category.choices)
    line_kind = models.CharField(max_length=16, blank=True, choices=BillItem.Kind.choices)
    effect = models.CharField(max_length=16, choices=Effect.choices)
    is_active = models.BooleanField(default=True)

    class Meta:
        """A destination belongs to the rule that counts calls to one."""

        constraints = [
            models.CheckConstraint(name="rating_fraudrule_threshold_not_negative", condition=Q(threshold__gte=0)),
            models.CheckConstraint(
                name="rating_fraudrule_destination",
                condition=Q(kind="CALLS_TO_ZONE", zone__isnull=False, usage_category__isnull=True)
                | Q(kind="CALLS_TO_ZONE", zone__isnull=True, usage_category__isnull=False)
                | (~Q(kind="CALLS_TO_ZONE") & Q(zone__isnull=True, usage_category__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class FraudHit(models.Model):
    """What a rule found on a line: the first window of the operator's day in which the figure was too high."""

    class State(models.TextChoices):
        """Whether somebody has looked at it."""

        OPEN = "OPEN", "Open"
        DISMISSED = "DISMISSED", "Dismissed"

    rule = models.ForeignKey(FraudRule, on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    # The records behind are those of the line in this window.
    window = DateTimeRangeField()
    # The number whose calls overlap; empty where the whole line counts.
    number = models.CharField(max_length=64, blank=True)
    figure = models.BigIntegerField()
    threshold = models.BigIntegerField()
    record_count = models.IntegerField()
    effect = models.CharField(max_length=16, choices=FraudRule.Effect.choices)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField(db_default=Now())
    state = state_field(State, default=State.OPEN)
    dismissed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismiss_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        """A rule finds a line once a day; who dismisses a hit says why."""

        constraints = [
            models.UniqueConstraint(fields=["rule", "subscription", "day"], name="rating_fraudhit_once_a_day"),
            models.CheckConstraint(
                name="rating_fraudhit_dismissed_says_why",
                condition=Q(state="OPEN", dismissed_at__isnull=True, dismissed_by__isnull=True)
                | (
                    Q(state="DISMISSED", dismissed_at__isnull=False, dismissed_by__isnull=False) & ~Q(dismiss_reason="")
                ),
            ),
            models.CheckConstraint(
                name="rating_fraudhit_is_above", condition=Q(figure__gt=models.F("threshold"), record_count__gt=0)
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="rating_fraudhit_state")]

    def __str__(self) -> str:
        """Show rule and line."""
        return f"{self.rule_id} {self.subscription_id} {self.day}"
