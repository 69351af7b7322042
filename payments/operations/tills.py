"""Tills are set up: at a centre, with a clearing account for each method."""

from typing import Any

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import open_accounts
from payments.domain.fiscal import find_fiscal_device
from payments.models import Method, Till

# Cash that left the tills and is not on the bank's statement yet.
IN_TRANSIT = "TRANSIT:CASH"
OVER_AND_SHORT = "OVER_AND_SHORT"


class TillCodeTaken(BillingError):
    """There is a till of this code."""

    default_message = gettext_noop("There is a till %(till)s already.")
    default_code = "TILL_CODE_TAKEN"


@durable
def create_till(
    *, code: str, name: str, centre_id: int, actor: User, paper_mm: int = 80, fiscal_device: str = "JOURNAL",
    fiscal_settings: dict[str, Any] | None = None, large_minor: int = 500_000,
) -> Till:  # fmt: skip
    """
    Set up a till of a service centre, with its accounts in the books.

    :param paper_mm: 80 or 58
    :param fiscal_device: a name of ``payments.domain.fiscal``, or ``NONE``
    :param large_minor: a larger sum is asked about once, in minor units
    :raises TillCodeTaken: if the code is another's
    :raises UnknownFiscalDevice: if nobody knows the device
    """
    find_fiscal_device(fiscal_device)
    till = Till(
        code=code,
        name=name,
        centre_id=centre_id,
        paper_mm=paper_mm,
        fiscal_device=fiscal_device,
        fiscal_settings=fiscal_settings or {},
        large_minor=large_minor,
    )
    with constraint_errors({"payments_till_code_key": lambda: TillCodeTaken(context={"till": code})}):
        till.save(force_insert=True)
    clearing_accounts(till_code=code, methods=Method.values)
    record("payments.create_till", actor=actor, subject=till, changes={"code": code, "centre": centre_id})
    return till


@durable
def change_till(
    *, till_id: int, actor: User, name: str, paper_mm: int, fiscal_device: str, large_minor: int, is_active: bool
) -> Till:
    """
    Change what a till prints on, which device it has, what it asks about, and whether sessions may be opened on it.

    :raises UnknownFiscalDevice: if nobody knows the device
    """
    find_fiscal_device(fiscal_device)
    till = Till.objects.select_for_update(of=("self",)).get(pk=till_id)
    till.name, till.paper_mm, till.fiscal_device = name, paper_mm, fiscal_device
    till.large_minor, till.is_active = large_minor, is_active
    till.save(update_fields=["name", "paper_mm", "fiscal_device", "large_minor", "is_active"])
    changes = {"paper_mm": paper_mm, "fiscal_device": fiscal_device, "is_active": is_active}
    record("payments.change_till", actor=actor, subject=till, changes=changes)
    return till


@transaction_required
def clearing_accounts(*, till_code: str, methods: list[str]) -> dict[str, int]:
    """Return the books' accounts of a till's methods, opened where they are missing: ids by method."""
    codes = {method: f"TILL:{till_code}:{method}" for method in methods}
    known = dict(LedgerAccount.objects.filter(code__in=codes.values()).values_list("code", "id"))
    if len(known) < len(codes):
        known = open_accounts(codes=codes.values(), kind=LedgerAccount.Kind.CLEARING, currency=settings.SALDO_CURRENCY)
    return {method: known[code] for method, code in codes.items()}
