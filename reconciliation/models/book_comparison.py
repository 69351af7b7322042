"""
Billing against accounting: what both say of some days, class by class, and every difference carried to its end.

Amounts are minor units, each on its natural side: what is owed, paid ahead, earned and received is above zero. Figures,
movements and differences are written anew by every comparison; cases stay.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.db.fields import minor_field, names_field, state_field
from billing_site.identity.models import User
from reconciliation.models.accounting import AccountingClass, AccountingTotal, Section


class BookComparison(models.Model):
    """The comparison of some days, both included; the latest one counts."""

    first_on = models.DateField()
    last_on = models.DateField()
    currency = models.CharField(max_length=3)
    compared_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    compared_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Days are compared in one row."""

        constraints = [
            models.UniqueConstraint(fields=["first_on", "last_on"], name="reconciliation_bookcomparison_once"),
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="reconciliation_bookcomparison_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        """Show the days."""
        return f"{self.first_on} – {self.last_on}"


class BookFigure(models.Model):
    """One class: our sum, theirs, what agrees, and what each kind of difference has of either."""

    comparison = models.ForeignKey(BookComparison, on_delete=models.PROTECT, related_name="figures")
    accounting_class = models.ForeignKey(AccountingClass, on_delete=models.PROTECT, related_name="+")
    total = models.ForeignKey(AccountingTotal, on_delete=models.PROTECT, related_name="+")
    our_count = models.IntegerField()
    our_minor = minor_field()
    their_count = models.IntegerField()
    their_minor = minor_field()
    matched_count = models.IntegerField()
    matched_minor = minor_field()
    missing_there_minor = minor_field(default=0)
    missing_here_minor = minor_field(default=0)
    amount_our_minor = minor_field(default=0)
    amount_their_minor = minor_field(default=0)
    advance_our_minor = minor_field(default=0)
    advance_their_minor = minor_field(default=0)
    moved_our_minor = minor_field(default=0)
    moved_their_minor = minor_field(default=0)

    class Meta:
        """A class once; what agrees and the differences are both sums, to the cent."""

        constraints = [
            models.UniqueConstraint(
                fields=["comparison", "accounting_class"], name="reconciliation_bookfigure_class_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    our_minor=F("matched_minor")
                    + F("missing_there_minor")
                    + F("amount_our_minor")
                    + F("advance_our_minor")
                    + F("moved_our_minor")
                ),
                name="reconciliation_bookfigure_our_sum_whole",
            ),
            models.CheckConstraint(
                condition=Q(
                    their_minor=F("matched_minor")
                    + F("missing_here_minor")
                    + F("amount_their_minor")
                    + F("advance_their_minor")
                    + F("moved_their_minor")
                ),
                name="reconciliation_bookfigure_their_sum_whole",
            ),
        ]

    def __str__(self) -> str:
        """Show comparison and class."""
        return f"{self.comparison_id} {self.accounting_class_id}"

    @property
    def difference_minor(self) -> int:
        """Our sum less theirs."""
        return self.our_minor - self.their_minor


class BookMovement(models.Model):
    """How what subscribers owe came from opening to closing, fixed or mobile, and what accounting says of it."""

    comparison = models.ForeignKey(BookComparison, on_delete=models.PROTECT, related_name="movements")
    section = models.CharField(max_length=8, choices=Section.choices)
    opening_minor = minor_field(default=0)
    billed_minor = minor_field(default=0)
    corrected_minor = minor_field(default=0)
    paid_minor = minor_field(default=0)
    written_off_minor = minor_field(default=0)
    other_minor = minor_field(default=0)
    closing_minor = minor_field(default=0)
    their_opening_minor = minor_field(default=0)
    their_debit_minor = minor_field(default=0)
    their_credit_minor = minor_field(default=0)
    their_closing_minor = minor_field(default=0)

    class Meta:
        """Opening and movements make the closing, here and there."""

        constraints = [
            models.UniqueConstraint(fields=["comparison", "section"], name="reconciliation_bookmovement_once"),
            models.CheckConstraint(
                condition=Q(
                    closing_minor=F("opening_minor")
                    + F("billed_minor")
                    + F("corrected_minor")
                    + F("paid_minor")
                    + F("written_off_minor")
                    + F("other_minor")
                ),
                name="reconciliation_bookmovement_ours_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    their_closing_minor=F("their_opening_minor") + F("their_debit_minor") - F("their_credit_minor")
                ),
                name="reconciliation_bookmovement_theirs_adds_up",
            ),
        ]

    def __str__(self) -> str:
        """Show comparison and section."""
        return f"{self.comparison_id} {self.section}"


class BookCause(models.Model):
    """Why books differ: a list that the operator keeps."""

    code = models.CharField(max_length=32, unique=True)
    names = names_field()
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class BookCase(models.Model):
    """
    One difference, from found to confirmed.

    It is known again by its days (of a turnover; a balance goes on from month to month), class, customer and amount.
    """

    class Kind(models.TextChoices):
        """What is wrong."""

        MISSING_THERE = "MISSING_THERE", "Missing in accounting"
        MISSING_HERE = "MISSING_HERE", "Missing in billing"
        OTHER_AMOUNT = "OTHER_AMOUNT", "Another amount"
        ADVANCE_AS_REVENUE = "ADVANCE_AS_REVENUE", "An advance booked as revenue"
        OTHER_SUBSCRIBER = "OTHER_SUBSCRIBER", "Booked to another subscriber"

    class State(models.TextChoices):
        """How far the case is."""

        OPEN = "OPEN", "Open"
        CORRECTED = "CORRECTED", "Corrected, not confirmed yet"
        CONFIRMED = "CONFIRMED", "Corrected and confirmed"
        GONE = "GONE", "No longer there at a later comparison"

    first_comparison = models.ForeignKey(BookComparison, on_delete=models.PROTECT, related_name="+")
    comparison = models.ForeignKey(BookComparison, on_delete=models.PROTECT, related_name="cases")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    accounting_class = models.ForeignKey(AccountingClass, on_delete=models.PROTECT, related_name="+")
    # First day of a turnover's days; a balance that differs is one case, however many months go by.
    turnover_from = models.DateField(null=True)
    account_number = models.CharField(max_length=16, blank=True)
    # To whom it was booked instead.
    other_account_number = models.CharField(max_length=16, blank=True)
    our_minor = minor_field()
    their_minor = minor_field()
    difference_minor = minor_field()
    state = state_field(State, default=State.OPEN)
    found_on = models.DateField()
    owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    cause = models.ForeignKey(BookCause, null=True, on_delete=models.PROTECT, related_name="+")
    correction = models.CharField(max_length=300, blank=True)
    # The letter, credit note or entry that corrects it.
    document = models.CharField(max_length=100, blank=True)
    corrected_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    corrected_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        """One case for one difference; a correction says how and why; another person confirms it."""

        constraints = [
            models.UniqueConstraint(
                fields=[
                    "accounting_class",
                    "account_number",
                    "other_account_number",
                    "difference_minor",
                    "turnover_from",
                ],
                name="reconciliation_bookcase_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(difference_minor=F("our_minor") - F("their_minor")),
                name="reconciliation_bookcase_difference",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["CORRECTED", "CONFIRMED"])
                | (~Q(correction="") & Q(cause__isnull=False, corrected_by__isnull=False, corrected_at__isnull=False)),
                name="reconciliation_bookcase_corrected_says_how",
            ),
            models.CheckConstraint(
                condition=Q(state="CONFIRMED", confirmed_by__isnull=False, confirmed_at__isnull=False)
                | (~Q(state="CONFIRMED") & Q(confirmed_by__isnull=True, confirmed_at__isnull=True)),
                name="reconciliation_bookcase_confirmed_by",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("corrected_by")),
                name="reconciliation_bookcase_second_person",
            ),
        ]
        indexes = [models.Index(fields=["state", "found_on"], name="reconciliation_bookcase_open")]

    def __str__(self) -> str:
        """Show kind and customer."""
        return f"{self.kind} {self.account_number}"


class BookDifference(models.Model):
    """A line of a class on which both sides do not agree, and the case that explains it."""

    comparison = models.ForeignKey(BookComparison, on_delete=models.PROTECT, related_name="differences")
    accounting_class = models.ForeignKey(AccountingClass, on_delete=models.PROTECT, related_name="+")
    account_number = models.CharField(max_length=16, blank=True)
    our_minor = minor_field()
    their_minor = minor_field()
    case = models.ForeignKey(BookCase, on_delete=models.PROTECT, related_name="differences")

    class Meta:
        """A line differs once, and it differs."""

        constraints = [
            models.UniqueConstraint(
                fields=["comparison", "accounting_class", "account_number"], name="reconciliation_bookdifference_once"
            ),
            models.CheckConstraint(
                condition=~Q(our_minor=F("their_minor")), name="reconciliation_bookdifference_differs"
            ),
        ]

    def __str__(self) -> str:
        """Show class and customer."""
        return f"{self.accounting_class_id} {self.account_number}"
