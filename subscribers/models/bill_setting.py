"""How a subscriber wants the bill: how much of its calls is listed, numbers masked or whole, the size of letters."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing_site.identity.models import User
from subscribers.models.account import Account


class BillSetting(models.Model):
    """
    The wish of one account; the latest one holds, for bills whose run was planned after it.

    Rows are added, never changed: an old bill is printed again as it was.
    """

    class Itemisation(models.TextChoices):
        """How much of the usage is listed."""

        NONE = "NONE", "No calls"
        SUMMARY = "SUMMARY", "Sums by kind of call"
        ALL = "ALL", "Every call"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    itemisation = models.CharField(max_length=16, choices=Itemisation.choices, default=Itemisation.SUMMARY)
    # Called numbers in full; the subscriber has declared that everybody who uses the lines was told.
    has_whole_numbers = models.BooleanField(default=False)
    are_users_told = models.BooleanField(default=False)
    is_large_print = models.BooleanField(default=False)
    set_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Whole numbers need the declaration; found by account, the latest first."""

        constraints = [
            models.CheckConstraint(
                condition=Q(has_whole_numbers=False) | Q(are_users_told=True),
                name="subscribers_billsetting_users_told",
            ),
        ]
        indexes = [models.Index(fields=["account", "-created_at"], name="subscribers_billsetting_last")]

    def __str__(self) -> str:
        """Show account and extent."""
        return f"{self.account_id} {self.itemisation}"
