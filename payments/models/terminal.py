"""Networks of payment terminals."""

from django.db import models

from billing_site.ledger.models import LedgerAccount


class TerminalNetwork(models.Model):
    """A network that takes money for us, with its key, its limits and its clearing account."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=100)
    # Key of the signature; the second one lives beside it while keys change.
    secret = models.CharField(max_length=128)
    next_secret = models.CharField(max_length=128, blank=True)
    clearing_account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    minimum_minor = models.BigIntegerField(default=1)
    maximum_minor = models.BigIntegerField(default=50_000_000)
    # The register of yesterday is due by this minute of the operator's day.
    register_due_minute = models.PositiveSmallIntegerField(default=600)
    # How the network writes its register: see reconciliation.domain.registers.
    register_map = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)

    class Meta:
        """Limits in order."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(minimum_minor__gt=0, maximum_minor__gte=models.F("minimum_minor")),
                name="payments_terminalnetwork_limits_in_order",
            ),
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name
