"""
Bad debt: what is proposed to be written off, what was, and what came in after all.

A proposal names bills and amounts; another person approves it, and then it is posted and never changes.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import minor_field, state_field
from billing_site.identity.models import User
from payments.models.payment import Payment
from subscribers.models import Account


class WriteOff(models.Model):
    """Debts chosen by age, amount and category, to be given up for one reason."""

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "PROPOSED", "Proposed"
        APPROVED = "APPROVED", "Approved"
        REJECTED = "REJECTED", "Rejected"

    class Reason(models.TextChoices):
        """Why the money is given up."""

        EXPIRED = "EXPIRED", _("The claim has expired")
        INSOLVENT = "INSOLVENT", _("The debtor is insolvent")
        DECEASED = "DECEASED", _("The debtor has died")
        NOT_FOUND = "NOT_FOUND", _("The debtor cannot be found")
        TOO_SMALL = "TOO_SMALL", _("Collecting costs more than the debt")
        COURT = "COURT", _("A court refused the claim")

    reason = models.CharField(max_length=16, choices=Reason.choices)
    note = models.CharField(max_length=300, blank=True)
    # What was asked for: days overdue, least and largest debt, category, department.
    selection = models.JSONField(default=dict)
    as_of = models.DateField()
    currency = models.CharField(max_length=3)
    state = state_field(State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    posted_on = models.DateField(null=True, blank=True)

    class Meta:
        """Decided by somebody else; approved is posted."""

        constraints = [
            models.CheckConstraint(
                condition=Q(state="PROPOSED", decided_by__isnull=True, decided_at__isnull=True, posted_on__isnull=True)
                | Q(state="APPROVED", decided_by__isnull=False, decided_at__isnull=False, posted_on__isnull=False)
                | Q(state="REJECTED", decided_by__isnull=False, decided_at__isnull=False, posted_on__isnull=True),
                name="payments_writeoff_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="payments_writeoff_second_person",
            ),
        ]

    def __str__(self) -> str:
        """Show number and reason."""
        return f"{self.pk} {self.reason}"


class WriteOffItem(models.Model):
    """A bill in a proposal: what was open of it then, and what was written off in the end."""

    write_off = models.ForeignKey(WriteOff, on_delete=models.PROTECT, related_name="items")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    invoice_id = models.BigIntegerField()
    due_on = models.DateField()
    proposed_minor = minor_field()
    # With tax; the tax in it is what was taken back of the tax owed. Both are nothing until the approval.
    written_minor = minor_field(default=0)
    tax_minor = minor_field(default=0)

    class Meta:
        """A bill is in a proposal once; never more than was proposed."""

        constraints = [
            models.UniqueConstraint(fields=["write_off", "invoice_id"], name="payments_writeoffitem_bill_once"),
            models.CheckConstraint(
                condition=Q(
                    proposed_minor__gt=0,
                    written_minor__gte=0,
                    written_minor__lte=F("proposed_minor"),
                    tax_minor__gte=0,
                    tax_minor__lte=F("written_minor"),
                ),
                name="payments_writeoffitem_amounts_fit",
            ),
        ]
        indexes = [
            models.Index(fields=["account"], name="payments_writeoffitem_account"),
            models.Index(fields=["invoice_id"], name="payments_writeoffitem_invoice"),
        ]

    def __str__(self) -> str:
        """Show bill and amount."""
        return f"{self.invoice_id} {self.written_minor}"


class BadDebtRecovery(models.Model):
    """
    What a bill written off does not lose after all, posted back out of the bad debts: a part of a payment, or what a
    credit note took back of the bill, so that it never was a debt.

    Where the payment is reversed, a row of its own with negative amounts takes the part back.
    """

    item = models.ForeignKey(WriteOffItem, on_delete=models.PROTECT, related_name="recoveries")
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="+")
    credit_note = models.ForeignKey("invoicing.CreditNote", null=True, on_delete=models.PROTECT, related_name="+")
    amount_minor = minor_field()
    tax_minor = minor_field(default=0)
    recovered_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Something comes in or is taken back; the tax is a part of it."""

        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, tax_minor__gte=0, tax_minor__lte=F("amount_minor"))
                | Q(amount_minor__lt=0, tax_minor__lte=0, tax_minor__gte=F("amount_minor")),
                name="payments_baddebtrecovery_amounts_fit",
            ),
            models.CheckConstraint(
                condition=Q(payment__isnull=False, credit_note__isnull=True)
                | Q(payment__isnull=True, credit_note__isnull=False, amount_minor__gt=0),
                name="payments_baddebtrecovery_comes_from_one",
            ),
        ]

    def __str__(self) -> str:
        """Show item and amount."""
        return f"{self.item_id} {self.amount_minor}"
