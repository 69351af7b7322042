"""
Money received, and what it was used for.

A payment row is complete when it is written and never changes: (channel, key) is its unique name, the
stored answer is what every repetition gets.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing_site.db.fields import money_field, state_field
from payments.models.terminal import TerminalNetwork
from subscribers.models import Account


class Payment(models.Model):
    """One receipt of money."""

    class Channel(models.TextChoices):
        """Where it came in."""

        TERMINAL = "TERMINAL", "Payment terminal"
        TILL = "TILL", "Till"
        BANK = "BANK", "Bank"
        ONLINE = "ONLINE", "Online payment"
        DEBIT = "DEBIT", "Direct debit"
        # Out of suspense, to its owner: the key is the suspense payment's number and the part's.
        SUSPENSE = "SUSPENSE", "Out of suspense"
        DEPOSIT = "DEPOSIT", "Out of a deposit"

    class State(models.TextChoices):
        """Whether its owner is known."""

        POSTED = "POSTED", "Posted to an account"
        SUSPENSE = "SUSPENSE", "In suspense"

    channel = models.CharField(max_length=16, choices=Channel.choices)
    # Unique within the channel: network and its transaction number, till and receipt, statement and line.
    key = models.CharField(max_length=100)
    request_hash = models.CharField(max_length=64)
    network = models.ForeignKey(TerminalNetwork, null=True, on_delete=models.PROTECT, related_name="+")
    network_txn_id = models.CharField(max_length=64, blank=True)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    # As the payer gave it: kept also when it led to suspense.
    account_number = models.CharField(max_length=32)
    amount = money_field()
    amount_minor = models.BigIntegerField()
    state = state_field(State)
    suspense_reason = models.CharField(max_length=64, blank=True)
    # The payment in suspense that this one gives to its owner, wholly or in part.
    origin = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="given", db_index=False)
    # Our time counts for the books; theirs is kept as data.
    received_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    posted_on = models.DateField()
    answer = models.JSONField(default=dict)
    recorded_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager["Payment"]] = models.Manager()

    class Meta:
        """A key posts once; an amount is positive; suspense has no account; what leaves it says from where."""

        constraints = [
            models.UniqueConstraint(fields=["channel", "key"], name="payments_payment_key_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(state="POSTED", account__isnull=False)
                | (Q(state="SUSPENSE", account__isnull=True) & ~Q(suspense_reason="")),
                name="payments_payment_account_or_suspense",
            ),
            models.CheckConstraint(
                condition=Q(channel="SUSPENSE", state="POSTED", origin__isnull=False)
                | (~Q(channel="SUSPENSE") & Q(origin__isnull=True)),
                name="payments_payment_out_of_suspense",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="payments_payment_account"),
            models.Index(fields=["network", "posted_on"], name="payments_payment_network"),
            models.Index(fields=["origin"], condition=Q(origin__isnull=False), name="payments_payment_origin"),
        ]

    def __str__(self) -> str:
        """Show the key."""
        return f"{self.channel} {self.key}"


class Allocation(models.Model):
    """
    A part of a payment used for an invoice; what is not used is the account's advance.

    What a reversal takes back is a row of its own with a negative amount: sums stay right whoever makes them.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    invoice_id = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    allocated_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A part is something; what is taken back was used before (triggers)."""

        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="payments_allocation_amount_not_zero"),
        ]
        indexes = [models.Index(fields=["invoice_id"], name="payments_allocation_invoice")]

    def __str__(self) -> str:
        """Show payment and invoice."""
        return f"{self.payment_id} {self.invoice_id}"
