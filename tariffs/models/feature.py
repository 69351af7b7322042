"""Extra services on a line: call waiting, a static address."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from billing_site.db.fields import names_field
from tariffs.models.bill_item import BillItem
from tariffs.models.fee import FeeTerms, fee_constraints


class Feature(FeeTerms):
    """A feature that a subscription can have besides its plan."""

    code = models.CharField(max_length=32, unique=True)
    names = names_field()
    bill_item = models.ForeignKey(BillItem, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """The terms of a fee."""

        constraints = fee_constraints("tariffs_feature")

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class FeaturePrice(models.Model):
    """What a feature costs a bill period, during a period."""

    feature = models.ForeignKey(Feature, on_delete=models.PROTECT, related_name="prices")
    during = DateRangeField()
    amount = models.DecimalField(max_digits=18, decimal_places=6)

    class Meta:
        """One price on any day."""

        constraints = [
            ExclusionConstraint(
                name="tariffs_featureprice_one_at_a_time",
                expressions=[("feature", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="tariffs_featureprice_not_negative"),
        ]

    def __str__(self) -> str:
        """Show the amount."""
        return str(self.amount)
