"""What one person proposes for lines in quarantine, and another decides."""

from django.db import models
from django.db.models import F, Q

from billing_site.db.fields import micro_field, state_field
from billing_site.identity.models import User


class LineProposal(models.Model):
    """Lines to be written off or released, with the reason of who proposed it and the word of a second person."""

    class Kind(models.TextChoices):
        """What shall become of the lines."""

        WRITE_OFF = "WRITE_OFF", "Write off"
        RELEASE = "RELEASE", "Release"

    class State(models.TextChoices):
        """Where a proposal stands."""

        PROPOSED = "PROPOSED", "Proposed"
        APPROVED = "APPROVED", "Approved"
        DECLINED = "DECLINED", "Declined"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = state_field(State, default=State.PROPOSED)
    reason = models.CharField(max_length=300)
    # What was chosen, for whoever decides; the lines themselves name their proposal.
    line_count = models.IntegerField()
    duration_seconds = models.BigIntegerField()
    estimate_micro = micro_field()
    # Lines that still waited when it was approved: others were rated meanwhile.
    decided_count = models.IntegerField(null=True, blank=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Who proposes does not approve; what is decided says by whom and when."""

        constraints = [
            models.CheckConstraint(
                condition=~Q(state="APPROVED") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="rating_lineproposal_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state="PROPOSED", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="PROPOSED") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="rating_lineproposal_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(line_count__gt=0) & ~Q(reason=""), name="rating_lineproposal_says_what_and_why"
            ),
        ]

    def __str__(self) -> str:
        """Show kind and id."""
        return f"{self.kind} {self.pk}"
