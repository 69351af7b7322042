"""Lines that did not become a rated record: each with its reason, none dropped."""

from django.db import models
from django.db.models.functions import Now


class SetAsideLine(models.Model):
    """A line that is duplicate, joined, quarantined or rejected."""

    class Outcome(models.TextChoices):
        """How it ended."""

        DUPLICATE = "DUPLICATE", "Duplicate"
        JOINED = "JOINED", "Further row of a call already counted"
        QUARANTINED = "QUARANTINED", "In quarantine"
        REJECTED = "REJECTED", "Rejected"

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

    class Meta:
        """Worked through by reason and number."""

        indexes = [
            models.Index(
                "reason", "calling", name="rating_setaside_quarantine", condition=models.Q(outcome="QUARANTINED")
            ),
        ]

    def __str__(self) -> str:
        """Show file and line."""
        return f"{self.file_id}/{self.line_number} {self.reason}"
