"""Groups of accounts that are looked at together: a firm, a family, a ministry."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now

from billing_site.db.fields import names_field
from subscribers.models.account import Account
from tariffs.models import Discount


class CustomerGroup(models.Model):
    """A group of accounts; who is in it is said by its members."""

    class Kind(models.TextChoices):
        """What holds it together."""

        FIRM = "FIRM", "Firm"
        FAMILY = "FAMILY", "Family"
        MINISTRY = "MINISTRY", "Ministry"

    code = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    names = names_field()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class CustomerGroupMember(models.Model):
    """An account in a group during a period."""

    group = models.ForeignKey(CustomerGroup, on_delete=models.PROTECT, related_name="members")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="customer_groups")
    during = DateRangeField()

    class Meta:
        """In one group on any day."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_customergroupmember_one_at_a_time",
                expressions=[("account", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        """Show group and account."""
        return f"{self.group_id} {self.account_id}"


class CustomerGroupDiscount(models.Model):
    """A discount that every account of a group has during a period."""

    group = models.ForeignKey(CustomerGroup, on_delete=models.PROTECT, related_name="discounts")
    discount = models.ForeignKey(Discount, on_delete=models.PROTECT, related_name="+")
    during = DateRangeField()

    class Meta:
        """The same discount does not count twice."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_customergroupdiscount_not_twice",
                expressions=[
                    ("group", RangeOperators.EQUAL),
                    ("discount", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        """Show group and discount."""
        return f"{self.group_id} {self.discount_id}"
