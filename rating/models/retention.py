"""What becomes of rated records when their time is over: detached by days, with what they summed to kept."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.identity.models import User


class LegalHold(models.Model):
    """Days whose records must be kept, whatever their age, until the hold is lifted."""

    days = DateRangeField()
    reason = models.CharField(max_length=300)
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(db_default=Now())
    lifted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A hold has a reason; it is lifted by somebody at some time."""

        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="rating_legalhold_has_reason"),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True, lifted_at__isnull=True)
                | Q(lifted_by__isnull=False, lifted_at__isnull=False),
                name="rating_legalhold_lifted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True) | ~Q(lifted_by=F("placed_by")),
                name="rating_legalhold_second_person",
            ),
        ]

    def __str__(self) -> str:
        """Show the days."""
        return str(self.days)


class DetachedPartition(models.Model):
    """A day's records that were taken out of the table of records; the rows lie in a table of their own."""

    day = models.DateField()
    table_name = models.CharField(max_length=63, unique=True)
    record_count = models.BigIntegerField()
    amount_micro = models.BigIntegerField()
    detached_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Looked up by day."""

        indexes = [models.Index(fields=["day"], name="rating_detached_day")]

    def __str__(self) -> str:
        """Show the day."""
        return str(self.day)


class DetachedTotal(models.Model):
    """What detached records summed to, by the key of the totals: totals equal records and these together."""

    pk = models.CompositePrimaryKey("account_id", "bill_period", "subscription_id", "bill_item_id")
    account_id = models.BigIntegerField()
    bill_period = models.DateField()
    subscription_id = models.BigIntegerField()
    bill_item_id = models.IntegerField()
    record_count = models.IntegerField()
    duration_seconds = models.BigIntegerField()
    volume_bytes = models.BigIntegerField()
    charged_units = models.BigIntegerField()
    allowance_units = models.BigIntegerField()
    amount_micro = models.BigIntegerField()

    def __str__(self) -> str:
        """Show the key."""
        return f"{self.subscription_id} {self.bill_period} {self.bill_item_id}"


class DetachedCorrection(models.Model):
    """What is of corrections in the sums of detached records, by the key of the totals of corrections."""

    pk = models.CompositePrimaryKey("account_id", "bill_period", "subscription_id", "bill_item_id", "corrects")
    account_id = models.BigIntegerField()
    bill_period = models.DateField()
    subscription_id = models.BigIntegerField()
    bill_item_id = models.IntegerField()
    corrects = models.DateField()
    record_count = models.IntegerField()
    duration_seconds = models.BigIntegerField()
    volume_bytes = models.BigIntegerField()
    charged_units = models.BigIntegerField()
    allowance_units = models.BigIntegerField()
    amount_micro = models.BigIntegerField()

    def __str__(self) -> str:
        """Show the key."""
        return f"{self.subscription_id} {self.bill_period} {self.bill_item_id} of {self.corrects}"


class DetachedFile(models.Model):
    """What detached first ratings of a file's lines summed to."""

    file_id = models.BigIntegerField(primary_key=True)
    record_count = models.BigIntegerField()
    duration_seconds = models.BigIntegerField()
    volume_bytes = models.BigIntegerField()
    amount_micro = models.BigIntegerField()

    def __str__(self) -> str:
        """Show the file."""
        return str(self.file_id)
