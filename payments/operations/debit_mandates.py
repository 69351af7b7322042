"""Leave to collect: taken with a bank account that checks, and ended once."""

from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, lock_rows, transaction_required
from billing_site.documents.numbering import take_numbers
from billing_site.identity.models import User
from payments.domain.debit_orders import FILE_VERSIONS, NAME_LENGTH
from payments.domain.ibans import last_four, read_bic, read_iban
from payments.models import DebitBankAccount, DebitCreditor, DebitMandate
from subscribers.models import Account


class MandateExists(BillingError):
    """One holds already."""

    default_message = gettext_noop("Account %(account)s has a mandate already: %(reference)s. Revoke it first.")
    default_code = "MANDATE_EXISTS"


class MandateReferenceTaken(BillingError):
    """References are unique."""

    default_message = gettext_noop("There is a mandate %(reference)s already.")
    default_code = "MANDATE_REFERENCE_TAKEN"


class MandateUnsound(BillingError):
    """Signed in the future, for a closed account, or without the name of the holder."""

    default_message = gettext_noop(
        "A mandate needs the name of the account holder, a day of signature that is not ahead, and an account in use."
    )
    default_code = "MANDATE_UNSOUND"


class MandateBicMissing(BillingError):
    """The creditor's file cannot be written without it."""

    default_message = gettext_noop("The creditor's bank asks for the code (BIC) of the subscriber's bank.")
    default_code = "MANDATE_BIC_MISSING"


class MandateRevoked(BillingError):
    """It does not hold any more."""

    default_message = gettext_noop("Mandate %(reference)s is revoked already.")
    default_code = "MANDATE_REVOKED"


class RevocationUnsound(BillingError):
    """Nobody said why."""

    default_message = gettext_noop("Say why the mandate ends.")
    default_code = "REVOCATION_UNSOUND"


@durable
def record_debit_mandate(
    *,
    account_id: int,
    creditor_id: int,
    iban: str,
    bic: str = "",
    holder_name: str,
    signed_on: date,
    reference: str = "",
    at: datetime,
    actor: User | None,
) -> DebitMandate:
    """
    Record a mandate. Of the bank account only its last four can be read afterwards.

    :param reference: as it stands on the signed paper; numbered by us when left out
    :raises IbanUnsound: if the bank account is mistyped
    :raises BicUnsound: if the bank's code is
    :raises MandateBicMissing: if the creditor's file cannot do without it
    :raises MandateUnsound: without a holder, signed ahead, or for an account that is closed
    :raises MandateExists: if one holds for the account
    :raises MandateReferenceTaken: if another mandate has the reference
    """
    number, bank = read_iban(iban), read_bic(bic)
    account = lock_rows(Account.objects.all(), [account_id])[0]
    creditor = DebitCreditor.objects.get(pk=creditor_id)
    today = at.astimezone(operator_zone()).date()
    if account.is_closed or signed_on > today or not holder_name.strip():
        raise MandateUnsound
    if creditor.file_version == FILE_VERSIONS[0] and not bank:
        raise MandateBicMissing
    earlier = DebitMandate.objects.filter(account=account, state=DebitMandate.State.ACTIVE).first()
    if earlier is not None:
        raise MandateExists(context={"account": account.number, "reference": earlier.reference})
    name = reference.strip() or _next_reference(today)
    with constraint_errors(
        {"payments_debitmandate_reference_key": lambda: MandateReferenceTaken(context={"reference": name})}
    ):
        mandate = DebitMandate.objects.create(
            account=account,
            creditor=creditor,
            reference=name,
            holder_name=holder_name.strip()[:NAME_LENGTH],
            iban_last_four=last_four(number),
            bic=bank,
            signed_on=signed_on,
            recorded_by=actor,
            recorded_at=at,
        )
    DebitBankAccount.objects.bulk_create([DebitBankAccount(mandate=mandate, iban=number)])
    changes = {"reference": name, "bank_account": f"…{mandate.iban_last_four}", "signed_on": signed_on.isoformat()}
    record("payments.record_debit_mandate", actor=actor, subject=account, changes=changes)
    return mandate


@durable
def revoke_debit_mandate(*, mandate_id: int, reason: str, at: datetime, actor: User | None) -> DebitMandate:
    """
    End a mandate: nothing more is collected by it, but for what was sent to the bank already.

    :raises RevocationUnsound: without a reason
    :raises MandateRevoked: if it has ended
    """
    if not reason.strip():
        raise RevocationUnsound
    mandate = DebitMandate.objects.select_for_update(of=("self",)).get(pk=mandate_id)
    if mandate.state == DebitMandate.State.REVOKED:
        raise MandateRevoked(context={"reference": mandate.reference})
    end_mandate(mandate, reason=reason.strip(), at=at)
    changes = {"reference": mandate.reference, "reason": mandate.revoked_reason}
    record("payments.revoke_debit_mandate", actor=actor, subject=mandate, changes=changes)
    return mandate


@transaction_required
def end_mandate(mandate: DebitMandate, *, reason: str, at: datetime) -> None:
    """End a mandate whose row the caller holds locked."""
    mandate.state, mandate.revoked_at, mandate.revoked_reason = DebitMandate.State.REVOKED, at, reason[:300]
    mandate.save(update_fields=["state", "revoked_at", "revoked_reason"])


def _next_reference(today: date) -> str:
    return take_numbers(series=f"DEBIT_MANDATE-{today.year}", prefix=f"DM-{today.year}-", count=1)[0]
