"""Bills of a run as files for other programs: one archive for each chunk of the run."""

from django.db import models
from django.db.models.functions import Now

from billing_site.documents.models import StoredFile
from invoicing.models.bill_run import BillRun


class UblArchive(models.Model):
    """An archive of the electronic bills of one chunk; made again it has the same bytes."""

    run = models.ForeignKey(BillRun, on_delete=models.PROTECT, related_name="+")
    # That of the chunk.
    n = models.PositiveIntegerField()
    content = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    document_count = models.IntegerField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One for each chunk."""

        constraints = [models.UniqueConstraint(fields=["run", "n"], name="invoicing_ublarchive_once")]

    def __str__(self) -> str:
        """Show run and chunk."""
        return f"{self.run_id}/{self.n}"
