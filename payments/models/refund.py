"""
Money that goes back: of an account's credit, or of a deposit.

One person asks, another one decides; paid, it is in the books and never changes (triggers in ``migrations/sql``).
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import minor_field, state_field
from billing_site.db.sealing import sealed_field
from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount
from payments.models.deposit import Deposit
from payments.models.online import OnlinePayment
from payments.models.payment import Payment
from subscribers.models import Account

SHOWN_DIGITS = 4


class Refund(models.Model):
    """A wish to give money back, its decision, and its payment."""

    class Way(models.TextChoices):
        """How the money goes back."""

        BANK = "BANK", _("To a bank account")
        CASH = "CASH", _("In cash at a till")
        ONLINE = "ONLINE", _("The way it was paid online")

    class State(models.TextChoices):
        """Where it stands."""

        REQUESTED = "REQUESTED", "Asked for"
        APPROVED = "APPROVED", "Approved"
        REJECTED = "REJECTED", "Rejected"
        PAID = "PAID", "Paid out"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    # Of this deposit; without one, of the account's credit.
    deposit = models.ForeignKey(Deposit, null=True, on_delete=models.PROTECT, related_name="refunds")
    amount_minor = minor_field()
    currency = models.CharField(max_length=3)
    way = models.CharField(max_length=8, choices=Way.choices)
    payee = models.CharField(max_length=100)
    # Whole for who pays it out alone; everybody else sees its last four. Sealed in the database.
    bank_account = sealed_field(max_length=200, blank=True)
    # What was paid online and goes back through its provider, and the provider's number of the refund.
    online_payment = models.ForeignKey(OnlinePayment, null=True, on_delete=models.PROTECT, related_name="refunds")
    provider_reference = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=300)
    state = state_field(State, default=State.REQUESTED)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    paid_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    paid_at = models.DateTimeField(null=True, blank=True)
    posted_on = models.DateField(null=True, blank=True)
    # Where the money left from: a till, a bank account.
    clearing_account = models.ForeignKey(LedgerAccount, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Something goes back, with a reason, by two people; a bank account where a bank pays."""

        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_refund_amount_positive"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(payee=""), name="payments_refund_says_why"),
            models.CheckConstraint(
                condition=Q(way="BANK", online_payment__isnull=True) & ~Q(bank_account="")
                | Q(way="CASH", bank_account="", online_payment__isnull=True)
                | Q(way="ONLINE", bank_account="", online_payment__isnull=False),
                name="payments_refund_way_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="payments_refund_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state="REQUESTED", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="REQUESTED") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="payments_refund_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="PAID",
                    paid_by__isnull=False,
                    paid_at__isnull=False,
                    posted_on__isnull=False,
                    clearing_account__isnull=False,
                )
                | (
                    ~Q(state="PAID")
                    & Q(
                        paid_by__isnull=True,
                        paid_at__isnull=True,
                        posted_on__isnull=True,
                        clearing_account__isnull=True,
                    )
                ),
                name="payments_refund_paid_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="payments_refund_account")]

    def __str__(self) -> str:
        """Show account and state."""
        return f"{self.account_id} {self.state}"

    @property
    def masked_account(self) -> str:
        """The bank account as pages and workbooks show it: its last four."""
        return f"…{self.bank_account[-SHOWN_DIGITS:]}" if self.bank_account else ""


class RefundPart(models.Model):
    """
    The unused money of a payment that a refund gave back: no bill uses it any more.

    Where a payment did not stand, later money of the account stands for what was given back of it, in parts of its own.
    """

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="parts")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refund_parts")
    amount_minor = minor_field()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A part above zero."""

        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_refundpart_amount_positive"),
        ]

    def __str__(self) -> str:
        """Show refund and payment."""
        return f"{self.refund_id} {self.payment_id}"
