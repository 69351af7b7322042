"""
Credit notes: what takes a bill back, whole or in part, without overwriting it.

Amounts are minor units of the invoice's currency and carry the sign with which they change the account: the lines of a
credit note are the negated lines, or parts of lines, of its invoice. A note waits, or is posted and never changes
(rights and triggers in ``migrations/sql``); no line of a bill is taken back more than it charges.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import minor_field, names_field, state_field
from billing_site.identity.models import ServiceCentre, User
from invoicing.models.dispute import Dispute
from subscribers.models import Account


class CreditReason(models.Model):
    """Why bills are taken back: data of the operator, with names in five languages."""

    code = models.CharField(max_length=32, unique=True)
    names = names_field()
    position = models.PositiveSmallIntegerField(default=100)
    is_offered = models.BooleanField(default=True)

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class Letter(models.Model):
    """A letter that asks for a correction: from a service centre, from accounting or from a subscriber."""

    class Sender(models.TextChoices):
        """Who wrote it."""

        SERVICE_CENTRE = "SERVICE_CENTRE", _("Service centre")
        ACCOUNTING = "ACCOUNTING", _("Accounting")
        SUBSCRIBER = "SUBSCRIBER", _("Subscriber")

    sender = models.CharField(max_length=16, choices=Sender.choices)
    centre = models.ForeignKey(ServiceCentre, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # As the sender numbered it.
    number = models.CharField(max_length=64)
    dated_on = models.DateField()
    registered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A sender's number of a day is one letter; the sender is named as his kind wants it."""

        constraints = [
            models.UniqueConstraint(
                fields=["sender", "centre", "account", "number", "dated_on"],
                nulls_distinct=False,
                name="invoicing_letter_once",
            ),
            models.CheckConstraint(
                condition=Q(sender="SERVICE_CENTRE", centre__isnull=False, account__isnull=True)
                | Q(sender="ACCOUNTING", centre__isnull=True, account__isnull=True)
                | Q(sender="SUBSCRIBER", centre__isnull=True, account__isnull=False),
                name="invoicing_letter_names_its_sender",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="invoicing_letter_has_a_number"),
        ]
        indexes = [models.Index(fields=["sender", "-dated_on"], name="invoicing_letter_sender")]

    def __str__(self) -> str:
        """Show number and day."""
        return f"{self.number} {self.dated_on}"


