"""Number series without gaps, and files kept as they came."""

from django.db import models
from django.db.models.functions import Now


class NumberSeries(models.Model):
    """
    A series of document numbers.

    A row, not a sequence: the counter moves in the transaction that uses the number, so a number that
    was not used does not exist. Numbers look like ``INV-2026-000123``.
    """

    code = models.CharField(max_length=32, unique=True)
    prefix = models.CharField(max_length=32)
    digits = models.PositiveSmallIntegerField(default=6)
    last_number = models.BigIntegerField(default=0)

    class Meta:
        """Counting goes up."""

        constraints = [
            models.CheckConstraint(condition=models.Q(last_number__gte=0), name="documents_numberseries_not_negative")
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class StoredFile(models.Model):
    """Bytes kept as they came, named by their hash; never changed."""

    sha256 = models.CharField(max_length=64, unique=True)
    size_bytes = models.BigIntegerField()
    content_type = models.CharField(max_length=100, default="application/octet-stream")
    stored_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """Show the hash."""
        return self.sha256
