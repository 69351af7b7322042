"""Networks of payment terminals."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import open_accounts
from payments.models import TerminalNetwork


@durable
def add_terminal_network(
    *,
    code: str,
    name: str,
    secret: str,
    currency: str | None = None,
    minimum_minor: int = 1,
    maximum_minor: int = 50_000_000,
    register_due_minute: int = 600,
    register_map: Mapping[str, Any] | None = None,
    actor: User | None = None,
) -> TerminalNetwork:
    """
    Add a network with its clearing account in the books; one that is there already stays as it is.

    :param secret: key of the network's signatures
    :param currency: of the clearing account, the operator's when left out
    :param minimum_minor: least amount of one payment, in minor units; ``maximum_minor`` the largest
    :param register_due_minute: minute of the operator's day by which yesterday's register must be here
    :param register_map: how the network writes its register, see ``reconciliation.domain.registers``
    """
    known = TerminalNetwork.objects.filter(code=code).first()
    if known is not None:
        return known
    book_code = f"CLEARING:TERMINAL:{code}"
    used = currency or settings.SALDO_CURRENCY
    accounts = open_accounts(codes=[book_code], kind=LedgerAccount.Kind.CLEARING, currency=used)
    network = TerminalNetwork.objects.create(
        code=code,
        name=name,
        secret=secret,
        clearing_account_id=accounts[book_code],
        minimum_minor=minimum_minor,
        maximum_minor=maximum_minor,
        register_due_minute=register_due_minute,
        register_map=dict(register_map or {}),
    )
    record("payments.add_terminal_network", actor=actor, subject=network, changes={"code": code, "name": name})
    return network
