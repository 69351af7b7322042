"""
Usage priced once more: what is to be priced again and why, what it would change, and what it changed.

One person proposes, a job shows what would change, another person approves, a job writes. A record is never edited: it
is taken back by one record and followed by another.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.db.fields import micro_field, state_field
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from subscribers.models import Account


class Rerating(models.Model):
    """A proposal to price usage again, by the prices of its own days."""

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "PROPOSED", "Proposed"
        PREVIEWED = "PREVIEWED", "Previewed"
        APPROVED = "APPROVED", "Approved"
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        CANCELLED = "CANCELLED", "Cancelled"

    # Days of the operator's zone, half-open; each account's whole bill periods around them are priced again.
    used_from = models.DateField()
    used_until = models.DateField()
    # Which accounts: ids of ``plan``, ``zone``, ``source``, and a list of ``accounts``; what is left out is any.
    scope = models.JSONField(default=dict)
    reason = models.CharField(max_length=300)
    state = state_field(State, default=State.PROPOSED)
    # The job at hand: of the preview, then of the run.
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    approved_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        """Who proposes does not approve; nothing is written without a second person; there is a reason and a time."""

        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="rating_rerating_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["APPROVED", "RUNNING", "DONE"]) | Q(approved_by__isnull=False),
                name="rating_rerating_is_approved",
            ),
            models.CheckConstraint(condition=Q(used_until__gt=F("used_from")), name="rating_rerating_days_in_order"),
            models.CheckConstraint(condition=~Q(reason=""), name="rating_rerating_reason"),
        ]

    def __str__(self) -> str:
        """Show number and days."""
        return f"{self.pk} {self.used_from}"


class ReratingAccount(models.Model):
    """
    An account of which something comes out differently, or can no longer be priced.

    Sums are of the records that change, in millionths. The preview writes what would change, the run what it changed.
    """

    rerating = models.ForeignKey(Rerating, on_delete=models.PROTECT, related_name="accounts")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    record_count = models.IntegerField(default=0)
    old_micro = micro_field(default=0)
    new_micro = micro_field(default=0)
    # Of the difference: what is of periods that are cut, and comes on the next bill as a correction.
    billed_micro = micro_field(default=0)
    # Records in force that today's tables cannot price: they stay as they are.
    unpriced_count = models.IntegerField(default=0)
    # One of them had drawn from an allowance: nothing of the account can be told apart, so all of it stays as it is.
    is_stuck = models.BooleanField(default=False)
    # The records that the preview found to differ most, with what they cost and would cost; all of them would be many.
    shown = models.JSONField(default=list)
    # What the run wrote; null before.
    written_count = models.IntegerField(null=True)
    written_micro = micro_field(null=True)

    class Meta:
        """An account is there once; the most affected are read first."""

        constraints = [
            models.UniqueConstraint(fields=["rerating", "account_id"], name="rating_reratingaccount_once"),
        ]

    def __str__(self) -> str:
        """Show re-rating and account."""
        return f"{self.rerating_id} {self.account_id}"

    @property
    def difference_micro(self) -> int:
        """How much more the account pays; less, where it is negative."""
        return self.new_micro - self.old_micro
