"""Which account a part of a line was given to, why, and by whom."""

from django.db import models
from django.db.models import Q

from billing_site.identity.models import User
from payments.models import Payment
from reconciliation.models.statement import StatementLine
from subscribers.models import Account


class Match(models.Model):
    """A part of a line given to an account: by the rules, or by a person; taken back by a person."""

    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="matches")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    score = models.SmallIntegerField(default=0)
    reasons = models.JSONField(default=list)
    # Empty: the rules took it.
    matched_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    matched_at = models.DateTimeField()
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        """A positive part; taken back by somebody."""

        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="reconciliation_match_amount_positive"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="reconciliation_match_undone_by",
            ),
        ]
        indexes = [models.Index(fields=["line"], name="reconciliation_match_line")]

    def __str__(self) -> str:
        """Show line and account."""
        return f"{self.line_id} {self.account_id}"

    @property
    def is_automatic(self) -> bool:
        """Whether the rules took it."""
        return self.matched_by_id is None
