"""What stands around the gateway: senders that were wrong, words used once, what a day took, what must be looked at."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import minor_field
from billing_site.identity.models import User
from payments.models.terminal import TerminalNetwork


class BadSender(models.Model):
    """An address that sent what could not be trusted, counted for each network; without one for no network of ours."""

    class Reason(models.TextChoices):
        """Why the last request was not trusted: see ``payments.domain.trust``."""

        UNKNOWN = "UNKNOWN", _("There is no such network")
        UNREADABLE = "UNREADABLE", _("The request cannot be read")
        SIGNATURE = "SIGNATURE", _("The signature is wrong")
        STALE = "STALE", _("The time stamp is too far off")
        ADDRESS = "ADDRESS", _("The address is not on the list")
        REPLAYED = "REPLAYED", _("The request was sent before")
        LOCKED = "LOCKED", _("The address is locked")

    network = models.ForeignKey(TerminalNetwork, null=True, on_delete=models.PROTECT, related_name="+")
    address = models.GenericIPAddressField()
    count = models.PositiveIntegerField(default=1)
    counted_from = models.DateTimeField()
    last_at = models.DateTimeField()
    last_reason = models.CharField(max_length=16, choices=Reason.choices)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        """One row for each address and network."""

        constraints = [
            models.UniqueConstraint(
                fields=["network", "address"], name="payments_badsender_once", nulls_distinct=False
            ),
        ]
        indexes = [models.Index(fields=["last_at"], name="payments_badsender_last_at")]

    def __str__(self) -> str:
        """Show the address."""
        return str(self.address)


class UsedNonce(models.Model):
    """A word that a network may use once; kept as long as its time stamp could be taken for fresh."""

    network = models.ForeignKey(TerminalNetwork, on_delete=models.PROTECT, related_name="+")
    nonce = models.CharField(max_length=64)
    used_at = models.DateTimeField()

    class Meta:
        """Once."""

        constraints = [models.UniqueConstraint(fields=["network", "nonce"], name="payments_usednonce_once")]
        indexes = [models.Index(fields=["used_at"], name="payments_usednonce_used_at")]

    def __str__(self) -> str:
        """Show the word."""
        return self.nonce


class NetworkDay(models.Model):
    """What a network took on a day of the books, counted by the database as payments are committed."""

    network = models.ForeignKey(TerminalNetwork, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    count = models.IntegerField()
    amount_minor = minor_field()

    class Meta:
        """One row for each day."""

        constraints = [models.UniqueConstraint(fields=["network", "day"], name="payments_networkday_once")]

    def __str__(self) -> str:
        """Show network and day."""
        return f"{self.network_id} {self.day}"


class NetworkDayPart(models.Model):
    """What the transaction under way adds to a day; gone when it is committed. See ``migrations/sql/0008_gateway``."""

    network_id = models.BigIntegerField()
    day = models.DateField()
    count = models.IntegerField()
    amount_minor = minor_field()

    def __str__(self) -> str:
        """Show network and day."""
        return f"{self.network_id} {self.day}"


class NetworkAlarm(models.Model):
    """Something that a person must ask a network about, until somebody writes down what came of it."""

    class Kind(models.TextChoices):
        """What happened."""

        CONFLICT = "CONFLICT", _("The same transaction came again with other content")
        LOCKED = "LOCKED", _("An address sent too many bad requests and was locked")

    network = models.ForeignKey(TerminalNetwork, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # The transaction, or the address.
    subject = models.CharField(max_length=64)
    # What came, as plain data: never a key and never a signature.
    details = models.JSONField(default=dict)
    times = models.PositiveIntegerField(default=1)
    raised_at = models.DateTimeField()
    last_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        """One open alarm for each subject; who settles it says what came of it."""

        constraints = [
            models.UniqueConstraint(
                fields=["network", "kind", "subject"],
                condition=Q(settled_at__isnull=True),
                name="payments_networkalarm_open_once",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(note="")),
                name="payments_networkalarm_settled_in_words",
            ),
        ]
        indexes = [models.Index(fields=["network", "-id"], name="payments_networkalarm_network")]

    def __str__(self) -> str:
        """Show kind and subject."""
        return f"{self.kind} {self.subject}"
