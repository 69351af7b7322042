"""The one table of this package: forms already sent."""

from django.db import models

from billing_site.identity.models import User


class Submission(models.Model):
    """
    One sending of one form, by the key that the form carries.

    The second press finds the row: with ``result_url`` the first one has ended, without it is still at work. Rows are
    of no use after a day and may be deleted then.
    """

    key = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    action = models.CharField(max_length=64)
    result_url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        """Old rows are found by age."""

        indexes = (models.Index("created_at", name="web_submission_age"),)

    def __str__(self) -> str:
        """Show the verb and the key."""
        return f"{self.action} {self.key}"
