"""Figures that departments answer for, and operations out of the ordinary that somebody has looked at."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.audit.models import AuditEntry
from billing_site.db.fields import minor_field
from billing_site.identity.models import Department, ServiceCentre, User


class CollectionConfirmation(models.Model):
    """A department's word that these are its figures of a month; figures that change later are confirmed again."""

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    currency = models.CharField(max_length=3)
    receivable_minor = minor_field()
    received_minor = minor_field()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A month, found by department."""

        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="payments_collectionconfirmation_of_month"),
        ]
        indexes = [models.Index(fields=["month", "department", "-id"], name="payments_confirmation_month")]

    def __str__(self) -> str:
        """Show month and department."""
        return f"{self.month} {self.department_id}"


class CentreDayConfirmation(models.Model):
    """The accountant's word that a day of a service centre is in order: every till counted, every difference signed."""

    centre = models.ForeignKey(ServiceCentre, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    # What the tills took less what they gave back, and what was too much (above zero) or missing, as it was then.
    net_minor = minor_field()
    difference_minor = minor_field()
    note = models.CharField(max_length=300, blank=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()

    class Meta:
        """Once; a difference is not passed over without a word."""

        constraints = [
            models.UniqueConstraint(fields=["centre", "day"], name="payments_centreday_confirmed_once"),
            models.CheckConstraint(
                condition=Q(difference_minor=0) | ~Q(note=""), name="payments_centreday_difference_has_words"
            ),
        ]

    def __str__(self) -> str:
        """Show centre and day."""
        return f"{self.centre_id} {self.day}"


class OperationReview(models.Model):
    """Who saw an operation out of the ordinary, and how it was put right; by another person than the one who did it."""

    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="+")
    done_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    seen_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField()
    correction = models.CharField(max_length=300, blank=True, default="")
    corrected_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    corrected_at = models.DateTimeField(null=True)

    class Meta:
        """Seen by somebody else; a correction has words, a person and a time."""

        constraints = [
            models.CheckConstraint(
                condition=Q(done_by__isnull=True) | ~Q(done_by=F("seen_by")),
                name="payments_operationreview_second_person",
            ),
            models.CheckConstraint(
                condition=Q(correction="", corrected_by__isnull=True, corrected_at__isnull=True)
                | (~Q(correction="") & Q(corrected_by__isnull=False, corrected_at__isnull=False)),
                name="payments_operationreview_correction_whole",
            ),
        ]

    def __str__(self) -> str:
        """Show the entry."""
        return str(self.entry_id)
