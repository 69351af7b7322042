"""What the state or the head office allows at most: ceilings of prices, each with its document."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models

from billing_site.db.fields import names_field
from tariffs.models.bill_item import UsageCategory
from tariffs.models.rate import Rate
from tariffs.models.zone import Zone


class PriceCeiling(models.Model):
    """
    So many units of use, of a category or to a zone, cost at most so much during a period.

    The document is named whenever a plan is refused for it.
    """

    code = models.CharField(max_length=32, unique=True)
    names = names_field()
    document = models.CharField(max_length=200)
    usage_category = models.ForeignKey(
        UsageCategory, null=True, blank=True, on_delete=models.PROTECT, related_name="ceilings"
    )
    zone = models.ForeignKey(Zone, null=True, blank=True, on_delete=models.PROTECT, related_name="ceilings")
    unit = models.CharField(max_length=16, choices=Rate.Unit.choices, default=Rate.Unit.SECONDS)
    units = models.BigIntegerField(default=60)
    maximum_price = models.DecimalField(max_digits=18, decimal_places=6)
    with_connect_fee = models.BooleanField(default=True)
    currency = models.CharField(max_length=3)
    during = DateRangeField()

    class Meta:
        """It is for a category or for a zone, and has a document."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(usage_category__isnull=True) ^ models.Q(zone__isnull=True),
                name="tariffs_priceceiling_of_one_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(maximum_price__gte=0, units__gte=1), name="tariffs_priceceiling_sound"
            ),
            models.CheckConstraint(condition=~models.Q(document=""), name="tariffs_priceceiling_documented"),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code
