"""Recurring and one-off prices of a plan version."""

from django.db import models

from billing_site.db.fields import names_field
from tariffs.models.bill_item import BillItem
from tariffs.models.plan import PlanVersion


class Price(models.Model):
    """A price that does not depend on use: a monthly fee, a connection."""

    class Kind(models.TextChoices):
        """When it is charged."""

        RECURRING = "RECURRING", "Every bill period"
        ONE_OFF = "ONE_OFF", "Once, at activation"

    class Proration(models.TextChoices):
        """What a part of a period costs."""

        CALENDAR_DAYS = "CALENDAR_DAYS", "By calendar days"
        THIRTY_DAYS = "THIRTY_DAYS", "By days of a 30-day month"
        WHOLE = "WHOLE", "The whole period"

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="prices")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.RECURRING)
    bill_item = models.ForeignKey(BillItem, on_delete=models.PROTECT, related_name="+")
    names = names_field()
    amount = models.DecimalField(max_digits=18, decimal_places=6)
    proration = models.CharField(max_length=16, choices=Proration.choices, default=Proration.CALENDAR_DAYS)

    class Meta:
        """An item has one price of a kind in a version."""

        constraints = [
            models.UniqueConstraint(fields=["plan_version", "kind", "bill_item"], name="tariffs_price_once_an_item"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="tariffs_price_not_negative"),
        ]

    def __str__(self) -> str:
        """Show the amount."""
        return f"{self.kind} {self.amount}"
