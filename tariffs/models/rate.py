"""Prices of use: a rate for a zone in a window, with its steps or tiers."""

from django.db import models

from tariffs.models.calendar import Window
from tariffs.models.plan import PlanVersion
from tariffs.models.zone import Zone


class Rate(models.Model):
    """The price of use to a zone, in one window or in all of them, for one category of customers or for all."""

    class Unit(models.TextChoices):
        """What is counted."""

        SECONDS = "SECONDS", "Seconds"
        EVENTS = "EVENTS", "Events"
        BYTES = "BYTES", "Bytes"
        MONEY = "MONEY", "Money"

    class Model(models.TextChoices):
        """How a quantity becomes a price; the rules are in ``domain.charge_models``."""

        STANDARD = "STANDARD", "Price per increment, with steps"
        TIERS = "TIERS", "Blocks in tiers, nothing beyond the last"
        GRADUATED = "GRADUATED", "Every unit in its own tier"
        GRADUATED_PERCENTAGE = "GRADUATED_PERCENTAGE", "A share of each tier"
        VOLUME = "VOLUME", "All units in the tier reached"
        PACKAGE = "PACKAGE", "Started packages"
        PERCENTAGE = "PERCENTAGE", "A share of each event"

    class Scope(models.TextChoices):
        """What tiers run over."""

        EVENT = "EVENT", "Each use by itself"
        PERIOD = "PERIOD", "All use of the bill period"

    class CapPolicy(models.TextChoices):
        """What the maximum does."""

        CAP = "CAP", "The price stops there"
        DISCONNECT = "DISCONNECT", "The call ends there; the price is not capped"

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="rates")
    code = models.CharField(max_length=32)
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="+")
    window = models.ForeignKey(Window, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=16, choices=Unit.choices, default=Unit.SECONDS, db_default=Unit.SECONDS)
    # A category of accounts; blank for all that have no rate of their own.
    category = models.CharField(max_length=16, blank=True, default="", db_default="")
    model = models.CharField(max_length=24, choices=Model.choices, default=Model.STANDARD, db_default=Model.STANDARD)
    scope = models.CharField(max_length=8, choices=Scope.choices, default=Scope.EVENT, db_default=Scope.EVENT)
    connect_fee = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    minimum_charge = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    maximum_charge = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    surcharge_after_units = models.BigIntegerField(null=True, blank=True)
    surcharge_amount = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    cap_policy = models.CharField(max_length=16, choices=CapPolicy.choices, default=CapPolicy.CAP)
    # Units that packages leave free, or the free sum of shares (millionths of the major unit).
    free_units = models.BigIntegerField(default=0, db_default=0)
    free_events = models.PositiveIntegerField(default=0, db_default=0)
    # Rates of a version with one code share the counter of the period; blank: its own.
    counter_code = models.CharField(max_length=32, blank=True, default="", db_default="")

    class Meta:
        """One rate for a zone, unit, window and category; a zone without windows has one."""

        constraints = [
            models.UniqueConstraint(
                fields=["plan_version", "zone", "unit", "category", "window"],
                name="tariffs_rate_once_a_place",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(fields=["plan_version", "code"], name="tariffs_rate_code_once"),
            models.CheckConstraint(
                condition=models.Q(connect_fee__gte=0, minimum_charge__gte=0, free_units__gte=0),
                name="tariffs_rate_not_negative",
            ),
            models.CheckConstraint(
                condition=~models.Q(model="STANDARD") | models.Q(scope="EVENT", free_units=0, free_events=0),
                name="tariffs_rate_standard_is_each_use",
            ),
            models.CheckConstraint(
                condition=~models.Q(model__in=["PERCENTAGE", "GRADUATED_PERCENTAGE"]) | models.Q(unit="MONEY"),
                name="tariffs_rate_share_is_of_money",
            ),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class RateStep(models.Model):
    """
    From this unit of the use on: a price per so many units, charged in increments.

    Of a rate that is not STANDARD it is a tier: it may end, have a flat fee or a share, and leave units uncut.
    """

    rate = models.ForeignKey(Rate, on_delete=models.PROTECT, related_name="steps")
    from_units = models.BigIntegerField(default=0)
    up_to_units = models.BigIntegerField(null=True, blank=True)
    price = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    per_units = models.BigIntegerField(default=60)
    # Null in a tier: every unit costs its exact part.
    increment_units = models.BigIntegerField(null=True, blank=True, default=60)
    flat_fee = models.DecimalField(max_digits=18, decimal_places=6, default=0, db_default=0)
    percent = models.DecimalField(max_digits=9, decimal_places=6, default=0, db_default=0)

    class Meta:
        """Steps of a rate begin at different units; lengths are positive."""

        constraints = [
            models.UniqueConstraint(fields=["rate", "from_units"], name="tariffs_ratestep_begins_once"),
            models.CheckConstraint(
                condition=models.Q(from_units__gte=0, price__gte=0, per_units__gte=1, flat_fee__gte=0, percent__gte=0)
                & (models.Q(increment_units__isnull=True) | models.Q(increment_units__gte=1)),
                name="tariffs_ratestep_sound",
            ),
            models.CheckConstraint(
                condition=models.Q(up_to_units__isnull=True) | models.Q(up_to_units__gt=models.F("from_units")),
                name="tariffs_ratestep_holds_a_unit",
            ),
        ]

    def __str__(self) -> str:
        """Show the price."""
        return f"{self.price}/{self.per_units}"
