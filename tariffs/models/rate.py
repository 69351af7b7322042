"""Prices of use: a rate for a zone in a window, with its steps."""

from django.db import models

from tariffs.models.calendar import Window
from tariffs.models.plan import PlanVersion
from tariffs.models.zone import Zone


class Rate(models.Model):
    """The price of calls to a zone, in one window or in all of them."""

    class CapPolicy(models.TextChoices):
        """What the maximum does."""

        CAP = "CAP", "The price stops there"
        DISCONNECT = "DISCONNECT", "The call ends there; the price is not capped"

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="rates")
    code = models.CharField(max_length=32)
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="+")
    window = models.ForeignKey(Window, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    connect_fee = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    minimum_charge = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    maximum_charge = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    surcharge_after_seconds = models.PositiveIntegerField(null=True, blank=True)
    surcharge_amount = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    cap_policy = models.CharField(max_length=16, choices=CapPolicy.choices, default=CapPolicy.CAP)

    class Meta:
        """One rate for a zone and a window; a zone without windows has one."""

        constraints = [
            models.UniqueConstraint(
                fields=["plan_version", "zone", "window"], name="tariffs_rate_once_a_window", nulls_distinct=False
            ),
            models.UniqueConstraint(fields=["plan_version", "code"], name="tariffs_rate_code_once"),
            models.CheckConstraint(
                condition=models.Q(connect_fee__gte=0, minimum_charge__gte=0), name="tariffs_rate_not_negative"
            ),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class RateStep(models.Model):
    """From this second of the call on: a price per so many seconds, charged in increments."""

    rate = models.ForeignKey(Rate, on_delete=models.PROTECT, related_name="steps")
    from_second = models.PositiveIntegerField(default=0)
    price = models.DecimalField(max_digits=18, decimal_places=6)
    per_seconds = models.PositiveIntegerField(default=60)
    increment_seconds = models.PositiveIntegerField(default=60)

    class Meta:
        """Steps of a rate begin at different seconds; lengths are positive."""

        constraints = [
            models.UniqueConstraint(fields=["rate", "from_second"], name="tariffs_ratestep_begins_once"),
            models.CheckConstraint(
                condition=models.Q(price__gte=0, per_seconds__gte=1, increment_seconds__gte=1),
                name="tariffs_ratestep_sound",
            ),
        ]

    def __str__(self) -> str:
        """Show the price."""
        return f"{self.price}/{self.per_seconds} s"
