"""Networks of payment terminals."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing_site.db.sealing import sealed_field
from billing_site.ledger.models import LedgerAccount


class TerminalNetwork(models.Model):
    """A network that takes money for us: how it speaks, with which keys, from where, up to which limits."""

    class Dialect(models.TextChoices):
        """How it writes its requests: see ``payments.domain.dialects``."""

        OSMP = "OSMP", _("OSMP (QIWI), answers in XML")
        JSON = "JSON", _("JSON with a checksum")
        IDRAM = "IDRAM", _("Idram, pre-check and confirmation")

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=100)
    dialect = models.CharField(max_length=8, choices=Dialect.choices, default=Dialect.OSMP)
    # Our own name at the network, where its requests carry it.
    partner_id = models.CharField(max_length=32, blank=True)
    # Key of the signature; the second one lives beside it while keys change. Neither is shown or written anywhere; in
    # the database both are sealed.
    secret = sealed_field(max_length=400)
    next_secret = sealed_field(max_length=400, blank=True)
    secret_made_at = models.DateTimeField(null=True)
    next_secret_made_at = models.DateTimeField(null=True)
    # Nets from which its requests come (192.0.2.0/24); none: from anywhere.
    addresses = ArrayField(models.CharField(max_length=43), default=list)
    clearing_account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    minimum_minor = models.BigIntegerField(default=1)
    maximum_minor = models.BigIntegerField(default=50_000_000)
    # Taken in one day of the books at most; none: without a bound. Kept by the database at the commit of each payment.
    daily_limit_minor = models.BigIntegerField(null=True)
    # The register of yesterday is due by this minute of the operator's day.
    register_due_minute = models.PositiveSmallIntegerField(default=600)
    # How the network writes its register: see reconciliation.domain.registers.
    register_map = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    # A trusted request came at about this time: noted once a minute.
    seen_at = models.DateTimeField(null=True)

    class Meta:
        """Limits in order; two keys are two; what carries no proof of its own comes from listed addresses."""

        constraints = [
            models.CheckConstraint(
                condition=Q(minimum_minor__gt=0, maximum_minor__gte=F("minimum_minor")),
                name="payments_terminalnetwork_limits_in_order",
            ),
            models.CheckConstraint(
                condition=Q(daily_limit_minor__isnull=True) | Q(daily_limit_minor__gte=F("maximum_minor")),
                name="payments_terminalnetwork_day_above_payment",
            ),
            models.CheckConstraint(
                condition=~Q(secret="") & (Q(next_secret="") | ~Q(next_secret=F("secret"))),
                name="payments_terminalnetwork_two_keys",
            ),
            models.CheckConstraint(
                condition=~Q(dialect="IDRAM") | (Q(addresses__len__gt=0) & ~Q(partner_id="")),
                name="payments_terminalnetwork_idram_is_known",
            ),
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name
