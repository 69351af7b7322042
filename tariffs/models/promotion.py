"""Promotions: rules by which something is given back, drafted by one person and approved by another."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.db.fields import names_field, state_field
from billing_site.identity.models import User
from tariffs.domain.promotions import PromotionKind
from tariffs.models.bill_item import BillItem


class Promotion(models.Model):
    """A promotion on offer; who has it is said by agreements. Once approved it stays as it is (triggers)."""

    class Kind(models.TextChoices):
        """The rule."""

        CREDIT_CALLS_UP_TO_RENT = PromotionKind.CREDIT_CALLS_UP_TO_RENT.value, "Calls given back, up to the rent"
        PERCENT_FOR_MONTHS = PromotionKind.PERCENT_FOR_MONTHS.value, "A percentage off, for some months"
        AMOUNT_FOR_MONTHS = PromotionKind.AMOUNT_FOR_MONTHS.value, "An amount off, for some months"

    class State(models.TextChoices):
        """Whether it may be agreed."""

        DRAFT = "DRAFT", "Draft"
        APPROVED = "APPROVED", "Approved"

    code = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=32, choices=Kind.choices)
    names = names_field()
    state = state_field(State, default=State.DRAFT)
    # The days on which it may be agreed.
    during = DateRangeField()
    # Its place in the order in which promotions work, each on what is left.
    position = models.PositiveSmallIntegerField(default=100)
    percent = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    # What is given back: for calls up to the rent these are the calls.
    credited_items = models.ManyToManyField(BillItem, related_name="+")
    # What bounds it: the rent.
    rent_items = models.ManyToManyField(BillItem, related_name="+")
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A kind has its own figures and no others; the maker does not approve."""

        constraints = [
            models.CheckConstraint(
                condition=Q(kind="CALLS_UP_TO_RENT", percent__isnull=True, amount__isnull=True)
                | (Q(kind="PERCENT", percent__isnull=False, amount__isnull=True, months__isnull=False))
                | (Q(kind="AMOUNT", percent__isnull=True, amount__isnull=False, months__isnull=False)),
                name="tariffs_promotion_figures_of_kind",
            ),
            models.CheckConstraint(
                condition=(Q(percent__isnull=True) | Q(percent__gt=0, percent__lte=100))
                & (Q(amount__isnull=True) | Q(amount__gt=0))
                & (Q(months__isnull=True) | Q(months__gte=1)),
                name="tariffs_promotion_figures_sound",
            ),
            models.CheckConstraint(
                condition=Q(state="DRAFT", approved_by__isnull=True) | Q(state="APPROVED", approved_by__isnull=False),
                name="tariffs_promotion_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(created_by__isnull=True) | ~Q(approved_by=F("created_by")),
                name="tariffs_promotion_second_person",
            ),
            # What agreements refer to, so that their kind is that of their promotion.
            models.UniqueConstraint(fields=["id", "kind"], name="tariffs_promotion_kind_of_one"),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code

    @property
    def is_draft(self) -> bool:
        """Whether it may not be agreed yet."""
        return self.state == self.State.DRAFT
