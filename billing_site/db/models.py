"""The one table of this package: how far the clock is moved."""

from django.db import models


class ClockOffset(models.Model):
    """
    A single row: seconds added to the system clock of every process.

    Exists for the demo, rehearsals and training; production ignores it.
    """

    one = models.BooleanField(primary_key=True, default=True)
    offset_seconds = models.BigIntegerField(default=0)

    class Meta:
        """Exactly one row can exist."""

        constraints = [models.CheckConstraint(condition=models.Q(one=True), name="db_clockoffset_single_row")]

    def __str__(self) -> str:
        """Show the offset."""
        return f"{self.offset_seconds} s"
