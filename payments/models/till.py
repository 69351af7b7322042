"""
Tills of service centres, the sessions that clerks open on them, and what is counted at their end.

The float is the operator's own money and is in nobody's books here: it lies in the drawer when a session opens and
again when it closes. What the till took in is on a clearing account of its own for each method, ``TILL:<till>:CASH``
and so on, until it is handed over or its cheque is paid.
"""

from django.db import models
from django.db.models import F, Q

from billing_site.db.fields import minor_field, state_field
from billing_site.identity.models import ServiceCentre, User


class Method(models.TextChoices):
    """What a payer hands over at a till."""

    CASH = "CASH", "Cash"
    CHEQUE = "CHEQUE", "Cheque"
    ADVICE = "ADVICE", "Bank advice"
    CARD = "CARD", "Card"


class Till(models.Model):
    """A till of a service centre: its printer's paper, its fiscal device, and what it asks about twice."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=100)
    centre = models.ForeignKey(ServiceCentre, on_delete=models.PROTECT, related_name="+")
    # Width of the receipt, in millimetres.
    paper_mm = models.PositiveSmallIntegerField(default=80)
    # One of payments.domain.fiscal, and what that device must know.
    fiscal_device = models.CharField(max_length=16, default="JOURNAL")
    fiscal_settings = models.JSONField(default=dict)
    # A larger sum than this is asked about once.
    large_minor = minor_field(default=500_000)
    is_active = models.BooleanField(default=True)

    class Meta:
        """Paper that printers have; an amount."""

        constraints = [
            models.CheckConstraint(condition=Q(paper_mm__in=[58, 80]), name="payments_till_paper_known"),
            models.CheckConstraint(condition=Q(large_minor__gt=0), name="payments_till_large_positive"),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code

    @property
    def receipt_series(self) -> str:
        """The series of its receipts' numbers."""
        return f"TILL:{self.code}"

    @property
    def report_series(self) -> str:
        """The series of its Z reports' numbers."""
        return f"TILLZ:{self.code}"


class TillSession(models.Model):
    """
    A clerk at a till, from the float to the Z report.

    It is counted blind: the clerk writes down what is there before he is told what should be. Without a difference
    that closes it; a difference is signed by somebody else, with a reason. A closed session never changes.
    """

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "OPEN", "Open"
        COUNTED = "COUNTED", "Counted, not signed"
        CLOSED = "CLOSED", "Closed"

    till = models.ForeignKey(Till, on_delete=models.PROTECT, related_name="sessions")
    clerk = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = state_field(State, default=State.OPEN)
    opened_at = models.DateTimeField()
    # The operator's day on which it takes money; on the next it must be closed.
    opened_on = models.DateField()
    float_minor = minor_field()
    counted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    counted_at = models.DateTimeField(null=True, blank=True)
    # How many notes and coins of each value: {"20000": 3}, in minor units.
    denominations = models.JSONField(default=dict)
    # Why somebody else than the clerk counted.
    forced_reason = models.CharField(max_length=300, blank=True)
    has_difference = models.BooleanField(default=False)
    difference_reason = models.CharField(max_length=300, blank=True)
    signed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    report_number = models.CharField(max_length=32, null=True, blank=True, unique=True)

    class Meta:
        """One open session a till and a clerk; a difference has a second name and a reason."""

        constraints = [
            models.UniqueConstraint(fields=["till"], condition=Q(state="OPEN"), name="payments_tillsession_one_a_till"),
            models.UniqueConstraint(
                fields=["clerk"], condition=Q(state="OPEN"), name="payments_tillsession_one_a_clerk"
            ),
            models.CheckConstraint(condition=Q(float_minor__gte=0), name="payments_tillsession_float_not_negative"),
            models.CheckConstraint(
                condition=Q(state="OPEN", counted_at__isnull=True, counted_by__isnull=True, report_number__isnull=True)
                | Q(state="COUNTED", counted_at__isnull=False, counted_by__isnull=False, report_number__isnull=True)
                & Q(has_difference=True, signed_by__isnull=True)
                | Q(state="CLOSED", counted_at__isnull=False, counted_by__isnull=False, report_number__isnull=False)
                & Q(closed_at__isnull=False, closed_on__isnull=False),
                name="payments_tillsession_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(state="CLOSED")
                | Q(has_difference=False, signed_by__isnull=True)
                | (Q(has_difference=True, signed_by__isnull=False) & ~Q(difference_reason="")),
                name="payments_tillsession_difference_signed",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("clerk")),
                name="payments_tillsession_second_person",
            ),
            models.CheckConstraint(
                condition=Q(counted_by__isnull=True) | Q(counted_by=F("clerk")) | ~Q(forced_reason=""),
                name="payments_tillsession_forced_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["till", "-id"], name="payments_tillsession_till")]

    def __str__(self) -> str:
        """Show till and day."""
        return f"{self.till_id} {self.opened_on}"

    @property
    def is_open(self) -> bool:
        """Whether it takes money."""
        return self.state == self.State.OPEN


class TillCount(models.Model):
    """What was counted of a method at the end of a session, beside what should have been there."""

    session = models.ForeignKey(TillSession, on_delete=models.PROTECT, related_name="counts")
    method = models.CharField(max_length=16, choices=Method.choices)
    expected_minor = minor_field()
    counted_minor = minor_field()

    class Meta:
        """Each method once."""

        constraints = [
            models.UniqueConstraint(fields=["session", "method"], name="payments_tillcount_once"),
            models.CheckConstraint(condition=Q(counted_minor__gte=0), name="payments_tillcount_not_negative"),
        ]

    def __str__(self) -> str:
        """Show session and method."""
        return f"{self.session_id} {self.method}"

    @property
    def difference_minor(self) -> int:
        """What is too much; negative is missing."""
        return self.counted_minor - self.expected_minor


class TillMove(models.Model):
    """Money of a session that no receipt has: a deposit taken there, a refund paid there (below zero)."""

    session = models.ForeignKey(TillSession, on_delete=models.PROTECT, related_name="moves")
    method = models.CharField(max_length=16, choices=Method.choices)
    amount_minor = minor_field()
    # The entry of the books that it belongs to.
    entry_id = models.BigIntegerField(unique=True)

    class Meta:
        """Something moved."""

        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="payments_tillmove_moves_something"),
        ]

    def __str__(self) -> str:
        """Show session and entry."""
        return f"{self.session_id} {self.entry_id}"


class CashHandOver(models.Model):
    """Cash of a closed session that went to the bank: from the till's clearing account to money in transit."""

    session = models.ForeignKey(TillSession, on_delete=models.PROTECT, related_name="hand_overs")
    amount_minor = minor_field()
    # Of the bag or the bank's slip.
    reference = models.CharField(max_length=64)
    handed_at = models.DateTimeField()
    posted_on = models.DateField()
    handed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """An amount, and a reference that is given once."""

        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_cashhandover_amount_positive"),
            models.CheckConstraint(condition=~Q(reference=""), name="payments_cashhandover_has_reference"),
            models.UniqueConstraint(fields=["session", "reference"], name="payments_cashhandover_once"),
        ]

    def __str__(self) -> str:
        """Show the reference."""
        return self.reference
