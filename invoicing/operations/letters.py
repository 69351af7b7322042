"""The letters that ask for corrections: registered once, when the first correction answers them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from billing_site.audit.recording import record
from billing_site.db.transactions import transaction_required
from billing_site.identity.models import User
from invoicing.models import Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetter:
    """
    A letter as its reader sees it.

    :param sender: one of ``Letter.Sender``
    :param centre_id: the service centre that wrote it, if one did
    :param number: the sender's own
    """

    sender: str
    number: str
    dated_on: date
    centre_id: int | None = None


@transaction_required
def register_letter(*, letter: NewLetter, account_id: int, actor: User) -> Letter:
    """Return a letter, registered now if nobody has; a subscriber's letter is one of the account's."""
    sender = Letter.Sender(letter.sender)
    what: dict[str, Any] = {
        "sender": sender,
        "centre_id": letter.centre_id if sender == Letter.Sender.SERVICE_CENTRE else None,
        "account_id": account_id if sender == Letter.Sender.SUBSCRIBER else None,
        "number": letter.number.strip(),
        "dated_on": letter.dated_on,
    }
    found, is_new = Letter.objects.get_or_create(**what, defaults={"registered_by": actor})
    if is_new:
        record("invoicing.register_letter", actor=actor, subject=found, changes={"number": found.number})
    return found
