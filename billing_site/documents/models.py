"""Number series without gaps, files kept as they came, and reports that are sent again and again."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import state_field
from billing_site.identity.models import User


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


class ReportOrder(models.Model):
    """A report that a person has sent to himself, every day or every month, until he cancels it."""

    class Rhythm(models.TextChoices):
        """How often."""

        DAILY = "DAILY", _("Every day, of the day before")
        MONTHLY = "MONTHLY", _("Every month, of the month before")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    report = models.CharField(max_length=64)
    rhythm = models.CharField(max_length=16, choices=Rhythm.choices)
    # What is asked besides the days.
    question = models.JSONField(default=dict)
    mail_to = models.EmailField()
    from_on = models.DateField()
    ordered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """Found by person."""

        indexes = [models.Index(fields=["user", "-id"], name="documents_reportorder_user")]

    def __str__(self) -> str:
        """Show report and address."""
        return f"{self.report} {self.mail_to}"


class ReportMail(models.Model):
    """A report sent, or on its way, for a day: taken up before it is sent, so it goes out once."""

    class State(models.TextChoices):
        """Where it stands."""

        SENDING = "SENDING", "Being sent"
        SENT = "SENT", "Sent"
        FAILED = "FAILED", "Could not be sent"
        LOST = "LOST", "Perhaps sent: its process died"

    order = models.ForeignKey(ReportOrder, on_delete=models.PROTECT, related_name="mails")
    due_on = models.DateField()
    state = state_field(State, default=State.SENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        """Once for a day."""

        constraints = [
            models.UniqueConstraint(fields=["order", "due_on"], name="documents_reportmail_once"),
            models.CheckConstraint(
                condition=models.Q(state="SENT", sent_at__isnull=False)
                | (~models.Q(state="SENT") & models.Q(sent_at__isnull=True)),
                name="documents_reportmail_sent_when",
            ),
        ]

    def __str__(self) -> str:
        """Show order and day."""
        return f"{self.order_id} {self.due_on}"
