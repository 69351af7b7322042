"""What was agreed with a subscriber besides the plan: promotions and contracts."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now

from subscribers.models.account import Account
from subscribers.models.subscription import Subscription
from tariffs.models import ContractTerm, Promotion


class PromotionAgreement(models.Model):
    """
    A promotion agreed for one subscription of an account, or for all of them (``subscription`` empty).

    Two of a kind never hold for the same subscription on the same day: an exclusion in ``migrations/sql``, where an
    agreement for the whole account meets those of each of its subscriptions.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="promotions")
    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.PROTECT, related_name="promotions"
    )
    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="+")
    # That of the promotion (a foreign key in ``migrations/sql`` keeps it so).
    kind = models.CharField(max_length=32, choices=Promotion.Kind.choices)
    number = models.CharField(max_length=32, unique=True)
    agreed_on = models.DateField()
    during = DateRangeField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """Show the number."""
        return self.number


class Contract(models.Model):
    """A contract on a subscription: its first day and the first day after it."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="contracts")
    term = models.ForeignKey(ContractTerm, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=32, unique=True)
    agreed_on = models.DateField()
    during = DateRangeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One contract on any day; it has an end."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_contract_one_at_a_time",
                expressions=[("subscription", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=models.Q(during__upper_inf=False), name="subscribers_contract_has_end"),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.number
