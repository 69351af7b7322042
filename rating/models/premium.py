"""Premium lines: information stations, their access numbers, and what was called there."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import names_field

PREMIUM_DIGITS = r"^[0-9]{3,15}$"


class PremiumStation(models.Model):
    """
    An information station during a period of days: who runs it, whom a caller may ask, what is owed to it.

    The share never changes: another share is another row of the same code, from its own day on.
    """

    class ShareKind(models.TextChoices):
        """What the share is counted on."""

        PERCENT = "PERCENT", _("Per cent of what is billed")
        CALL = "CALL", _("Fixed for each call")
        MINUTE = "MINUTE", _("Fixed for each minute")

    code = models.CharField(max_length=32)
    names = names_field()
    provider = models.CharField(max_length=200)
    contact_phone = models.CharField(max_length=32)
    contact_address = models.CharField(max_length=300, blank=True)
    share_kind = models.CharField(max_length=16, choices=ShareKind.choices)
    share_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    share_micro = models.BigIntegerField(default=0)
    during = DateRangeField()

    class Meta:
        """One row of a code on any day; a share of one kind."""

        constraints = [
            ExclusionConstraint(
                name="rating_premiumstation_one_at_a_time",
                expressions=[("code", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                name="rating_premiumstation_one_share",
                condition=Q(share_kind="PERCENT", share_micro=0, share_percent__gte=0, share_percent__lte=100)
                | Q(share_kind__in=["CALL", "MINUTE"], share_percent=0, share_micro__gte=0),
            ),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class PremiumNumber(models.Model):
    """An access number of a station (country code first, digits only), on the station's days."""

    station = models.ForeignKey(PremiumStation, on_delete=models.PROTECT, related_name="numbers")
    number = models.CharField(max_length=15)
    during = DateRangeField()

    class Meta:
        """A number leads to one station on any day."""

        constraints = [
            ExclusionConstraint(
                name="rating_premiumnumber_one_station",
                expressions=[("number", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=Q(number__regex=PREMIUM_DIGITS), name="rating_premiumnumber_digits_only"),
        ]
        indexes = [models.Index(fields=["number"], name="rating_premiumnumber_number")]

    def __str__(self) -> str:
        """Show the number."""
        return self.number


class PremiumTotal(models.Model):
    """
    What a subscription called at a station on a day of the operator, and in which bill item of which period.

    What a re-rating changed of usage billed before (``is_correction``) is charged by a line of its own.
    """

    pk = models.CompositePrimaryKey(
        "day", "station_id", "account_id", "subscription_id", "bill_period", "bill_item_id", "is_correction"
    )
    day = models.DateField()
    station_id = models.BigIntegerField()
    account_id = models.BigIntegerField()
    subscription_id = models.BigIntegerField()
    bill_period = models.DateField()
    bill_item_id = models.IntegerField()
    is_correction = models.BooleanField(default=False, db_default=False)
    call_count = models.IntegerField()
    duration_seconds = models.BigIntegerField()
    amount_micro = models.BigIntegerField()

    class Meta:
        """A station's months are read by station and day, a bill's line by subscription and period."""

        indexes = [
            models.Index(fields=["station_id", "day"], name="rating_premiumtotal_station"),
            models.Index(fields=["subscription_id", "bill_period"], name="rating_premiumtotal_line"),
        ]

    def __str__(self) -> str:
        """Show day and station."""
        return f"{self.day} {self.station_id} {self.account_id}"


class PremiumDay(models.Model):
    """A day whose premium calls are totalled, and the instant up to which its records were seen."""

    day = models.DateField(primary_key=True)
    totalled_at = models.DateTimeField()

    def __str__(self) -> str:
        """Show the day."""
        return str(self.day)
