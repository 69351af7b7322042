"""
Receipts of tills.

A receipt of several methods is several payments, one for each method, with the keys ``<till>/<receipt>/<n>``. So each
payment has one clearing account, that of its method, as every other payment has; and a cheque that bounces takes back
exactly what it paid, through the one reversal that a payment can have, while the cash beside it stays paid.

Nothing here ever changes: what a receipt says was true when it was printed, and a copy says the same.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from billing_site.db.fields import minor_field, state_field
from billing_site.identity.models import User
from payments.models.payment import Payment
from payments.models.till import Method, Till, TillSession
from subscribers.models import Account


class TillReceipt(models.Model):
    """A receipt, or the receipt of its reversal."""

    class Kind(models.TextChoices):
        """Whether money came in or went out again."""

        PAYMENT = "PAYMENT", "Payment"
        REVERSAL = "REVERSAL", "Reversal"

    till = models.ForeignKey(Till, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(TillSession, on_delete=models.PROTECT, related_name="receipts")
    kind = state_field(Kind)
    # Of the till, without gaps; ``number`` is how it is written.
    serial = models.BigIntegerField()
    number = models.CharField(max_length=32, unique=True)
    # Made when the form was opened: a form sent twice is one receipt.
    form_key = models.UUIDField(unique=True)
    request_hash = models.CharField(max_length=64)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    clerk = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    amount_minor = minor_field()
    # Cash that the payer gave, and what went back over the counter.
    received_minor = minor_field(default=0)
    change_minor = minor_field(default=0)
    note = models.CharField(max_length=200, blank=True)
    reverses = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by")
    reason = models.CharField(max_length=300, blank=True)
    # What is printed besides: who paid, which bills, what is left. See payments.domain.till.
    facts = models.JSONField(default=dict)

    objects: ClassVar[models.Manager["TillReceipt"]] = models.Manager()

    class Meta:
        """Numbers once; change comes out of what was given; a reversal has its receipt and a reason."""

        constraints = [
            models.UniqueConstraint(fields=["till", "serial"], name="payments_tillreceipt_number_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_tillreceipt_amount_positive"),
            models.CheckConstraint(
                condition=Q(change_minor__gte=0, received_minor__gte=models.F("change_minor")),
                name="payments_tillreceipt_change_from_received",
            ),
            models.CheckConstraint(
                condition=Q(kind="PAYMENT", reverses__isnull=True, reason="")
                | (Q(kind="REVERSAL", reverses__isnull=False) & ~Q(reason="")),
                name="payments_tillreceipt_reversal_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["session", "-id"], name="payments_tillreceipt_session"),
            models.Index(fields=["account", "-id"], name="payments_tillreceipt_account"),
            models.Index(fields=["taken_at"], name="payments_tillreceipt_undone", condition=Q(kind="REVERSAL")),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.number


class ReceiptPart(models.Model):
    """What was handed over by one method, and the payment that it is; of a reversal, what was handed back."""

    receipt = models.ForeignKey(TillReceipt, on_delete=models.PROTECT, related_name="parts")
    n = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=16, choices=Method.choices)
    amount_minor = minor_field()
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="+")
    # The cheque's or advice's number, the slip's of the card terminal.
    reference = models.CharField(max_length=64, blank=True)
    bank = models.CharField(max_length=100, blank=True)
    document_on = models.DateField(null=True, blank=True)

    class Meta:
        """Each method says what it must to be found again."""

        constraints = [
            models.UniqueConstraint(fields=["receipt", "n"], name="payments_receiptpart_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_receiptpart_amount_positive"),
            models.CheckConstraint(
                condition=Q(method="CASH")
                | (Q(method__in=["CARD", "ADVICE"]) & ~Q(reference=""))
                | (Q(method="CHEQUE", document_on__isnull=False) & ~Q(reference="") & ~Q(bank="")),
                name="payments_receiptpart_has_its_papers",
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], name="payments_receiptpart_cheques", condition=Q(method="CHEQUE")),
            models.Index(fields=["payment"], name="payments_receiptpart_payment"),
        ]

    def __str__(self) -> str:
        """Show receipt and place."""
        return f"{self.receipt_id}/{self.n}"


class ReceiptCopy(models.Model):
    """A receipt printed again: it says that it is a copy, and which."""

    receipt = models.ForeignKey(TillReceipt, on_delete=models.PROTECT, related_name="copies")
    n = models.PositiveIntegerField()
    printed_at = models.DateTimeField()
    printed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Counted."""

        constraints = [models.UniqueConstraint(fields=["receipt", "n"], name="payments_receiptcopy_once")]

    def __str__(self) -> str:
        """Show receipt and number."""
        return f"{self.receipt_id}/{self.n}"


class FiscalRegistration(models.Model):
    """
    What the fiscal device says of a receipt. While it says nothing the receipt waits; the payment stands either way.
    """

    class State(models.TextChoices):
        """Whether the device has answered."""

        WAITING = "WAITING", "Waiting for the device"
        REGISTERED = "REGISTERED", "Registered"

    receipt = models.OneToOneField(TillReceipt, on_delete=models.PROTECT, related_name="fiscal")
    state = state_field(State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    # The more often it was silent, the longer until it is asked again.
    next_try_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)
    # The device's number, the number it gave, its code; empty until it answers.
    mark = models.JSONField(default=dict)
    registered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Registered with a mark; those that wait are found at once."""

        constraints = [
            models.CheckConstraint(
                condition=Q(state="WAITING", registered_at__isnull=True)
                | (Q(state="REGISTERED", registered_at__isnull=False) & ~Q(mark={})),
                name="payments_fiscalregistration_has_mark",
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="payments_fiscal_waiting", condition=Q(state="WAITING")),
        ]

    def __str__(self) -> str:
        """Show the receipt."""
        return f"{self.receipt_id} {self.state}"
