"""How an account's bills go out: by mail, on the subscriber's own pages, on paper; several ways at once."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscribers.models.account import Account


class DeliveryChannel(models.Model):
    """
    A way that was chosen for an account's bills.

    An account without a row has the usual way: mail if its subscriber has an address, else paper. The view
    ``subscribers_billway`` says for every account which ways its bills take today.
    """

    class Kind(models.TextChoices):
        """The ways there are."""

        E_MAIL = "E_MAIL", _("E-mail")
        PORTAL = "PORTAL", _("Own pages")
        PRINT = "PRINT", _("Paper")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="delivery_channels")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # Mail: another address than the subscriber's. Paper goes to the account's own address.
    address = models.EmailField(blank=True)
    # Empty: the language of the subscriber.
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, blank=True)
    # Mail that came back for good: nothing is sent there until somebody changes the ways.
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounced_address = models.EmailField(blank=True)

    class Meta:
        """Each way once; only mail has an address and comes back."""

        constraints = [
            models.UniqueConstraint(fields=["account", "kind"], name="subscribers_deliverychannel_once"),
            models.CheckConstraint(
                condition=Q(kind="E_MAIL") | Q(address="", bounced_at__isnull=True),
                name="subscribers_deliverychannel_only_mail_has_address",
            ),
            models.CheckConstraint(
                condition=Q(bounced_at__isnull=True) | ~Q(bounced_address=""),
                name="subscribers_deliverychannel_bounced_has_address",
            ),
        ]

    def __str__(self) -> str:
        """Show account and way."""
        return f"{self.account_id} {self.kind}"
