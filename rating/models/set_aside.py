"""Lines that did not become a rated record: each with its reason, none dropped."""

from django.db import models
from django.db.models.functions import Now

from rating.models.line_proposal import LineProposal


class SetAsideLine(models.Model):
    """
    A line that is duplicate, joined, quarantined or rejected.

    A line leaves the quarantine once: taken up (its record is there, and counts), as a duplicate, or written off.
    """

    class Outcome(models.TextChoices):
        """How it ended."""

        DUPLICATE = "DUPLICATE", "Duplicate"
        JOINED = "JOINED", "Further row of a call already counted"
        QUARANTINED = "QUARANTINED", "In quarantine"
        REJECTED = "REJECTED", "Rejected"
        TAKEN_UP = "TAKEN_UP", "Taken up from quarantine"
        WRITTEN_OFF = "WRITTEN_OFF", "Written off"

    pk = models.CompositePrimaryKey("file_id", "line_number")
    file_id = models.BigIntegerField()
    line_number = models.IntegerField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    reason = models.CharField(max_length=32)
    # What to say to a person: field, value, what was expected.
    detail = models.JSONField(default=dict)
    raw = models.TextField()
    calling = models.TextField(blank=True)
    called = models.TextField(blank=True)
    start_at = models.DateTimeField(null=True)
    duration_seconds = models.IntegerField(null=True)
    volume_bytes = models.BigIntegerField(null=True)
    set_aside_at = models.DateTimeField(db_default=Now())
    # When it was last tried to rate it, or when it left the quarantine.
    tried_at = models.DateTimeField(null=True, blank=True)
    # What it would cost by the usual plan of its number's range, in millionths; null where that cannot be said.
    estimate_micro = models.BigIntegerField(null=True, blank=True)
    estimated_at = models.DateTimeField(null=True, blank=True)
    # The last proposal about it.
    proposal = models.ForeignKey(
        LineProposal, null=True, blank=True, db_constraint=False, on_delete=models.PROTECT, related_name="lines"
    )
    # Faults that a second person lets pass: reasons with spaces between.
    released_reasons = models.CharField(max_length=200, db_default="", blank=True)

    class Meta:
        """Worked through by reason and number."""

        indexes = [
            models.Index(
                "reason", "calling", name="rating_setaside_quarantine", condition=models.Q(outcome="QUARANTINED")
            ),
            models.Index("calling", name="rating_setaside_waiting", condition=models.Q(outcome="QUARANTINED")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(outcome="WRITTEN_OFF") | models.Q(proposal__isnull=False),
                name="rating_setasideline_written_off_by_proposal",
            ),
        ]

    def __str__(self) -> str:
        """Show file and line."""
        return f"{self.file_id}/{self.line_number} {self.reason}"