class CreditNote(models.Model):
    """One document that takes back lines of one bill."""

    class State(models.TextChoices):
        """Whether it counts."""

        PROPOSED = "PROPOSED", "Waiting for a second person"
        POSTED = "POSTED", "Posted"
        DECLINED = "DECLINED", "Declined"

    class Kind(models.TextChoices):
        """How much of the bill it takes back, and for what."""

        CORRECTION = "CORRECTION", _("Correction of lines")
        CANCELLATION = "CANCELLATION", _("Cancellation of the bill")
        UNDO = "UNDO", _("A bill run taken back")

    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = state_field(State, default=State.PROPOSED)
    number = models.CharField(max_length=32, null=True, blank=True)  # noqa: DJ001 - one that waits has none
    # As for lines: no foreign keys to what a run writes by the million.
    account_id = models.BigIntegerField()
    invoice_id = models.BigIntegerField()
    reason = models.ForeignKey(CreditReason, on_delete=models.PROTECT, related_name="+")
    letter = models.ForeignKey(Letter, null=True, on_delete=models.PROTECT, related_name="credit_notes")
    dispute = models.ForeignKey(Dispute, null=True, on_delete=models.PROTECT, related_name="credit_notes")
    note = models.CharField(max_length=300, blank=True)
    # The bill is calculated again when the note is posted.
    is_replaced = models.BooleanField(default=False)
    issued_on = models.DateField(null=True)
    currency = models.CharField(max_length=3)
    currency_digits = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=8)
    # What the paper says besides the lines, as it was: name, address, account number, number and day of the bill.
    frozen = models.JSONField(default=dict)
    net_minor = minor_field()
    tax_minor = minor_field()
    gross_minor = minor_field()
    # What one person may take back alone, as it was then.
    limit_minor = minor_field()
    # Answer to the dispute, given when the note is posted: {"accepted": {n: minor}, "text", "new_due_on"}.
    answer = models.JSONField(null=True)
    # Of a cancellation: the bill periods whose charges are free again, billed by the first bill with a later id.
    freed_periods = ArrayField(models.DateField(), default=list)
    freed_after_id = models.BigIntegerField(null=True)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        """Posted means numbered; above the limit by two people; every correction names what it answers."""

        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(number__isnull=False), name="invoicing_creditnote_number_once"
            ),
            models.UniqueConstraint(
                fields=["invoice_id"],
                condition=Q(kind__in=["CANCELLATION", "UNDO"]) & ~Q(state="DECLINED"),
                name="invoicing_creditnote_cancels_once",
            ),
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("tax_minor")), name="invoicing_creditnote_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(state="POSTED", number__isnull=False, issued_on__isnull=False, decided_at__isnull=False)
                | (~Q(state="POSTED") & Q(number__isnull=True, issued_on__isnull=True)),
                name="invoicing_creditnote_posted_is_numbered",
            ),
            models.CheckConstraint(
                condition=~Q(state="POSTED")
                | Q(gross_minor__gte=-F("limit_minor"), gross_minor__lte=F("limit_minor"))
                | (Q(decided_by__isnull=False, proposed_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="invoicing_creditnote_second_person",
            ),
            models.CheckConstraint(
                condition=Q(kind="UNDO") | Q(letter__isnull=False) | Q(dispute__isnull=False),
                name="invoicing_creditnote_answers_something",
            ),
            models.CheckConstraint(
                condition=Q(is_replaced=False) | Q(kind="CANCELLATION"),
                name="invoicing_creditnote_replaces_whole_bills",
            ),
            models.CheckConstraint(
                condition=Q(kind="CORRECTION") | Q(freed_after_id__isnull=False) | ~Q(state="POSTED"),
                name="invoicing_creditnote_cancellation_frees",
            ),
        ]
        indexes = [
            models.Index(fields=["invoice_id"], name="invoicing_creditnote_invoice"),
            models.Index(fields=["account_id", "-id"], name="invoicing_creditnote_account"),
            models.Index(fields=["state", "-id"], name="invoicing_creditnote_state"),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.number or f"credit note {self.pk}"

    @property
    def credited_minor(self) -> int:
        """What the subscriber gets, tax included."""
        return -self.gross_minor


class CreditNoteLine(models.Model):
    """A line of the bill, or a part of one, negated."""

    pk = models.CompositePrimaryKey("credit_note_id", "n")
    credit_note_id = models.BigIntegerField()
    n = models.SmallIntegerField()
    invoice_id = models.BigIntegerField()
    invoice_n = models.SmallIntegerField()
    bill_item_id = models.IntegerField()
    subscription_id = models.BigIntegerField(null=True)
    service = models.CharField(max_length=64, blank=True)
    net_minor = minor_field()
    tax_minor = minor_field()
    gross_minor = minor_field()
    tax_category_id = models.IntegerField()
    tax_percent = models.DecimalField(max_digits=6, decimal_places=3)

    class Meta:
        """A line adds up, and is one of its bill once."""

        constraints = [
            models.UniqueConstraint(
                fields=["credit_note_id", "invoice_n"], name="invoicing_creditnoteline_once_a_note"
            ),
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("tax_minor")), name="invoicing_creditnoteline_adds_up"
            ),
        ]
        indexes = [models.Index(fields=["invoice_id", "invoice_n"], name="invoicing_creditline_invoice")]

    def __str__(self) -> str:
        """Show note and line."""
        return f"{self.credit_note_id} L{self.n}"


class InvoiceReplacement(models.Model):
    """A bill that was taken back, and the one calculated in its place: one successor, one predecessor."""

    old_invoice_id = models.BigIntegerField(unique=True)
    new_invoice_id = models.BigIntegerField(unique=True)
    credit_note = models.OneToOneField(CreditNote, on_delete=models.PROTECT, related_name="replacement")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        """No bill replaces itself."""

        constraints = [
            models.CheckConstraint(
                condition=~Q(old_invoice_id=F("new_invoice_id")), name="invoicing_invoicereplacement_of_another"
            )
        ]

    def __str__(self) -> str:
        """Show both."""
        return f"{self.old_invoice_id} {self.new_invoice_id}"
