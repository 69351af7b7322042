"""
Revenue handed over to accounting: a balanced set of entries for an accounting period and section, sent once.

A set covers the entries of the ledger after those of the set before it, up to a cut at which nobody was posting: what
is posted later is the next set's. Each line is a pair, debited and credited with one amount, so a set cannot but
balance.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import minor_field, state_field
from billing_site.documents.models import StoredFile
from billing_site.identity.models import User
from billing_site.ledger.models import AccountingPeriod
from reconciliation.models.accounting import Section


class RevenueTransfer(models.Model):
    """A set of entries: prepared by one person, sent by another, unchanged from then on."""

    class State(models.TextChoices):
        """Where it stands."""

        PREPARED = "PREPARED", "Prepared"
        SENT = "SENT", "Sent"

    period = models.ForeignKey(AccountingPeriod, on_delete=models.PROTECT, related_name="+")
    section = models.CharField(max_length=8, choices=Section.choices)
    # The first set of the period is 1; later ones bring what was corrected after it.
    n = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=32, null=True, unique=True)  # noqa: DJ001 - a prepared one has none
    state = state_field(State, default=State.PREPARED)
    currency = models.CharField(max_length=3)
    # Entries of the ledger: after one, up to the other.
    after_entry_id = models.BigIntegerField()
    through_entry_id = models.BigIntegerField()
    bill_count = models.IntegerField()
    debit_minor = minor_field()
    credit_minor = minor_field()
    # What subscribers owe by these bills and corrections: earned and collected, and the tax on it.
    net_minor = minor_field()
    tax_minor = minor_field()
    gross_minor = minor_field()
    content = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(db_default=Now())
    sent_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """Once a period, section and turn; balanced; sent by somebody else, with number and file."""

        constraints = [
            models.UniqueConstraint(fields=["period", "section", "n"], name="reconciliation_revenuetransfer_once"),
            models.UniqueConstraint(
                fields=["period", "section"],
                condition=Q(state="PREPARED"),
                name="reconciliation_revenuetransfer_one_prepared",
            ),
            models.CheckConstraint(
                condition=Q(debit_minor=F("credit_minor")), name="reconciliation_revenuetransfer_balanced"
            ),
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("tax_minor")), name="reconciliation_revenuetransfer_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(through_entry_id__gt=F("after_entry_id")), name="reconciliation_revenuetransfer_goes_on"
            ),
            models.CheckConstraint(
                condition=Q(
                    state="SENT",
                    number__isnull=False,
                    content__isnull=False,
                    sent_by__isnull=False,
                    sent_at__isnull=False,
                )
                | Q(
                    state="PREPARED",
                    number__isnull=True,
                    content__isnull=True,
                    sent_by__isnull=True,
                    sent_at__isnull=True,
                ),
                name="reconciliation_revenuetransfer_sent_is_numbered",
            ),
            models.CheckConstraint(
                condition=Q(sent_by__isnull=True) | ~Q(sent_by=F("prepared_by")),
                name="reconciliation_revenuetransfer_second_person",
            ),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.number or f"{self.period_id} {self.section} {self.n}"


class RevenueTransferLine(models.Model):
    """One pair: an amount above zero from the credited class of the accounting ledger to the debited one."""

    class Role(models.TextChoices):
        """What the amount is."""

        REVENUE = "REVENUE", "Revenue"
        DISCOUNT = "DISCOUNT", "Discount"
        TAX = "TAX", "Tax"
        PROVIDER = "PROVIDER", "Collected for another provider"
        ROUNDING = "ROUNDING", "Rounding"

    pk = models.CompositePrimaryKey("transfer_id", "n")
    transfer = models.ForeignKey(RevenueTransfer, on_delete=models.PROTECT, related_name="lines", db_index=False)
    n = models.SmallIntegerField()
    role = models.CharField(max_length=16, choices=Role.choices)
    # The kind of service and the code of the bill item, or of the tax category.
    kind = models.CharField(max_length=16)
    item = models.CharField(max_length=32)
    debit_code = models.CharField(max_length=32)
    credit_code = models.CharField(max_length=32)
    amount_minor = minor_field()

    class Meta:
        """An amount above zero between two classes."""

        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="reconciliation_transferline_amount_positive"),
            models.CheckConstraint(
                condition=~Q(debit_code=F("credit_code")), name="reconciliation_transferline_sides_differ"
            ),
        ]

    def __str__(self) -> str:
        """Show the place."""
        return f"{self.transfer_id}/{self.n}"


class TransferAnswer(models.Model):
    """What accounting said of a set that was sent: taken into its books, or refused and why; never changed."""

    class Verdict(models.TextChoices):
        """What became of the set there."""

        TAKEN = "TAKEN", _("Taken into the books")
        REFUSED = "REFUSED", _("Refused")

    transfer = models.ForeignKey(RevenueTransfer, on_delete=models.PROTECT, related_name="answers")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    # Their words, or the number of their operation.
    text = models.CharField(max_length=300, blank=True, db_default="")
    answered_on = models.DateField()
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A refusal says why; a set is taken once."""

        constraints = [
            models.CheckConstraint(
                condition=~Q(verdict="REFUSED") | ~Q(text=""), name="reconciliation_transferanswer_refusal_says_why"
            ),
            models.UniqueConstraint(
                fields=["transfer"], condition=Q(verdict="TAKEN"), name="reconciliation_transferanswer_taken_once"
            ),
        ]

    def __str__(self) -> str:
        """Show the verdict."""
        return f"{self.transfer_id}: {self.verdict}"
