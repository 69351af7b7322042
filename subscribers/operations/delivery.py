"""How an account's bills go out: the ways chosen for it, where the postman finds it, and mail that comes back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from subscribers.models import Account, DeliveryChannel

E_MAIL = DeliveryChannel.Kind.E_MAIL


class NoWayForBills(BillingError):
    """Every account gets its bills somehow."""

    default_message = gettext_noop("Choose at least one way for the bills.")
    default_code = "NO_WAY_FOR_BILLS"


class WayUnknown(BillingError):
    """There is no such way, or it is named twice."""

    default_message = gettext_noop("%(kind)s is no way for bills, or it is named twice.")
    default_code = "WAY_UNKNOWN"


class MailAddressMissing(BillingError):
    """Mail needs an address."""

    default_message = gettext_noop("The subscriber has no e-mail address: type the one for the bills.")
    default_code = "MAIL_ADDRESS_MISSING"


class MailAddressUnsound(BillingError):
    """What was typed is no address."""

    default_message = gettext_noop("%(address)s is not an e-mail address.")
    default_code = "MAIL_ADDRESS_UNSOUND"


class PostalAddressMissing(BillingError):
    """Paper needs to be carried somewhere."""

    default_message = gettext_noop("Type the postal address: paper bills are carried to it.")
    default_code = "POSTAL_ADDRESS_MISSING"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenWay:
    """
    One way for an account's bills.

    :param kind: one of ``DeliveryChannel.Kind``
    :param address: for mail: another address than the subscriber's own
    :param language: empty for the subscriber's own
    """

    kind: str
    address: str = ""
    language: str = ""


@durable
def change_bill_delivery(*, account_id: int, ways: Sequence[ChosenWay], actor: User | None) -> list[DeliveryChannel]:
    """
    Let an account's bills go these ways from the next bill on. What came back before is forgotten.

    :raises NoWayForBills: if none is named
    :raises WayUnknown: for a way that does not exist, or one named twice
    :raises MailAddressMissing: for mail if neither the way nor the subscriber has an address
    :raises MailAddressUnsound: for an address that is none
    """
    account = _locked(account_id)
    _check_ways(ways, own_address=account.subscriber.email)
    before = _as_values(DeliveryChannel.objects.filter(account=account).order_by("kind"))
    DeliveryChannel.objects.filter(account=account).delete()
    rows = [DeliveryChannel(account=account, kind=way.kind, address=way.address, language=way.language) for way in ways]
    DeliveryChannel.objects.bulk_create(rows)
    after = _as_values(sorted(rows, key=lambda row: row.kind))
    record("subscribers.change_bill_delivery", actor=actor, subject=account, changes={"before": before, "after": after})
    return rows


@durable
def change_postal_address(*, account_id: int, address: str, post_code: str, route: str, actor: User | None) -> Account:
    """
    Change where an account's letters are carried: address, post code and the postman's round; bills sent stay as sent.

    :raises PostalAddressMissing: without an address
    """
    if not address.strip():
        raise PostalAddressMissing
    account = Account.objects.select_for_update(of=("self",), no_key=True).get(pk=account_id)
    before = {"address": account.address, "post_code": account.post_code, "route": account.route}
    account.address, account.post_code, account.route = address.strip(), post_code.strip(), route.strip()
    account.save(update_fields=["address", "post_code", "route"])
    after = {"address": account.address, "post_code": account.post_code, "route": account.route}
    record(
        "subscribers.change_postal_address", actor=actor, subject=account, changes={"before": before, "after": after}
    )
    return account


@transaction_required
def stop_mail(*, account_id: int, address: str, at: datetime) -> bool:
    """
    Send an account's bills by mail no more, because this address gave them back for good; return whether it did.

    An address that the account no longer has changes nothing. The next bill goes on paper.
    """
    account = _locked(account_id)
    chosen = DeliveryChannel.objects.filter(account=account)
    mail = chosen.filter(kind=E_MAIL).first()
    if mail is None and not chosen.exists():
        mail = DeliveryChannel(account=account, kind=E_MAIL)
    if mail is None or mail.bounced_at is not None or (mail.address or account.subscriber.email) != address:
        return False
    mail.bounced_at, mail.bounced_address = at, address
    mail.save()
    return True


def _locked(account_id: int) -> Account:
    accounts = Account.objects.select_for_update(of=("self",), no_key=True)
    return accounts.select_related("subscriber").get(pk=account_id)


def _check_ways(ways: Sequence[ChosenWay], *, own_address: str) -> None:
    if not ways:
        raise NoWayForBills
    seen: set[str] = set()
    for way in ways:
        if way.kind not in DeliveryChannel.Kind.values or way.kind in seen:
            raise WayUnknown(context={"kind": way.kind})
        seen.add(way.kind)
        if way.kind != E_MAIL:
            continue
        if not (way.address or own_address):
            raise MailAddressMissing
        if way.address:
            _check_address(way.address)


def _check_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise MailAddressUnsound(context={"address": address}) from error


def _as_values(rows: Iterable[DeliveryChannel]) -> list[dict[str, str]]:
    return [{"kind": row.kind, "address": row.address, "language": row.language} for row in rows]
