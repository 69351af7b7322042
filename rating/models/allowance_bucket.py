"""What is used of an allowance in a bill period, and what a rate that runs over the period has counted."""

from django.db import models


class AllowanceBucket(models.Model):
    """
    Used units of an allowance, by its holder and usage period (the period of the call's start).

    Of a counter ``allowance_id`` is the counter's own id.
    """

    class HolderKind(models.TextChoices):
        """Whose it is."""

        SUBSCRIPTION = "S", "Subscription"
        ACCOUNT = "A", "Account"
        COUNTER = "C", "Counter of a subscription"

    pk = models.CompositePrimaryKey("holder_kind", "holder_id", "allowance_id", "period_start")
    holder_kind = models.CharField(max_length=1, choices=HolderKind.choices)
    holder_id = models.BigIntegerField()
    allowance_id = models.IntegerField()
    period_start = models.DateField()
    used_units = models.BigIntegerField(default=0)
    # What came from the period before, and what went on to the next one.
    carried_units = models.BigIntegerField(db_default=0)
    moved_units = models.BigIntegerField(db_default=0)
    # How many usages a counter has counted.
    used_events = models.BigIntegerField(db_default=0)
    # Start of the latest record that drew from it: an earlier one that comes later is late.
    last_start_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Show the key."""
        return f"{self.holder_kind}{self.holder_id} {self.allowance_id} {self.period_start}"
