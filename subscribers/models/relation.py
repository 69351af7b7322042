"""Who calls whom at a price of its own: favourite numbers and closed user groups."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from billing_site.db.fields import names_field
from subscribers.models.number import DIGITS_ONLY
from subscribers.models.subscription import Subscription


class FavouriteNumber(models.Model):
    """A number that a line calls at the price of favourites during a period of days."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="favourites")
    number = models.CharField(max_length=15)
    during = DateRangeField()

    class Meta:
        """A number is a line's favourite once on any day."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_favouritenumber_once_a_day",
                expressions=[
                    ("subscription", RangeOperators.EQUAL),
                    ("number", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(number__regex=DIGITS_ONLY), name="subscribers_favouritenumber_digits_only"
            ),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.number


class UserGroup(models.Model):
    """A closed group of lines that call one another at a price of its own."""

    code = models.CharField(max_length=32, unique=True)
    names = names_field()

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class UserGroupMember(models.Model):
    """A line in a group during a period of days."""

    group = models.ForeignKey(UserGroup, on_delete=models.PROTECT, related_name="members")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="groups")
    during = DateRangeField()

    class Meta:
        """A line is in one group on any day."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_usergroupmember_one_at_a_time",
                expressions=[("subscription", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        """Show group and line."""
        return f"{self.group_id} {self.subscription_id}"
