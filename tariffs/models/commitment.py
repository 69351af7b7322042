"""Minimum commitments: what a line of a plan, or one under a contract, comes to in a bill period at the least."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.db.fields import names_field, state_field
from billing_site.identity.models import User
from tariffs.models.bill_item import BillItem
from tariffs.models.contract_term import ContractTerm
from tariffs.models.plan import Plan


class MinimumCommitment(models.Model):
    """
    An amount a bill period that a line pays at the least; what is missing is charged as its bill item.

    It belongs to a plan or to a contract term; a line under a contract with one of its own has that one alone. Once
    approved it stays as it is, but for its end (trigger).
    """

    class State(models.TextChoices):
        """Whether it counts."""

        DRAFT = "DRAFT", "Draft"
        APPROVED = "APPROVED", "Approved"

    code = models.CharField(max_length=32, unique=True)
    names = names_field()
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    term = models.ForeignKey(ContractTerm, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = state_field(State, default=State.DRAFT)
    during = DateRangeField()
    # Net, in the major unit.
    amount = models.DecimalField(max_digits=18, decimal_places=6)
    # What the shortfall is charged as: its revenue and its tax.
    bill_item = models.ForeignKey(BillItem, on_delete=models.PROTECT, related_name="+")
    # What counts towards it; every item where none is named.
    counted_items = models.ManyToManyField(BillItem, related_name="+")
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Of a plan or of a term; one on any day; the maker does not approve."""

        constraints = [
            models.CheckConstraint(
                condition=Q(plan__isnull=False, term__isnull=True) | Q(plan__isnull=True, term__isnull=False),
                name="tariffs_commitment_of_plan_or_term",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="tariffs_commitment_amount_sound"),
            ExclusionConstraint(
                name="tariffs_commitment_one_for_plan",
                expressions=[("plan", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(state="APPROVED"),
            ),
            ExclusionConstraint(
                name="tariffs_commitment_one_for_term",
                expressions=[("term", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(state="APPROVED"),
            ),
            models.CheckConstraint(
                condition=Q(state="DRAFT", approved_by__isnull=True) | Q(state="APPROVED", approved_by__isnull=False),
                name="tariffs_commitment_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(created_by__isnull=True) | ~Q(approved_by=F("created_by")),
                name="tariffs_commitment_second_person",
            ),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code

    @property
    def is_draft(self) -> bool:
        """Whether it does not count yet."""
        return self.state == self.State.DRAFT
