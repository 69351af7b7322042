"""Keys of networks and providers sealed by an older key, brought over to the one that seals now."""

from billing_site.audit.recording import record
from billing_site.db.sealing import sealing_key_id
from billing_site.db.transactions import durable
from payments.models import OnlineProvider, TerminalNetwork


@durable
def reseal_secrets() -> int:
    """
    Seal the keys of networks and providers with the key that seals now; return how many rows that were.

    What was written once (bank accounts of refunds and mandates) stays as it was sealed: its key is kept.
    """
    networks = TerminalNetwork.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    providers = OnlineProvider.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    rows = [*networks, *providers]
    for row in rows:
        row.save(update_fields=["secret", "next_secret"])
        record("payments.reseal_secrets", actor=None, subject=row, changes={"key": sealing_key_id()})
    return len(rows)
