"""People and companies become subscribers."""

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from subscribers.domain.search_keys import search_key
from subscribers.models import Subscriber

MAX_NAME = 200


class NameUnsound(BillingError):
    """No name, or one that does not fit."""

    default_message = gettext_noop("A name has 1 to 200 letters; this one has %(length)s.")
    default_code = "NAME_UNSOUND"


def check_name(name: str) -> str:
    """
    Return a name as it is kept: as written, without spaces around it.

    :raises NameUnsound: if nothing is left, or more than 200 letters
    """
    kept = " ".join(name.split())
    if not 0 < len(kept) <= MAX_NAME:
        raise NameUnsound(context={"length": len(kept)})
    return kept


def new_subscriber(*, kind: str, name: str, language: str, email: str = "") -> Subscriber:
    """
    Return an unsaved subscriber with its search key.

    :raises NameUnsound: if the name is empty or too long
    """
    kept = check_name(name)
    return Subscriber(kind=kind, name=kept, search_key=search_key(kept), language=language, email=email)


@durable
def create_subscriber(*, kind: str, name: str, language: str, actor: User | None, email: str = "") -> Subscriber:
    """
    Create a subscriber, found from then on by any part of the name in its own script or in Latin letters.

    :param kind: one of ``Subscriber.Kind``
    :param language: the language of bills and messages
    :raises NameUnsound: if the name is empty or too long
    """
    subscriber = new_subscriber(kind=kind, name=name, language=language, email=email)
    subscriber.save()
    record("subscribers.create_subscriber", actor=actor, subject=subscriber)
    return subscriber


@durable
def rename_subscriber(*, subscriber_id: int, name: str, actor: User | None) -> Subscriber:
    """
    Change a name as written; bills that were posted keep the old one.

    :raises NameUnsound: if the name is empty or too long
    """
    subscriber = Subscriber.objects.select_for_update(no_key=True).get(pk=subscriber_id)
    before = subscriber.name
    subscriber.name = check_name(name)
    subscriber.search_key = search_key(subscriber.name)
    subscriber.save(update_fields=["name", "search_key"])
    changes = {"before": before, "after": subscriber.name}
    record("subscribers.rename_subscriber", actor=actor, subject=subscriber, changes=changes)
    return subscriber
