"""What is done before an accounting period is closed: one row a step, with its owner, its deadline and who did it."""

from django.db import models
from django.db.models import Q

from billing_site.db.fields import names_field
from billing_site.identity.models import User
from billing_site.identity.roles import Role
from billing_site.ledger.models import AccountingPeriod


class PeriodStep(models.Model):
    """
    A step of a period.

    One with a ``check_code`` proves itself: the query registered under it counts what is open, and the step is done
    while that is no more than ``allowed_count``. The others are done by their owner's word.
    """

    period = models.ForeignKey(AccountingPeriod, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=32)
    position = models.PositiveSmallIntegerField()
    names = names_field()
    check_code = models.CharField(max_length=32, blank=True)
    allowed_count = models.PositiveIntegerField(default=0)
    # The owner: everybody of the role, or one person.
    role = models.CharField(max_length=24, choices=Role.choices)
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        """Once a period; a person's word has a name, a proof has none."""

        constraints = [
            models.UniqueConstraint(fields=["period", "code"], name="invoicing_periodstep_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=True) & ~Q(check_code="")
                | Q(done_at__isnull=False, done_by__isnull=False, check_code=""),
                name="invoicing_periodstep_done_by",
            ),
        ]

    def __str__(self) -> str:
        """Show period and code."""
        return f"{self.period_id} {self.code}"

    @property
    def is_automatic(self) -> bool:
        """Whether it proves itself."""
        return bool(self.check_code)
