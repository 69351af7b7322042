"""Who collects by direct debit: set by one operation, its later values in the history of rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import open_accounts
from payments.domain.debit_orders import FILE_VERSIONS
from payments.domain.debit_reasons import REASONS, NextStep
from payments.domain.debit_results import read_result_map
from payments.domain.ibans import last_four, read_bic, read_iban
from payments.models import DebitCreditor

MOST_TRIES, LONGEST_WAIT = 5, 60
TRIED_AGAIN = tuple(code for code, reason in REASONS.items() if reason.next_step is NextStep.RETRY)


class CreditorUnsound(BillingError):
    """A figure of the policy makes no sense, or the bank's code is missing where the file demands it."""

    default_message = gettext_noop("The creditor is not usable: %(what)s")
    default_code = "CREDITOR_UNSOUND"


RETRIES_UNSOUND = gettext_noop("Give at most five tries, each 1 to 60 days after the failure before it.")
REASON_UNSOUND = gettext_noop("Only %(reasons)s can be tried again.")
BIC_MISSING = gettext_noop("Files of version %(version)s need the code of the bank (BIC).")
VERSION_UNKNOWN = gettext_noop("The versions of the file are %(versions)s.")


@durable
def set_debit_creditor(
    *,
    code: str,
    name: str,
    creditor_id: str,
    iban: str,
    bic: str = "",
    file_version: str = FILE_VERSIONS[-1],
    retry_days: Sequence[int] = (3, 7),
    retry_reasons: Sequence[str] = TRIED_AGAIN,
    lead_days: int = 1,
    answer_days: int = 10,
    result_map: Mapping[str, Any] | None = None,
    actor: User | None,
) -> DebitCreditor:
    """
    Add a creditor with its clearing account in the books, or give the one of this code new values.

    Batches that were released stay as they were ordered.

    :param creditor_id: the number that the bank gave for collecting
    :param retry_days: days from each failure to the next try; ``retry_reasons`` are codes of ISO 20022
    :param lead_days: so many days before the day of collection the file is at the bank
    :param answer_days: so many days after it the bank has answered
    :param result_map: how the bank writes its own lists, see ``payments.domain.debit_results``
    :raises IbanUnsound: if the account number is mistyped
    :raises BicUnsound: if the bank's code is
    :raises ResultMapUnsound: if the map cannot be followed
    :raises CreditorUnsound: for a version, a day or a reason that makes no sense
    """
    values = {
        "name": name.strip(),
        "creditor_id": creditor_id.strip(),
        "iban": read_iban(iban),
        "bic": read_bic(bic),
        "file_version": file_version,
        "retry_days": list(retry_days),
        "retry_reasons": list(retry_reasons),
        "lead_days": lead_days,
        "answer_days": answer_days,
        "result_map": dict(result_map or {}),
    }
    _refuse_unsound(values)
    creditor = DebitCreditor.objects.select_for_update(of=("self",)).filter(code=code).first()
    if creditor is None:
        creditor = DebitCreditor(code=code, currency=settings.SALDO_CURRENCY, clearing_account_id=_clearing(code))
    for field, value in values.items():
        setattr(creditor, field, value)
    creditor.save()
    changes = {**values, "iban": f"…{last_four(creditor.iban)}"}
    record("payments.set_debit_creditor", actor=actor, subject=creditor, changes=changes)
    return creditor


def _refuse_unsound(values: Mapping[str, Any]) -> None:
    days, reasons, version = values["retry_days"], values["retry_reasons"], values["file_version"]
    if len(days) > MOST_TRIES or any(not 1 <= day <= LONGEST_WAIT for day in days):
        raise CreditorUnsound(RETRIES_UNSOUND)
    if not set(reasons) <= set(TRIED_AGAIN):
        raise CreditorUnsound(REASON_UNSOUND, context={"reasons": ", ".join(TRIED_AGAIN)})
    if version not in FILE_VERSIONS:
        raise CreditorUnsound(VERSION_UNKNOWN, context={"versions": ", ".join(FILE_VERSIONS)})
    if version == FILE_VERSIONS[0] and not values["bic"]:
        raise CreditorUnsound(BIC_MISSING, context={"version": version})
    if values["result_map"]:
        read_result_map(values["result_map"])


def _clearing(code: str) -> int:
    book = f"CLEARING:DEBIT:{code}"
    return open_accounts(codes=[book], kind=LedgerAccount.Kind.CLEARING, currency=settings.SALDO_CURRENCY)[book]
