"""A bill run that counts for nothing: the same arithmetic, kept as sums, changes and samples."""

from django.db import models
from django.db.models.functions import Now

from billing_site.db.fields import state_field
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from subscribers.models import BillCycle


class BillRunPreview(models.Model):
    """What a run would bring. It cuts no period, takes no number, and writes neither bill nor entry."""

    class State(models.TextChoices):
        """How far it is."""

        CALCULATING = "CALCULATING", "Calculating"
        DONE = "DONE", "Done"

    cycle = models.ForeignKey(BillCycle, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    rule = models.JSONField(default=dict)
    state = state_field(State, default=State.CALCULATING)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    # The fields of the run that it would be, as frozen as a run's: see ``preview_run_of``.
    frozen = models.JSONField(default=dict)
    reference = models.JSONField(default=dict)
    started_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """Show cycle and number."""
        return f"{self.cycle_id} {self.pk}"


class BillRunPreviewChunk(models.Model):
    """A range of accounts of a preview, and what came of it."""

    preview = models.ForeignKey(BillRunPreview, on_delete=models.PROTECT, related_name="chunks")
    n = models.PositiveIntegerField()
    first_account_id = models.BigIntegerField()
    last_account_id = models.BigIntegerField()
    # The accounts of the range that are meant; empty: all of them.
    account_ids = models.JSONField(null=True)
    # ``invoicing.domain.run_figures.Figures`` as JSON; null: not calculated yet.
    figures = models.JSONField(null=True)

    class Meta:
        """Chunks are numbered in the order of accounts."""

        constraints = [models.UniqueConstraint(fields=["preview", "n"], name="invoicing_previewchunk_number_once")]

    def __str__(self) -> str:
        """Show preview and number."""
        return f"{self.preview_id}/{self.n}"
