"""
Payments on the pages of a provider: who the providers are, what was begun, what the providers told us of it.

How a payment stands comes from notices and answers of its provider alone. Of a card nothing is known here.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import minor_field, state_field
from billing_site.db.sealing import sealed_field
from billing_site.ledger.models import LedgerAccount
from payments.models.payment import Payment
from subscribers.models import Account


class OnlineProvider(models.Model):
    """A provider of payments, with its keys, limits and clearing account; ``adapter`` says how it is spoken to."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=100)
    adapter = models.CharField(max_length=32)
    # Key of the notices' signatures; the second one lives beside it while keys change. Sealed in the database.
    secret = sealed_field(max_length=400)
    next_secret = sealed_field(max_length=400, blank=True)
    secret_made_at = models.DateTimeField(null=True)
    next_secret_made_at = models.DateTimeField(null=True)
    clearing_account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    minimum_minor = minor_field(default=1)
    maximum_minor = minor_field(default=10_000_000)
    # What is not decided by then was not paid, as far as we know; a notice that comes later counts all the same.
    lifetime_minutes = models.PositiveIntegerField(default=60)
    is_active = models.BooleanField(default=True)

    class Meta:
        """Limits in order."""

        constraints = [
            models.CheckConstraint(
                condition=Q(minimum_minor__gt=0, maximum_minor__gte=models.F("minimum_minor")),
                name="payments_onlineprovider_limits_in_order",
            ),
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class OnlinePayment(models.Model):
    """A payment begun by a payer. Nobody guesses its reference: by it he sees how it stands."""

    class State(models.TextChoices):
        """How it stands, as the provider says."""

        PENDING = "PENDING", "Pending"
        PAID = "PAID", "Paid"
        FAILED = "FAILED", "Failed"
        EXPIRED = "EXPIRED", "Expired"
        CONFLICT = "CONFLICT", "Conflict"

    class Door(models.TextChoices):
        """Where it began."""

        PORTAL = "PORTAL", _("The subscriber's own pages")
        LINK = "LINK", _("A link to pay")

    reference = models.CharField(max_length=64, unique=True)
    provider = models.ForeignKey(OnlineProvider, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    # Set where a certain bill is paid.
    invoice_id = models.BigIntegerField(null=True)
    amount_minor = minor_field()
    currency = models.CharField(max_length=3)
    door = models.CharField(max_length=8, choices=Door.choices)
    state = state_field(State, default=State.PENDING)
    reason = models.CharField(max_length=16, blank=True)
    provider_reference = models.CharField(max_length=64, blank=True)
    payment = models.OneToOneField(Payment, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Paid has its payment; what waits is found at once."""

        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_onlinepayment_amount_positive"),
            models.CheckConstraint(
                condition=Q(state="PENDING", ended_at__isnull=True, payment__isnull=True)
                | Q(state="PAID", ended_at__isnull=False, payment__isnull=False)
                | Q(state__in=["FAILED", "EXPIRED", "CONFLICT"], ended_at__isnull=False, payment__isnull=True),
                name="payments_onlinepayment_state_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="PENDING"), name="payments_onlinepayment_pending"),
            models.Index(fields=["account", "-id"], name="payments_onlinepayment_account"),
        ]

    def __str__(self) -> str:
        """Show the reference."""
        return self.reference


class OnlineNoticeEntry(models.Model):
    """A notice of a provider, or its answer to a question, as it was understood, and what it did."""

    class Verdict(models.TextChoices):
        """What it did."""

        APPLIED = "APPLIED", _("Carried out")
        REPEATED = "REPEATED", _("Known before")
        NOTHING = "NOTHING", _("Nothing is decided yet")
        CONFLICT = "CONFLICT", _("Another amount than begun, or it contradicts what is known")
        UNKNOWN = "UNKNOWN", _("No such payment was begun")

    provider = models.ForeignKey(OnlineProvider, on_delete=models.PROTECT, related_name="+")
    online_payment = models.ForeignKey(OnlinePayment, null=True, on_delete=models.PROTECT, related_name="notices")
    reference = models.CharField(max_length=64)
    provider_reference = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=8)
    amount = models.CharField(max_length=40)
    currency = models.CharField(max_length=64)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    was_asked_for = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Found by payment."""

        indexes = [models.Index(fields=["provider", "reference", "-id"], name="payments_onlinenotice_payment")]

    def __str__(self) -> str:
        """Show reference and outcome."""
        return f"{self.reference} {self.outcome}"


class SandboxRefund(models.Model):
    """What the sandbox's provider gave back: the same wish again is the same refund."""

    payment = models.ForeignKey("SandboxPayment", on_delete=models.PROTECT, related_name="refunds")
    wish = models.CharField(max_length=64, unique=True)
    number = models.CharField(max_length=32, unique=True)
    amount = models.CharField(max_length=40)

    def __str__(self) -> str:
        """Show the provider's number."""
        return self.number


class SandboxPayment(models.Model):
    """What the sandbox's provider knows of a payment: the book of somebody else, played by ourselves."""

    reference = models.CharField(max_length=64, unique=True)
    number = models.CharField(max_length=32, unique=True)
    amount = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    description = models.CharField(max_length=140)
    return_url = models.CharField(max_length=300)
    outcome = models.CharField(max_length=8, default="PENDING")
    reason = models.CharField(max_length=16, blank=True)

    def __str__(self) -> str:
        """Show the provider's number."""
        return self.number
