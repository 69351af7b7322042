"""
How old the debts of each service centre are, night by night: reports read it, never millions of open bills.

A night is counted in pieces of accounts while the day goes on. What the books said when it began, and what moved since
then until an account was counted, stand beside the ages: so each night can be proven against the books for ever.
"""

from django.db import models
from django.db.models import F, Q

from billing_site.db.fields import minor_field, state_field
from billing_site.identity.models import ServiceCentre
from billing_site.jobs.models import Job


class DebtNight(models.Model):
    """The counting of a night: one for a day, gone on with when it was interrupted."""

    class State(models.TextChoices):
        """Where it stands."""

        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"

    # On which day the debts are so old.
    day = models.DateField(unique=True)
    state = state_field(State, default=State.RUNNING)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    # The last entry in the books as they were when it began.
    entry_id = models.BigIntegerField()
    counted_at = models.DateTimeField()
    piece_count = models.PositiveIntegerField(default=0)
    done_pieces = models.PositiveIntegerField(default=0)

    class Meta:
        """No more pieces are done than there are."""

        constraints = [
            models.CheckConstraint(condition=Q(done_pieces__lte=F("piece_count")), name="payments_debtnight_pieces_fit")
        ]

    def __str__(self) -> str:
        """Show the day."""
        return str(self.day)


class DebtAge(models.Model):
    """
    The debts of a centre's accounts in a night, minor units, by days overdue as ``payments.domain.ageing`` tells them.

    Ages + ``unbilled_minor`` - ``advance_minor`` = ``books_minor`` + ``later_minor``.
    """

    pk = models.CompositePrimaryKey("night_id", "centre_id", "currency")
    night = models.ForeignKey(DebtNight, on_delete=models.PROTECT, related_name="ages")
    centre = models.ForeignKey(ServiceCentre, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    # Accounts with an open bill.
    account_count = models.PositiveIntegerField(default=0, db_default=0)
    not_due_minor = minor_field(default=0, db_default=0)
    to_30_minor = minor_field(default=0, db_default=0)
    to_60_minor = minor_field(default=0, db_default=0)
    to_90_minor = minor_field(default=0, db_default=0)
    older_minor = minor_field(default=0, db_default=0)
    # Owed, and on no bill.
    unbilled_minor = minor_field(default=0, db_default=0)
    # Paid and not used: accounts in credit.
    advance_minor = minor_field(default=0, db_default=0)
    # What the books said of all accounts at the night's entry, and what moved after it.
    books_minor = minor_field(default=0, db_default=0)
    later_minor = minor_field(default=0, db_default=0)

    class Meta:
        """An age holds no less than nothing."""

        constraints = [
            models.CheckConstraint(
                condition=Q(not_due_minor__gte=0)
                & Q(to_30_minor__gte=0)
                & Q(to_60_minor__gte=0)
                & Q(to_90_minor__gte=0)
                & Q(older_minor__gte=0)
                & Q(unbilled_minor__gte=0)
                & Q(advance_minor__gte=0),
                name="payments_debtage_nothing_below_zero",
            )
        ]

    def __str__(self) -> str:
        """Show night and centre."""
        return f"{self.night_id} {self.centre_id}"
