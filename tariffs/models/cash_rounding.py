"""How totals of bills are rounded to what can be paid in cash."""

from django.db import models

from tariffs.models.bill_item import BillItem


class CashRounding(models.Model):
    """
    The smallest amount in which bills of a currency come: 10 drams, 0.05 of a franc. Without a row nothing is rounded.

    The difference is a line of its own, outside every tax, and goes to the account for rounding in the books.
    """

    class Mode(models.TextChoices):
        """Which way."""

        HALF_UP = "HALF_UP", "To the nearest, halves up"
        UP = "UP", "Up"
        DOWN = "DOWN", "Down"

    currency = models.CharField(max_length=3, unique=True)
    unit = models.DecimalField(max_digits=12, decimal_places=3)
    mode = models.CharField(max_length=16, choices=Mode.choices, default=Mode.HALF_UP)
    # What the line is called; its tax category has no tax.
    bill_item = models.ForeignKey(BillItem, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Something to round to."""

        constraints = [
            models.CheckConstraint(condition=models.Q(unit__gt=0), name="tariffs_cashrounding_unit_sound"),
        ]

    def __str__(self) -> str:
        """Show currency and unit."""
        return f"{self.currency} {self.unit}"
