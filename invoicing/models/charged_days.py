"""
Days that are charged ahead of their period's end or over several months, as entries that are never changed.

What is charged in the period of its own bill needs no entry: an account has one bill for any day. A fee in advance,
or one of several months, is charged on a bill of other days; its entries say which days of which price a bill charged
(``sign`` 1) or gave back (-1), and the database refuses a day that would be charged twice.
"""

from django.db import models
from django.db.models import F, Q


class ChargedDays(models.Model):
    """Days of one price that one bill charges or gives back: written with its draft, thrown away with it."""

    # As for lines: no foreign key to what a run writes by the million.
    invoice_id = models.BigIntegerField()
    subscription_id = models.BigIntegerField()
    bill_item_id = models.IntegerField()
    # One of the two: what the price belongs to.
    plan_version_id = models.IntegerField(null=True)
    feature_id = models.IntegerField(null=True)
    price_micro = models.BigIntegerField()
    sign = models.SmallIntegerField()
    start_on = models.DateField()
    until_on = models.DateField()
    # The period that the price is for, and the share of it that these days cost.
    period_from = models.DateField()
    period_until = models.DateField()
    days = models.BigIntegerField()
    of_days = models.BigIntegerField()

    class Meta:
        """Days inside their period, found by line and by bill."""

        constraints = [
            models.CheckConstraint(condition=Q(sign__in=[-1, 1]), name="invoicing_chargeddays_sign"),
            models.CheckConstraint(
                condition=Q(
                    start_on__gte=F("period_from"),
                    until_on__gt=F("start_on"),
                    period_until__gte=F("until_on"),
                    of_days__gt=0,
                ),
                name="invoicing_chargeddays_in_period",
            ),
            models.CheckConstraint(
                condition=Q(plan_version_id__isnull=False) | Q(feature_id__isnull=False),
                name="invoicing_chargeddays_of_something",
            ),
        ]
        indexes = [
            models.Index(fields=["subscription_id", "period_until"], name="invoicing_chargeddays_line"),
            models.Index(fields=["invoice_id"], name="invoicing_chargeddays_invoice"),
        ]

    def __str__(self) -> str:
        """Show line and days."""
        return f"{self.subscription_id} {self.start_on} {self.sign}"
