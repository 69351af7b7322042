"""Plans and their dated versions."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now

from billing_site.db.fields import names_field, state_field
from billing_site.db.ranges import date_period
from billing_site.identity.models import User
from tariffs.models.bill_item import BillItem
from tariffs.models.calendar import WindowScheme


class Plan(models.Model):
    """A plan that a subscription can have; what it costs is in its versions."""

    code = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=16, choices=BillItem.Kind.choices)
    names = names_field()

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class PlanVersion(models.Model):
    """
    What a plan costs during a period.

    A draft may change; once submitted it may not, published it never does (triggers), and published versions of a plan
    never overlap. Another person publishes than those who made, last changed and submitted it.
    """

    class State(models.TextChoices):
        """Where a version stands."""

        DRAFT = "DRAFT", "Draft"
        SUBMITTED = "SUBMITTED", "Submitted"
        PUBLISHED = "PUBLISHED", "Published"

    class Standing(models.TextChoices):
        """What a version means on a day: its state and, once published, its period."""

        DRAFT = "DRAFT", "Draft"
        SUBMITTED = "SUBMITTED", "Submitted"
        SCHEDULED = "SCHEDULED", "Scheduled"
        LIVE = "LIVE", "Live"
        RETIRED = "RETIRED", "Retired"

    class Rounding(models.TextChoices):
        """How the price of one record is rounded, once."""

        HALF_UP = "HALF_UP", "Half up"
        UP = "UP", "Up"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    during = DateRangeField()
    state = state_field(State, default=State.DRAFT)
    currency = models.CharField(max_length=3)
    window_scheme = models.ForeignKey(WindowScheme, on_delete=models.PROTECT, related_name="+")
    rounding_mode = models.CharField(max_length=16, choices=Rounding.choices, default=Rounding.HALF_UP)
    rounding_places = models.PositiveSmallIntegerField(default=2)
    # Whether everything priced in it, usage too, has its tax in it already. All versions of a plan say the same.
    prices_include_tax = models.BooleanField(default=False, db_default=False)
    # How many favourite numbers a line with this plan may have.
    favourite_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True, blank=True)
    # Counts the changes of a draft: who saves over a count that moved on is told to look again.
    revision = models.PositiveIntegerField(default=0)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    # Why it was given back the last time; empty if it never was.
    rejection_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        """Published versions tile; the maker does not approve."""

        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="tariffs_planversion_number_once"),
            ExclusionConstraint(
                name="tariffs_planversion_one_at_a_time",
                expressions=[("plan", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=models.Q(state="PUBLISHED"),
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("created_by")),
                name="tariffs_planversion_second_person",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | (~models.Q(approved_by=models.F("changed_by")) & ~models.Q(approved_by=models.F("submitted_by"))),
                name="tariffs_planversion_changer_does_not_approve",
            ),
            # Amounts are kept in millionths: a price rounded finer than that could not be.
            models.CheckConstraint(
                condition=models.Q(rounding_places__lte=6), name="tariffs_planversion_places_at_most_six"
            ),
        ]

    def __str__(self) -> str:
        """Show plan and number."""
        return f"{self.plan_id} v{self.number}"

    @property
    def is_draft(self) -> bool:
        """Whether it may still change."""
        return self.state == self.State.DRAFT

    def standing_on(self, day: date) -> "PlanVersion.Standing":
        """Return what the version means on a day: nothing of it is stored beside state and period."""
        if self.state != self.State.PUBLISHED:
            return self.Standing(self.state)
        period = date_period(self.during)
        if day < period.start:
            return self.Standing.SCHEDULED
        is_over = period.until is not None and period.until <= day
        return self.Standing.RETIRED if is_over else self.Standing.LIVE
