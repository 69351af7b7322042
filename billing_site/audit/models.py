"""
Two append-only books.

``AuditEntry`` holds acts, written by operations in their own transaction. ``RowHistory`` holds what
happened to rows of ordinary tables, written by triggers that the application cannot forget or switch
off. The application's role may read both and change neither.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from billing_site.identity.models import User


class AuditEntry(models.Model):
    """One act: who, what, on which subject, from where."""

    at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=64)
    subject_id = models.CharField(max_length=64)
    changes = models.JSONField(default=dict)

    class Meta:
        """Found by subject, by person and by day."""

        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_entry_subject"),
            models.Index(fields=["actor", "-id"], name="audit_entry_actor"),
            # Acts arrive in the order of their instants: a few pages for the reports of days.
            BrinIndex(fields=["at"], name="audit_entry_at"),
        ]

    def __str__(self) -> str:
        """Show the act."""
        return f"{self.action} {self.subject_type} {self.subject_id}"


class RowHistory(models.Model):
    """One change of one row of an ordinary table."""

    at = models.DateTimeField(db_default=Now())
    table_name = models.CharField(max_length=64)
    row_id = models.CharField(max_length=64)
    operation = models.CharField(max_length=8)
    actor_name = models.CharField(max_length=150, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        """Found by row."""

        indexes = [models.Index(fields=["table_name", "row_id", "-id"], name="audit_rowhistory_row")]

    def __str__(self) -> str:
        """Show the change."""
        return f"{self.operation} {self.table_name} {self.row_id}"
