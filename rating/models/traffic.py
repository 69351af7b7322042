"""Daily summaries of traffic, kept while rating: figures and pictures come from here, never from millions of rows."""

from django.db import models


class UsageSums(models.Model):
    """Sums of rated records."""

    record_count = models.BigIntegerField()
    duration_seconds = models.BigIntegerField()
    volume_bytes = models.BigIntegerField()
    amount_micro = models.BigIntegerField()

    class Meta:
        """Of what, its heirs say."""

        abstract = True


class TrafficDay(UsageSums):
    """
    What came on a local day and hour over an exchange and its trunks, by category of customer, service and use.

    Sums are those of the records, corrections included: a reversal counts below zero.
    """

    pk = models.CompositePrimaryKey(
        "day", "hour", "source_id", "trunk_in", "trunk_out", "category", "service", "usage_category_id"
    )
    day = models.DateField()
    hour = models.SmallIntegerField()
    source_id = models.BigIntegerField()
    # Empty where the exchange does not say.
    trunk_in = models.CharField(max_length=64)
    trunk_out = models.CharField(max_length=64)
    category = models.CharField(max_length=16)
    service = models.SmallIntegerField()
    usage_category_id = models.BigIntegerField()

    class Meta:
        """Hours of a day."""

        constraints = [
            models.CheckConstraint(condition=models.Q(hour__gte=0, hour__lte=23), name="rating_trafficday_hour_of_day")
        ]

    def __str__(self) -> str:
        """Show day, hour and exchange."""
        return f"{self.day} {self.hour} {self.source_id}"


class TrafficServiceDay(UsageSums):
    """What came on a local day, by service alone: of many months there are too many rows by exchange and trunk."""

    pk = models.CompositePrimaryKey("day", "service")
    day = models.DateField()
    service = models.SmallIntegerField()

    def __str__(self) -> str:
        """Show day and service."""
        return f"{self.day} {self.service}"


class FollowedStaffLine(models.Model):
    """A line in the hands of staff whose days are added up since the first record that was at hand."""

    subscription_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        """Show the line."""
        return str(self.subscription_id)


class StaffLineDay(UsageSums):
    """What a line in the hands of staff was used for on a local day, by service."""

    pk = models.CompositePrimaryKey("subscription_id", "day", "service")
    subscription_id = models.BigIntegerField()
    day = models.DateField()
    service = models.SmallIntegerField()

    def __str__(self) -> str:
        """Show line and day."""
        return f"{self.subscription_id} {self.day}"


class KeyAccountDay(UsageSums):
    """What a key account used on a local day, by service."""

    pk = models.CompositePrimaryKey("account_id", "day", "service")
    account_id = models.BigIntegerField()
    day = models.DateField()
    service = models.SmallIntegerField()

    def __str__(self) -> str:
        """Show account and day."""
        return f"{self.account_id} {self.day}"
