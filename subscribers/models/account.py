"""Billing accounts: who pays, when the bill comes, in what currency."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now

from billing_site.db.fields import names_field, state_field
from billing_site.identity.models import ServiceCentre
from billing_site.ledger.models import LedgerAccount
from subscribers.models.subscriber import Subscriber
from tariffs.models import Discount


class BillCycle(models.Model):
    """
    A group of accounts billed on the same day of the month, every month or every so many.

    ``open_from`` is the first day of the oldest period that is not cut yet: usage of an earlier day goes
    into that period. Rating holds the row with FOR SHARE, planning a bill run moves it with FOR UPDATE.
    """

    code = models.CharField(max_length=16, unique=True)
    names = names_field()
    bill_day = models.PositiveSmallIntegerField(default=1)
    # Length of its periods.
    months = models.PositiveSmallIntegerField(default=1, db_default=1)
    open_from = models.DateField()

    class Meta:
        """A day of the month."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(bill_day__gte=1, bill_day__lte=31), name="subscribers_billcycle_day_of_month"
            ),
            models.CheckConstraint(
                condition=models.Q(months__in=[1, 2, 3, 6, 12]), name="subscribers_billcycle_length_known"
            ),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class Account(models.Model):
    """A billing account: one balance, one bill a period."""

    class State(models.TextChoices):
        """Whether it is in use."""

        ACTIVE = "ACTIVE", "Active"
        CLOSED = "CLOSED", "Closed"

    class Category(models.TextChoices):
        """Customer categories."""

        HOME = "HOME", "Home"
        BUSINESS = "BUSINESS", "Business"
        STATE = "STATE", "State body"

    # The last digit is a check digit; leading zeros are part of the number.
    number = models.CharField(max_length=16, unique=True)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="accounts")
    centre = models.ForeignKey(ServiceCentre, on_delete=models.PROTECT, related_name="+")
    cycle = models.ForeignKey(BillCycle, on_delete=models.PROTECT, related_name="accounts")
    category = models.CharField(max_length=16, choices=Category.choices, default=Category.HOME)
    state = state_field(State, default=State.ACTIVE)
    currency = models.CharField(max_length=3)
    ledger_account = models.OneToOneField(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=300, blank=True)
    # Where the postman goes: the code of the post office and the round that he walks from it.
    post_code = models.CharField(max_length=16, blank=True, default="", db_default="")
    route = models.CharField(max_length=16, blank=True, default="", db_default="")
    # Its traffic is followed day by day.
    is_key = models.BooleanField(default=False, db_default=False)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Bill runs walk a cycle in the order of ids."""

        indexes = [
            models.Index(fields=["cycle", "id"], name="subscribers_account_cycle"),
            models.Index(fields=["id"], name="subscribers_account_key", condition=models.Q(is_key=True)),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.number

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is sold to it."""
        return self.state == self.State.CLOSED


class AccountDiscount(models.Model):
    """A discount that an account has during a period."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="discounts")
    discount = models.ForeignKey(Discount, on_delete=models.PROTECT, related_name="+")
    during = DateRangeField()

    class Meta:
        """The same discount does not count twice."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_accountdiscount_not_twice",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("discount", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        """Show account and discount."""
        return f"{self.account_id} {self.discount_id}"
