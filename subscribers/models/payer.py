"""Who pays, and with what tax: payers of other accounts' charges, and exemptions from tax."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from billing_site.db.fields import state_field
from billing_site.identity.models import User
from subscribers.models.account import Account
from tariffs.models import BillItem, TaxCategory


class AccountPayer(models.Model):
    """
    Another account that pays charges of an account during a period: a share of one bill item, or of everything that no
    row of its own names (``bill_item`` empty).

    Who pays is not paid for, and who is paid for does not pay: no rings and no chains (trigger). Both are in one cycle.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payers")
    payer = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="paid_for")
    bill_item = models.ForeignKey(BillItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    percent = models.DecimalField(max_digits=6, decimal_places=3)
    during = DateRangeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One payer of an item on any day; nobody pays for oneself."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_accountpayer_one_at_a_time",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    (Coalesce("bill_item", 0), RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=~Q(account=F("payer")), name="subscribers_accountpayer_not_oneself"),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100), name="subscribers_accountpayer_share_sound"
            ),
        ]

    def __str__(self) -> str:
        """Show who pays for whom."""
        return f"{self.payer_id} for {self.account_id}"


class TaxExemption(models.Model):
    """
    A certificate by which an account's charges of a tax category are taxed as another category during a period:
    exempt, zero rated, reverse charge. It counts once another person has approved it.
    """

    class State(models.TextChoices):
        """Whether it counts."""

        DRAFT = "DRAFT", "Draft"
        APPROVED = "APPROVED", "Approved"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="exemptions")
    category = models.ForeignKey(TaxCategory, on_delete=models.PROTECT, related_name="+")
    instead = models.ForeignKey(TaxCategory, on_delete=models.PROTECT, related_name="+")
    certificate = models.CharField(max_length=64)
    during = DateRangeField()
    state = state_field(State, default=State.DRAFT)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One that counts on any day; another category; the maker does not approve."""

        constraints = [
            ExclusionConstraint(
                name="subscribers_taxexemption_one_at_a_time",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("category", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(state="APPROVED"),
            ),
            models.CheckConstraint(
                condition=~Q(category=F("instead")) & ~Q(certificate=""), name="subscribers_taxexemption_sound"
            ),
            models.CheckConstraint(
                condition=Q(state="DRAFT", approved_by__isnull=True) | Q(state="APPROVED", approved_by__isnull=False),
                name="subscribers_taxexemption_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(created_by__isnull=True) | ~Q(approved_by=F("created_by")),
                name="subscribers_taxexemption_second_person",
            ),
        ]

    def __str__(self) -> str:
        """Show the certificate."""
        return self.certificate

    @property
    def is_draft(self) -> bool:
        """Whether it does not count yet."""
        return self.state == self.State.DRAFT
