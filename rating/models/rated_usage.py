"""
Rated records: one row a call, with what explains its price.

Partitioned by day of start. One composite key is primary key, guard against duplicates and the index
for "calls of this subscription in this period" at once. Revision 0 is the first rating; a reversal and
its successor are later revisions: nothing is edited. Ids carry no foreign-key triggers; a nightly check
proves them.
"""

from django.db import models


class RatedUsage(models.Model):
    """One rated record. The table is made by SQL (partitions); rows come in by COPY alone."""

    pk = models.CompositePrimaryKey("subscription_id", "start_at", "duplicate_key", "revision")
    subscription_id = models.BigIntegerField()
    start_at = models.DateTimeField()
    # 64 bits of a hash over what makes a call the same call: source's call id, called number, duration.
    duplicate_key = models.BigIntegerField()
    revision = models.SmallIntegerField()
    account_id = models.BigIntegerField()
    file_id = models.BigIntegerField()
    line_number = models.IntegerField()
    calling = models.TextField()
    called = models.TextField()
    duration_seconds = models.IntegerField()
    # Of data alone.
    volume_bytes = models.BigIntegerField()
    # What a third party charges for its content.
    third_party_micro = models.BigIntegerField()
    # Place in ``rating.domain.services.SERVICES``.
    service = models.SmallIntegerField()
    zone_id = models.IntegerField()
    bill_item_id = models.IntegerField()
    plan_version_id = models.IntegerField()
    # The rule of the first increment; null for a call of no length.
    rate_id = models.IntegerField(null=True)
    # Units charged after rounding up to increments and after allowances.
    charged_units = models.BigIntegerField()
    allowance_id = models.IntegerField(null=True)
    allowance_units = models.BigIntegerField()
    # What the bill period had used before, where the price depends on it.
    units_before = models.BigIntegerField(null=True)
    events_before = models.IntegerField(null=True)
    # Price of the first step, in millionths, for as many units as the rate says.
    unit_price_micro = models.BigIntegerField()
    amount_micro = models.BigIntegerField()
    # First day of the bill period in which it is billed.
    bill_period = models.DateField()
    is_late = models.BooleanField(default=False)
    # First day of the bill period in which it was billed first, where a re-rating corrects it after that was cut.
    corrects = models.DateField(null=True)
    # Of records for a list alone: the called number as its reader may see it (``rating.queries.call_lists``).
    shown_called: str

    class Meta:
        """Made and partitioned in ``migrations/sql``."""

        managed = False
        db_table = "rating_ratedusage"

    def __str__(self) -> str:
        """Show file and line."""
        return f"{self.file_id}/{self.line_number}"


class UsagePartition(models.Model):
    """A day's partition of rated records: made ahead by ``rating_make_partition``, detached for retention."""

    day = models.DateField(primary_key=True)
    table_name = models.CharField(max_length=63, unique=True)

    def __str__(self) -> str:
        """Show the day."""
        return str(self.day)
