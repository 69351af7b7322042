"""Networks of terminals and wallets: added, changed, given keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, lock_rows
from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import open_accounts
from payments.domain.dialects import OSMP
from payments.models import TerminalNetwork
from payments.operations.sender_keys import make_next_key, switch_to_next_key


class LimitsOutOfOrder(BillingError):
    """The least is above the most, or a payment above a day."""

    default_message = gettext_noop(
        "The limits do not fit: the least of a payment is above zero, the most not below it, a day not below a payment."
    )
    default_code = "LIMITS_OUT_OF_ORDER"


class NetworkMustBeKnown(BillingError):
    """Requests without a proof of their own would be taken from anybody."""

    default_message = gettext_noop(
        "This dialect asks without a signature first: give the network's addresses and our own name there."
    )
    default_code = "NETWORK_MUST_BE_KNOWN"


class NoNextKey(BillingError):
    """There is nothing to switch to."""

    default_message = gettext_noop("Network %(code)s has no new key. Make one and hand it over first.")
    default_code = "NO_NEXT_KEY"


_REFUSALS = {
    "payments_terminalnetwork_limits_in_order": LimitsOutOfOrder,
    "payments_terminalnetwork_day_above_payment": LimitsOutOfOrder,
    "payments_terminalnetwork_idram_is_known": NetworkMustBeKnown,
}


@durable
def add_terminal_network(
    *,
    code: str,
    name: str,
    secret: str,
    currency: str | None = None,
    dialect: str = OSMP,
    partner_id: str = "",
    addresses: Sequence[str] = (),
    minimum_minor: int = 1,
    maximum_minor: int = 50_000_000,
    daily_limit_minor: int | None = None,
    register_due_minute: int = 600,
    register_map: Mapping[str, Any] | None = None,
    actor: User | None = None,
) -> TerminalNetwork:
    """
    Add a network with its clearing account in the books; one that is there already stays as it is.

    :param secret: key of the network's signatures
    :param currency: of the clearing account, the operator's when left out
    :param dialect: how it speaks: a name of ``payments.domain.dialects``
    :param partner_id: our own name at the network, where its requests carry it
    :param addresses: nets from which its requests come, as ``trust.read_addresses`` gives them; none: from anywhere
    :param minimum_minor: least amount of one payment, in minor units; ``maximum_minor`` the largest
    :param daily_limit_minor: most of one day of the books, in minor units; none: without a bound
    :param register_due_minute: minute of the operator's day by which yesterday's register must be here
    :param register_map: how the network writes its register, see ``reconciliation.domain.registers``
    :raises LimitsOutOfOrder: if the limits do not fit
    :raises NetworkMustBeKnown: if the dialect needs addresses and a name of ours
    """
    known = TerminalNetwork.objects.filter(code=code).first()
    if known is not None:
        return known
    book_code = f"CLEARING:TERMINAL:{code}"
    used = currency or settings.SALDO_CURRENCY
    accounts = open_accounts(codes=[book_code], kind=LedgerAccount.Kind.CLEARING, currency=used)
    with constraint_errors(_REFUSALS):
        network = TerminalNetwork.objects.create(
            code=code,
            name=name,
            secret=secret,
            clearing_account_id=accounts[book_code],
            dialect=dialect,
            partner_id=partner_id,
            addresses=list(addresses),
            minimum_minor=minimum_minor,
            maximum_minor=maximum_minor,
            daily_limit_minor=daily_limit_minor,
            register_due_minute=register_due_minute,
            register_map=dict(register_map or {}),
        )
    record("payments.add_terminal_network", actor=actor, subject=network, changes={"code": code, "name": name})
    return network


@durable
def change_terminal_network(
    *,
    network_id: int,
    name: str,
    dialect: str,
    partner_id: str,
    addresses: Sequence[str],
    minimum_minor: int,
    maximum_minor: int,
    daily_limit_minor: int | None,
    is_active: bool,
    actor: User,
) -> TerminalNetwork:
    """
    Change how a network speaks, from where, and its limits; what changed is written down, before and after.

    :raises LimitsOutOfOrder: if the limits do not fit
    :raises NetworkMustBeKnown: if the dialect needs addresses and a name of ours
    """
    (network,) = lock_rows(TerminalNetwork.objects.all(), [network_id])
    wishes: dict[str, Any] = {
        "name": name,
        "dialect": dialect,
        "partner_id": partner_id,
        "addresses": list(addresses),
        "minimum_minor": minimum_minor,
        "maximum_minor": maximum_minor,
        "daily_limit_minor": daily_limit_minor,
        "is_active": is_active,
    }
    changes = {field: [getattr(network, field), value] for field, value in wishes.items()}
    changes = {field: both for field, both in changes.items() if both[0] != both[1]}
    for field, value in wishes.items():
        setattr(network, field, value)
    with constraint_errors(_REFUSALS):
        network.save(update_fields=list(wishes))
    record("payments.change_terminal_network", actor=actor, subject=network, changes=changes)
    return network


@durable
def make_network_key(*, network_id: int, made_at: datetime, actor: User) -> str:
    """
    Give a network a new key beside the one in use; both are good until the switch. A new key not yet switched to is
    replaced.

    :returns: the key, in the clear for the only time
    """
    (network,) = lock_rows(TerminalNetwork.objects.all(), [network_id])
    key = make_next_key(network, made_at=made_at)
    record("payments.make_network_key", actor=actor, subject=network, changes={"code": network.code})
    return key


@durable
def switch_network_key(*, network_id: int, actor: User) -> TerminalNetwork:
    """
    Let the new key alone be good.

    :raises NoNextKey: if none was made
    """
    (network,) = lock_rows(TerminalNetwork.objects.all(), [network_id])
    if not network.next_secret:
        raise NoNextKey(context={"code": network.code})
    switch_to_next_key(network)
    record("payments.switch_network_key", actor=actor, subject=network, changes={"code": network.code})
    return network
