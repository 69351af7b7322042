"""
Dunning as data: a ladder of steps for a customer category, dated; a second person publishes it.

A published policy stays as it is (triggers in ``migrations/sql``): only its last day may be set.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import minor_field, names_field, state_field
from billing_site.identity.models import User
from payments.domain.dunning import Action
from subscribers.models import Account, Notice
from tariffs.models import BillItem

# What stands on the own pages alone reminds nobody.
WAYS = [way for way in Notice.Channel.choices if way[0] != Notice.Channel.PORTAL]


class DunningPolicy(models.Model):
    """A version of the rules for one category (empty: every category without its own). Amounts are minor units."""

    class State(models.TextChoices):
        """Whether it holds."""

        DRAFT = "DRAFT", "Draft"
        PUBLISHED = "PUBLISHED", "Published"

    code = models.CharField(max_length=32, unique=True)
    names = names_field()
    category = models.CharField(max_length=16, choices=Account.Category.choices, blank=True)
    currency = models.CharField(max_length=3)
    state = state_field(State, default=State.DRAFT)
    during = DateRangeField()
    # A smaller overdue debt is left alone.
    minimum_minor = minor_field()
    # Lines are free again when what is overdue is below this.
    restore_below_minor = minor_field()
    # Days more for who had no step in the last year.
    grace_days = models.PositiveSmallIntegerField(default=0)
    excludes_key = models.BooleanField(default=True)
    promises_a_year = models.PositiveSmallIntegerField(default=2)
    promise_days = models.PositiveSmallIntegerField(default=14)
    # A write-off takes the tax in the debt back, too.
    takes_tax_back = models.BooleanField(default=False)
    # What fees are billed as, and the fee, before tax, for making lines free again; 0: none.
    fee_item = models.ForeignKey(BillItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reconnection_fee_minor = minor_field(default=0)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One policy for a category on any day; the maker does not publish."""

        constraints = [
            ExclusionConstraint(
                name="payments_dunningpolicy_one_at_a_time",
                expressions=[("category", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(state="PUBLISHED"),
            ),
            models.CheckConstraint(
                condition=Q(minimum_minor__gt=0, restore_below_minor__gt=0),
                name="payments_dunningpolicy_amounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(reconnection_fee_minor=0) | Q(reconnection_fee_minor__gt=0, fee_item__isnull=False),
                name="payments_dunningpolicy_fee_has_item",
            ),
            models.CheckConstraint(
                condition=Q(state="DRAFT", published_by__isnull=True, published_at__isnull=True)
                | Q(state="PUBLISHED", published_by__isnull=False, published_at__isnull=False),
                name="payments_dunningpolicy_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | Q(created_by__isnull=True) | ~Q(published_by=F("created_by")),
                name="payments_dunningpolicy_second_person",
            ),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.state == self.State.DRAFT


class DunningStep(models.Model):
    """A step of a ladder: when, from which debt on, what is done, and how the subscriber is told what."""

    class Action(models.TextChoices):
        """What is done besides telling."""

        REMINDER = Action.REMINDER.value, _("Reminder")
        RESTRICTION = Action.RESTRICTION.value, _("Outgoing calls barred")
        SUSPENSION = Action.SUSPENSION.value, _("All calls barred")
        COLLECTION = Action.COLLECTION.value, _("Handed over to collection")

    class Text(models.TextChoices):
        """What the subscriber is told: whole sentences, in ``payments.domain.dunning_texts``."""

        FRIENDLY = "FRIENDLY", _("You may have forgotten")
        FIRM = "FIRM", _("Please pay now")
        WARNING = "WARNING", _("Your calls will be barred")
        BARRED = "BARRED", _("Your outgoing calls are barred")
        STOPPED = "STOPPED", _("All your calls are barred")
        HANDED_OVER = "HANDED_OVER", _("Your debt is handed over")

    policy = models.ForeignKey(DunningPolicy, on_delete=models.PROTECT, related_name="steps")
    n = models.PositiveSmallIntegerField()
    after_days = models.PositiveSmallIntegerField()
    minimum_minor = minor_field(default=0)
    action = models.CharField(max_length=16, choices=Action.choices)
    channel = models.CharField(max_length=8, choices=WAYS)
    text = models.CharField(max_length=16, choices=Text.choices)
    # Charged with the next bill, before tax; 0: none.
    late_fee_minor = minor_field(default=0)

    class Meta:
        """Places and days are given once; there is no step before the first."""

        constraints = [
            models.UniqueConstraint(
                fields=["policy", "n"], name="payments_dunningstep_place_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(fields=["policy", "after_days"], name="payments_dunningstep_day_once"),
            models.CheckConstraint(
                condition=Q(n__gte=1, minimum_minor__gte=0, late_fee_minor__gte=0), name="payments_dunningstep_sound"
            ),
        ]

    def __str__(self) -> str:
        """Show policy and place."""
        return f"{self.policy_id}/{self.n}"
