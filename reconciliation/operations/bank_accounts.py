"""Bank accounts of ours: how their statements are read and where their money stands in the books."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import open_accounts
from reconciliation.domain.statement_formats.columns import read_statement_map
from reconciliation.models import BankAccount, masked

BOOK_PREFIX = "BANK:"


class BankAccountKnown(BillingError):
    """Code or number is taken."""

    default_message = gettext_noop("There is a bank account with this code or number already. Nothing was changed.")
    default_code = "BANK_ACCOUNT_KNOWN"


class BankAccountUnknown(BillingError):
    """No bank account of ours has this code."""

    default_message = gettext_noop("There is no bank account “%(code)s”. The bank accounts are: %(known)s.")
    default_code = "BANK_ACCOUNT_UNKNOWN"


@durable
def add_bank_account(
    *,
    code: str,
    name: str,
    bank_name: str,
    number: str,
    format: str,  # noqa: A002 - the word of the trade
    encoding: str = "utf-8",
    column_map: Mapping[str, Any] | None = None,
    charge_rule: str = BankAccount.ChargeRule.NET,
    actor: User | None = None,
) -> BankAccount:
    """
    Add an account of ours at a bank, in the operator's currency, with its clearing account in the books.

    :param number: as the bank writes it in its statements
    :param column_map: for a table of the bank's own, see ``statement_formats.columns``
    :raises BankAccountKnown: if code or number is taken
    :raises StatementMapRefused: if the column map cannot be followed
    """
    if format == BankAccount.Format.COLUMNS:
        read_statement_map(column_map or {})
    book_code, currency = f"{BOOK_PREFIX}{code}", settings.SALDO_CURRENCY
    books = open_accounts(codes=[book_code], kind=LedgerAccount.Kind.CLEARING, currency=currency)
    account = BankAccount(
        code=code,
        name=name,
        bank_name=bank_name,
        number=number,
        currency=currency,
        format=format,
        encoding=encoding,
        column_map=dict(column_map or {}),
        charge_rule=charge_rule,
        clearing_account_id=books[book_code],
    )
    taken = {
        "reconciliation_bankaccount_code_key": BankAccountKnown,
        "reconciliation_bankaccount_number_key": BankAccountKnown,
    }
    with constraint_errors(taken):
        account.save(force_insert=True)
    record("reconciliation.add_bank_account", actor=actor, subject=account, changes=_told(account))
    return account


@durable
def change_bank_account(
    *,
    bank_account_id: int,
    name: str,
    encoding: str,
    column_map: Mapping[str, Any],
    charge_rule: str,
    is_active: bool,
    actor: User,
) -> BankAccount:
    """
    Change how an account's statements are read from now on; its number and its place in the books stay.

    :raises StatementMapRefused: if the column map cannot be followed
    """
    account = BankAccount.objects.select_for_update(of=("self",), no_key=True).get(pk=bank_account_id)
    if account.format == BankAccount.Format.COLUMNS:
        read_statement_map(column_map)
    account.name, account.encoding, account.column_map = name, encoding, dict(column_map)
    account.charge_rule, account.is_active = charge_rule, is_active
    account.save(update_fields=["name", "encoding", "column_map", "charge_rule", "is_active"])
    record("reconciliation.change_bank_account", actor=actor, subject=account, changes=_told(account))
    return account


def get_bank_account(code: str) -> BankAccount:
    """
    Return a bank account of ours by its code.

    :raises BankAccountUnknown: with the codes there are
    """
    account = BankAccount.objects.filter(code=code).first()
    if account is None:
        known = ", ".join(BankAccount.objects.order_by("code").values_list("code", flat=True))
        raise BankAccountUnknown(context={"code": code, "known": known or "-"})
    return account


def _told(account: BankAccount) -> dict[str, str]:
    return {
        "code": account.code,
        "number": masked(account.number),
        "format": account.format,
        "encoding": account.encoding,
        "charge_rule": account.charge_rule,
        "is_active": str(account.is_active),
    }
