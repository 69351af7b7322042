"""Contract terms of plans: how long one stays, what one gets for it, what leaving early costs."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.db.fields import names_field, state_field
from billing_site.identity.models import User
from tariffs.domain.contract_terms import LeavePolicy
from tariffs.models.bill_item import BillItem
from tariffs.models.plan import Plan


class ContractTerm(models.Model):
    """A contract that can be made for a plan. Once approved it stays as it is (trigger): contracts refer to it."""

    class State(models.TextChoices):
        """Whether contracts may be made on it."""

        DRAFT = "DRAFT", "Draft"
        APPROVED = "APPROVED", "Approved"

    class Policy(models.TextChoices):
        """What leaving early costs."""

        NOTHING = LeavePolicy.NOTHING.value, "Nothing"
        FIXED = LeavePolicy.FIXED.value, "A fixed amount"
        REMAINING_MONTHS = LeavePolicy.REMAINING_MONTHS.value, "An amount for every month left"
        DECLINING = LeavePolicy.DECLINING.value, "An amount that falls month by month"

    code = models.CharField(max_length=32, unique=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    names = names_field()
    state = state_field(State, default=State.DRAFT)
    months = models.PositiveSmallIntegerField()
    bonus_amount = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    # 0 is the first day of the contract.
    bonus_after_months = models.PositiveSmallIntegerField(default=0)
    bonus_item = models.ForeignKey(BillItem, null=True, on_delete=models.PROTECT, related_name="+")
    leave_policy = models.CharField(max_length=16, choices=Policy.choices, default=Policy.NOTHING)
    leave_amount = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    leave_item = models.ForeignKey(BillItem, null=True, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Amounts have an item of the bill; the bonus comes while the contract runs; the maker does not approve."""

        constraints = [
            models.CheckConstraint(
                condition=Q(months__gte=1, bonus_after_months__lte=F("months")),
                name="tariffs_contractterm_months_sound",
            ),
            models.CheckConstraint(
                condition=Q(bonus_amount=0) | Q(bonus_amount__gt=0, bonus_item__isnull=False),
                name="tariffs_contractterm_bonus_has_item",
            ),
            models.CheckConstraint(
                condition=Q(leave_policy="NOTHING", leave_amount=0)
                | (~Q(leave_policy="NOTHING") & Q(leave_amount__gt=0, leave_item__isnull=False)),
                name="tariffs_contractterm_fee_has_item",
            ),
            models.CheckConstraint(
                condition=Q(state="DRAFT", approved_by__isnull=True) | Q(state="APPROVED", approved_by__isnull=False),
                name="tariffs_contractterm_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(created_by__isnull=True) | ~Q(approved_by=F("created_by")),
                name="tariffs_contractterm_second_person",
            ),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code

    @property
    def is_draft(self) -> bool:
        """Whether no contract may be made on it yet."""
        return self.state == self.State.DRAFT
