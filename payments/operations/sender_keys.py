"""Keys of those who tell us of money, networks and providers: a new one beside the one in use, until the switch."""

import secrets
from datetime import datetime

from billing_site.db.transactions import transaction_required
from payments.models import OnlineProvider, TerminalNetwork

KEY_BYTES = 32
_NEXT = ["next_secret", "next_secret_made_at"]


@transaction_required
def make_next_key(holder: TerminalNetwork | OnlineProvider, *, made_at: datetime) -> str:
    """Give a locked holder a new key, in place of one that was not switched to; return it in the clear, once."""
    holder.next_secret, holder.next_secret_made_at = secrets.token_urlsafe(KEY_BYTES), made_at
    holder.save(update_fields=_NEXT)
    return holder.next_secret


@transaction_required
def switch_to_next_key(holder: TerminalNetwork | OnlineProvider) -> None:
    """Let the new key of a locked holder alone be good."""
    holder.secret, holder.secret_made_at = holder.next_secret, holder.next_secret_made_at
    holder.next_secret, holder.next_secret_made_at = "", None
    holder.save(update_fields=["secret", "secret_made_at", *_NEXT])
