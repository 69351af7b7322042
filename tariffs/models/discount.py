"""Discounts that an account or a group of accounts can have."""

from django.db import models

from billing_site.db.fields import names_field
from tariffs.models.bill_item import BillItem


class Discount(models.Model):
    """
    Something off certain bill items, applied in the order of position: a percentage, an amount a bill, or a percentage
    by the volume of a customer group (its steps).
    """

    class Kind(models.TextChoices):
        """The rule."""

        PERCENT = "PERCENT", "A percentage"
        AMOUNT = "AMOUNT", "An amount a bill"
        VOLUME = "VOLUME", "A percentage by the volume of the group"

    code = models.CharField(max_length=32, unique=True)
    names = names_field()
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.PERCENT, db_default=Kind.PERCENT)
    percent = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    # In the major unit, off every bill; off prices that include tax it includes tax.
    amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    bill_items = models.ManyToManyField(BillItem, related_name="+")
    position = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        """A kind has its own figure and no other; more than nothing, at most everything."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__isnull=True) | models.Q(percent__gt=0, percent__lte=100),
                name="tariffs_discount_percent_sound",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gt=0), name="tariffs_discount_amount_sound"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="PERCENT", percent__isnull=False, amount__isnull=True)
                | models.Q(kind="AMOUNT", percent__isnull=True, amount__isnull=False)
                | models.Q(kind="VOLUME", percent__isnull=True, amount__isnull=True),
                name="tariffs_discount_figure_of_kind",
            ),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class DiscountStep(models.Model):
    """A percentage from a volume on: net charges of a whole group in a bill period, in the major unit."""

    discount = models.ForeignKey(Discount, on_delete=models.PROTECT, related_name="steps")
    volume_from = models.DecimalField(max_digits=18, decimal_places=6)
    percent = models.DecimalField(max_digits=6, decimal_places=3)

    class Meta:
        """One percentage from any volume."""

        constraints = [
            models.UniqueConstraint(fields=["discount", "volume_from"], name="tariffs_discountstep_once_a_volume"),
            models.CheckConstraint(
                condition=models.Q(percent__gt=0, percent__lte=100, volume_from__gte=0),
                name="tariffs_discountstep_figures_sound",
            ),
        ]

    def __str__(self) -> str:
        """Show discount and volume."""
        return f"{self.discount_id} from {self.volume_from}"
