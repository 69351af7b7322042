"""Recurring and one-off prices of a plan version."""

from django.db import models

from billing_site.db.fields import names_field
from tariffs.models.bill_item import BillItem
from tariffs.models.fee import FeeTerms, fee_constraints
from tariffs.models.plan import PlanVersion


class Price(FeeTerms):
    """A price that does not depend on use: a monthly fee, a connection."""

    class Kind(models.TextChoices):
        """When it is charged."""

        RECURRING = "RECURRING", "Every bill period"
        ONE_OFF = "ONE_OFF", "Once, at activation"

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="prices")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.RECURRING)
    bill_item = models.ForeignKey(BillItem, on_delete=models.PROTECT, related_name="+")
    names = names_field()
    amount = models.DecimalField(max_digits=18, decimal_places=6)

    class Meta:
        """An item has one price of a kind in a version."""

        constraints = [
            models.UniqueConstraint(fields=["plan_version", "kind", "bill_item"], name="tariffs_price_once_an_item"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="tariffs_price_not_negative"),
            *fee_constraints("tariffs_price"),
        ]

    def __str__(self) -> str:
        """Show the amount."""
        return f"{self.kind} {self.amount}"

    @property
    def is_once(self) -> bool:
        """Whether it is charged once, without a period."""
        return self.kind == self.Kind.ONE_OFF
