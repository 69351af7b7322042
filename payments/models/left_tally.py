"""How much money of accounts that left waits, as it was counted last: who looks at the start page does not count it."""

from django.db import models
from django.db.models import Q


class LeftTally(models.Model):
    """The one count; whoever opens the list itself sees what is there at that moment."""

    THE_ONE = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE)
    waiting_count = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        """There is one."""

        constraints = [models.CheckConstraint(condition=Q(id=1), name="payments_lefttally_is_one")]

    def __str__(self) -> str:
        """Show the count."""
        return str(self.waiting_count)
