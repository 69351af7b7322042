"""
Work that survives everything: rows, not messages.

A **job** is what a person started and watches: one row, one progress bar, the same in the browser
and the terminal. A **work item** is one piece of it: one transaction, done once in effect, tried at
most three times, then parked. Celery only rings the bell; losing every message loses nothing.
"""

from django.db import models
from django.db.models.functions import Now

from billing_site.db.fields import state_field


class Job(models.Model):
    """One long piece of work with its progress."""

    class State(models.TextChoices):
        """Where a job stands."""

        QUEUED = "QUEUED", "Queued"
        RUNNING = "RUNNING", "Running"
        PAUSED = "PAUSED", "Paused"
        CANCELLED = "CANCELLED", "Cancelled"
        DONE = "DONE", "Done"
        FAILED = "FAILED", "Failed"

    kind = models.CharField(max_length=64)
    key = models.CharField(max_length=128, null=True, blank=True, unique=True)
    title = models.CharField(max_length=200)
    parameters = models.JSONField(default=dict)
    state = state_field(State, default=State.QUEUED)
    stage = models.CharField(max_length=64, blank=True)
    stage_index = models.PositiveSmallIntegerField(default=1)
    stage_count = models.PositiveSmallIntegerField(default=1)
    done_units = models.BigIntegerField(default=0)
    total_units = models.BigIntegerField(default=0)
    set_aside_units = models.BigIntegerField(default=0)
    amount_minor = models.BigIntegerField(null=True, blank=True)
    message = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    started_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Jobs are listed newest first, by state."""

        indexes = [models.Index(fields=["state", "-id"], name="jobs_job_state")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_units__gte=0, total_units__gte=0, set_aside_units__gte=0),
                name="jobs_job_counts_not_negative",
            ),
        ]

    def __str__(self) -> str:
        """Show the title."""
        return self.fill(self.title)

    def fill(self, title: str) -> str:
        """Put the job's parameters into the places (``%(cycle)s``) of its title, or of a translation of it."""
        return title % self.parameters if "%(" in title else title

    def fill_message(self, message: str) -> str:
        """Put the values kept with the job's message into its places, or into those of a translation of it."""
        return message % self.result["params"] if self.result.get("params") else message

    @property
    def is_finished(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in {self.State.CANCELLED, self.State.DONE, self.State.FAILED}


class WorkItem(models.Model):
    """One piece of work: taken with SKIP LOCKED, done and marked in one transaction."""

    class State(models.TextChoices):
        """Where a piece of work stands."""

        TODO = "TODO", "To do"
        DONE = "DONE", "Done"
        PARKED = "PARKED", "Parked"

    kind = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="items")
    state = state_field(State, default=State.TODO)
    attempt = models.PositiveSmallIntegerField(default=0)
    # Covers the moment between raising the attempt counter and locking the row; afterwards the lock does.
    claimed_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A key names the work: adding it twice adds it once."""

        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="jobs_workitem_key_once")]
        indexes = [
            models.Index(fields=["kind", "id"], name="jobs_workitem_todo", condition=models.Q(state="TODO")),
            models.Index(fields=["job", "state"], name="jobs_workitem_job"),
        ]

    def __str__(self) -> str:
        """Show kind and key."""
        return f"{self.kind} {self.key}"
