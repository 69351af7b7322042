"""What a plan version would have cost: usage of months that are over, priced again under a draft."""

from django.db import models
from django.db.models.functions import Now

from billing_site.db.fields import micro_field
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from subscribers.models import Account
from tariffs.models import BillItem, PlanVersion, Zone


class PlanPreview(models.Model):
    """
    One question: this draft, these months. Its state is its job's.

    ``revision`` and, where that moved on, ``contents_digest`` tell whether the version still says what was priced.
    """

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    # First day of the calendar month in which the first usage period of each cycle begins.
    first_month = models.DateField()
    month_count = models.PositiveSmallIntegerField(default=1)
    # Of the version when it was asked: as long as it did not move on, the digest need not be taken again.
    revision = models.PositiveIntegerField()
    contents_digest = models.CharField(max_length=64)
    # Subscriptions that had the plan on some day of their periods.
    subscription_count = models.BigIntegerField()
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A month by its first day, and somebody to price."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_month__day=1, month_count__gte=1), name="rating_planpreview_whole_months"
            ),
            models.CheckConstraint(
                condition=models.Q(subscription_count__gte=1), name="rating_planpreview_somebody_has_the_plan"
            ),
        ]

    def __str__(self) -> str:
        """Show version and month."""
        return f"{self.plan_version_id} {self.first_month:%Y-%m}"


class PlanPreviewAccount(models.Model):
    """What the usage of an account cost and would have cost. Written once by its piece, by COPY."""

    pk = models.CompositePrimaryKey("preview_id", "account_id")
    preview = models.ForeignKey(PlanPreview, on_delete=models.PROTECT, related_name="accounts")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    record_count = models.IntegerField()
    old_micro = micro_field()
    new_micro = micro_field()
    # Records that the draft cannot price, and what they cost now; the new amount has nothing of them.
    unpriced_count = models.IntegerField()
    unpriced_micro = micro_field()
    # Of the records that the draft prices.
    change_micro = models.GeneratedField(
        expression=models.F("new_micro") - models.F("old_micro") + models.F("unpriced_micro"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        """The most affected ones are looked for at both ends."""

        indexes = [models.Index(fields=["preview", "change_micro", "account"], name="rating_previewaccount_change")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(record_count__gte=models.F("unpriced_count"), unpriced_count__gte=0),
                name="rating_previewaccount_counts",
            ),
        ]

    def __str__(self) -> str:
        """Show account and change."""
        return f"{self.account_id} {self.old_micro} {self.new_micro}"

    @property
    def before_micro(self) -> int:
        """What the records cost now that the draft prices."""
        return self.old_micro - self.unpriced_micro


class PlanPreviewZone(models.Model):
    """What a piece's usage of a zone cost and would have cost, by bill item. Written once, by COPY."""

    pk = models.CompositePrimaryKey("preview_id", "zone_id", "bill_item_id", "piece")
    preview = models.ForeignKey(PlanPreview, on_delete=models.PROTECT, related_name="zones")
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="+")
    bill_item = models.ForeignKey(BillItem, on_delete=models.PROTECT, related_name="+")
    piece = models.IntegerField()
    old_count = models.IntegerField()
    old_micro = micro_field()
    new_count = models.IntegerField()
    new_micro = micro_field()
    # By the zone in which they are priced now.
    unpriced_count = models.IntegerField()
    unpriced_micro = micro_field()

    def __str__(self) -> str:
        """Show zone and piece."""
        return f"{self.zone_id} {self.piece}"


class PlanPreviewFee(models.Model):
    """A fee of every period, in the version in force and in the draft, as they stood at the question."""

    pk = models.CompositePrimaryKey("preview_id", "bill_item_id")
    preview = models.ForeignKey(PlanPreview, on_delete=models.PROTECT, related_name="fees")
    bill_item = models.ForeignKey(BillItem, on_delete=models.PROTECT, related_name="+")
    old_micro = micro_field()
    new_micro = micro_field()

    def __str__(self) -> str:
        """Show item and amounts."""
        return f"{self.bill_item_id} {self.old_micro} {self.new_micro}"
