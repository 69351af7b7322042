"""When the quarantine was last looked through for lines whose cause is gone."""

from django.db import models
from django.db.models import Q


class QuarantineCheck(models.Model):
    """The one row about the last look."""

    THE_ONE = 1

    checked_at = models.DateTimeField()
    # Of the acts up to here every change of prices and plans has been followed up.
    seen_act_id = models.BigIntegerField(default=0)

    class Meta:
        """There is one."""

        constraints = [models.CheckConstraint(condition=Q(id=1), name="rating_quarantinecheck_is_one")]

    def __str__(self) -> str:
        """Show when."""
        return f"{self.checked_at}"
