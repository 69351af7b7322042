"""What the nightly check of a day's records found: wrong, missing, double."""

from django.db import models


class UsageDayCheck(models.Model):
    """The three counts that must be 0, of the closed files of a source for a day, and when they were counted."""

    pk = models.CompositePrimaryKey("day", "source_id")
    day = models.DateField()
    source_id = models.BigIntegerField()
    wrong_count = models.BigIntegerField()
    missing_count = models.BigIntegerField()
    double_count = models.BigIntegerField()
    # So many records were priced once more, by the core.
    priced_again_count = models.IntegerField()
    checked_at = models.DateTimeField()

    def __str__(self) -> str:
        """Show day and source."""
        return f"{self.day} {self.source_id}"
