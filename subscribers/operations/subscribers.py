"""People and companies become subscribers."""

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from subscribers.domain.search_keys import search_key
from subscribers.domain.tax_numbers import tax_id_of
from subscribers.models import Subscriber

MAX_NAME = 200


class NameUnsound(BillingError):
    """No name, or one that does not fit."""

    default_message = gettext_noop("A name has 1 to 200 letters; this one has %(length)s.")
    default_code = "NAME_UNSOUND"


class TaxNumberOfPerson(BillingError):
    """The numbers of people are nobody's business."""

    default_message = gettext_noop("Numbers in the tax register are kept of companies only: %(name)s is a person.")
    default_code = "TAX_NUMBER_OF_PERSON"


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


@durable
def set_tax_number(*, subscriber_id: int, country: str, number: str, actor: User | None) -> Subscriber:
    """
    Keep the number of a company in the tax register, which stands on its bills from then on.

    :param country: two letters of ISO 3166
    :param number: as people write it; empty: the company has none
    :raises TaxNumberOfPerson: for a person
    :raises TaxNumberUnsound: if it is not a number of the country
    """
    subscriber = Subscriber.objects.select_for_update(no_key=True).get(pk=subscriber_id)
    if subscriber.kind != Subscriber.Kind.COMPANY:
        raise TaxNumberOfPerson(context={"name": subscriber.name})
    before = subscriber.tax_id
    subscriber.tax_id = tax_id_of(country=country, number=number) if number.strip() else ""
    subscriber.save(update_fields=["tax_id"])
    changes = {"before": before, "after": subscriber.tax_id}
    record("subscribers.set_tax_number", actor=actor, subject=subscriber, changes=changes)
    return subscriber
