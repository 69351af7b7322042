"""Discounts that an account can have."""

from django.db import models

from billing_site.db.fields import names_field
from tariffs.models.bill_item import BillItem


class Discount(models.Model):
    """A percentage off certain bill items, applied in the order of position."""

    code = models.CharField(max_length=32, unique=True)
    names = names_field()
    percent = models.DecimalField(max_digits=6, decimal_places=3)
    bill_items = models.ManyToManyField(BillItem, related_name="+")
    position = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        """More than nothing, at most everything."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__gt=0, percent__lte=100), name="tariffs_discount_percent_sound"
            ),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code
