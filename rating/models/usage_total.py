"""Totals kept while rating: what a bill run reads instead of millions of records."""

from django.db import models


class UsageTotal(models.Model):
    """What a subscription used of a bill item in a bill period; kept in rating's own transaction."""

    # The account leads: one index is the key, the bill run's way by account, and written in order. A subscription
    # never changes its account (a cession makes a new one), so the account adds nothing to what is unique.
    pk = models.CompositePrimaryKey("account_id", "bill_period", "subscription_id", "bill_item_id")
    account_id = models.BigIntegerField()
    bill_period = models.DateField()
    subscription_id = models.BigIntegerField()
    bill_item_id = models.IntegerField()
    record_count = models.IntegerField()
    duration_seconds = models.BigIntegerField()
    volume_bytes = models.BigIntegerField(db_default=0)
    charged_units = models.BigIntegerField()
    allowance_units = models.BigIntegerField()
    amount_micro = models.BigIntegerField()

    def __str__(self) -> str:
        """Show the key."""
        return f"{self.subscription_id} {self.bill_period} {self.bill_item_id}"


class CorrectionTotal(models.Model):
    """
    What a re-rating changed of usage whose bill period was cut before: a line of its own on the next bill.

    ``bill_period`` is that of the bill that charges it, ``corrects`` the one in which the usage was billed first.
    Kept in the re-rating's own transaction; counts and amounts are differences and may be negative.
    """

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

    class Meta:
        """Only what was cut before is corrected."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(corrects__lt=models.F("bill_period")), name="rating_correctiontotal_is_of_the_past"
            ),
        ]

    def __str__(self) -> str:
        """Show the key."""
        return f"{self.subscription_id} {self.bill_period} {self.bill_item_id} of {self.corrects}"
