"""Receipts are taken back: by their clerk while his session is open, later by a supervisor; and cheques bounce."""

import hashlib
from datetime import datetime
from uuid import UUID

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.numbering import take_number_block
from billing_site.identity.models import User
from billing_site.ledger.balances import balance_of
from payments.models import Method, PaymentReversal, ReceiptPart, TillReceipt, TillSession
from payments.operations.fiscal_receipts import register_or_wait
from payments.operations.reversals import take_payment_back
from payments.operations.till_receipts import ReceiptConflict, facts_after
from payments.operations.till_sessions import ReasonMissing, refuse_other_centre
from payments.queries.till_receipts import find_receipt_of_form


class NotOwnReceipt(BillingError):
    """A clerk takes back his own alone, and only while the session is open."""

    default_message = gettext_noop(
        "Receipt %(number)s is not of your open session. A supervisor can take it back. Nothing was changed."
    )
    default_code = "NOT_OWN_RECEIPT"


class ReversedBySamePerson(BillingError):
    """Who took the money earlier does not give it back alone."""

    default_message = gettext_noop(
        "Receipt %(number)s of an earlier session is taken back by somebody else than %(clerk)s. Nothing was changed."
    )
    default_code = "REVERSED_BY_SAME_PERSON"


class NoDrawerOpen(BillingError):
    """The money comes out of the drawer that it went into."""

    default_message = gettext_noop(
        "No session is open on till %(till)s: the money is given back there. Open one first. Nothing was changed."
    )
    default_code = "NO_DRAWER_OPEN"


class ReceiptAlreadyReversed(BillingError):
    """Once is enough; and a reversal is not reversed."""

    default_message = gettext_noop("Receipt %(number)s was taken back already. Nothing was changed.")
    default_code = "RECEIPT_ALREADY_REVERSED"


class NotACheque(BillingError):
    """Only cheques bounce."""

    default_message = gettext_noop("Only a cheque can bounce. Nothing was changed.")
    default_code = "NOT_A_CHEQUE"


@durable
def reverse_receipt(*, receipt_id: int, reason: str, form_key: UUID, reversed_at: datetime, actor: User) -> TillReceipt:
    """
    Take back one's own receipt of the open session: all its payments, with a receipt of their own.

    The same form again gets the first reversal.

    :raises ReceiptConflict: if the form did something else before
    :raises ReasonMissing: without a reason
    :raises NotOwnReceipt: if it is another's, or of another session
    :raises ReceiptAlreadyReversed: if it was taken back, or a cheque of it has bounced
    """
    again = find_receipt_of_form(form_key)
    if again is not None:
        return _repeated(again, receipt_id)
    receipt, session = _lock_receipt(receipt_id)
    if session.pk != receipt.session_id or session.clerk_id != actor.pk or receipt.clerk_id != actor.pk:
        raise NotOwnReceipt(context={"number": receipt.number})
    return _reverse(receipt, session, reason=reason, form_key=form_key, at=reversed_at, actor=actor)


@durable
def reverse_earlier_receipt(
    *, receipt_id: int, reason: str, form_key: UUID, reversed_at: datetime, actor: User
) -> TillReceipt:
    """
    Take back a receipt of somebody else or of an earlier session, as supervisor of its centre.

    The money is given back from the same till, in the session that is open there now.

    :raises ReceiptConflict: if the form did something else before
    :raises TillNotOfCentre: if it is another centre's
    :raises ReasonMissing: without a reason
    :raises ReversedBySamePerson: if the supervisor took the money himself, in an earlier session
    :raises NoDrawerOpen: if no session is open on the till
    :raises ReceiptAlreadyReversed: if it was taken back, or a cheque of it has bounced
    """
    again = find_receipt_of_form(form_key)
    if again is not None:
        return _repeated(again, receipt_id)
    receipt, session = _lock_receipt(receipt_id)
    refuse_other_centre(session, actor)
    if session.pk != receipt.session_id and receipt.clerk_id == actor.pk:
        raise ReversedBySamePerson(context={"number": receipt.number, "clerk": receipt.clerk})
    return _reverse(receipt, session, reason=reason, form_key=form_key, at=reversed_at, actor=actor)


@durable
def bounce_cheque(
    *, part_id: int, reason: str, bounced_at: datetime, actor: User, charge_minor: int = 0
) -> PaymentReversal:
    """
    Take back what a cheque paid: the bank did not pay it. The bills are open again; what was paid beside it stays.

    :param charge_minor: what the bank took for it, owed by the account, in minor units
    :raises NotACheque: if something else was handed over
    :raises TillNotOfCentre: if a supervisor of another centre asks
    :raises ReasonMissing: without a reason
    :raises PaymentAlreadyReversed: if it was taken back before
    """
    part = ReceiptPart.objects.select_related("receipt__session__till", "receipt__till").get(pk=part_id)
    if part.method != Method.CHEQUE or part.receipt.kind != TillReceipt.Kind.PAYMENT:
        raise NotACheque
    if actor.centre_id is not None:
        refuse_other_centre(part.receipt.session, actor)
    if not reason.strip():
        raise ReasonMissing
    reversal = take_payment_back(
        payment_id=part.payment_id,
        kind=PaymentReversal.Kind.BOUNCED,
        reason=reason,
        reversed_at=bounced_at,
        actor=actor,
        charge_minor=charge_minor,
    )
    changes = {"cheque": part.reference, "reason": reversal.reason, "charge_minor": str(charge_minor)}
    record("payments.bounce_cheque", actor=actor, subject=part.receipt, changes=changes)
    return reversal


def _repeated(again: TillReceipt, receipt_id: int) -> TillReceipt:
    if again.reverses_id != receipt_id:
        raise ReceiptConflict(context={"number": again.number})
    return again


@transaction_required
def _lock_receipt(receipt_id: int) -> tuple[TillReceipt, TillSession]:
    """Return a receipt with the session that is open on its till, locked: money leaves that drawer."""
    receipt = TillReceipt.objects.select_related("till", "account__subscriber", "clerk").get(pk=receipt_id)
    locked = TillSession.objects.select_for_update(of=("self",), no_key=True).select_related("till__centre", "clerk")
    session = locked.filter(till_id=receipt.till_id, state=TillSession.State.OPEN).first()
    if session is None:
        raise NoDrawerOpen(context={"till": receipt.till.code})
    return receipt, session


@transaction_required
def _reverse(
    receipt: TillReceipt, session: TillSession, *, reason: str, form_key: UUID, at: datetime, actor: User
) -> TillReceipt:
    parts = list(receipt.parts.order_by("n"))
    undone = PaymentReversal.objects.filter(payment_id__in=[part.payment_id for part in parts])
    if receipt.kind != TillReceipt.Kind.PAYMENT or undone.exists():
        raise ReceiptAlreadyReversed(context={"number": receipt.number})
    if not reason.strip():
        raise ReasonMissing
    till = receipt.till
    serial = take_number_block(series=till.receipt_series, prefix=f"{till.code}-", count=1)
    before_minor = balance_of(receipt.account.ledger_account_id)
    for part in parts:
        take_payment_back(
            payment_id=part.payment_id,
            kind=PaymentReversal.Kind.CANCELLED,
            reason=reason,
            reversed_at=at,
            actor=actor,
        )
    made = TillReceipt(
        till=till,
        session=session,
        kind=TillReceipt.Kind.REVERSAL,
        serial=serial.last,
        number=serial.text_of(serial.last),
        form_key=form_key,
        request_hash=hashlib.sha256(f"{receipt.pk}".encode()).hexdigest(),
        account=receipt.account,
        clerk=actor,
        taken_at=at,
        currency=receipt.currency,
        amount_minor=receipt.amount_minor,
        reverses=receipt,
        reason=reason.strip(),
        facts={**receipt.facts, **facts_after(receipt.account, before_minor=before_minor, on=session.opened_on)},
    )
    with constraint_errors(
        {"payments_tillreceipt_reverses_id_key": lambda: ReceiptAlreadyReversed(context={"number": receipt.number})}
    ):
        made.save(force_insert=True)
    back = ReceiptPart.objects.bulk_create(
        ReceiptPart(
            receipt=made,
            n=part.n,
            method=part.method,
            amount_minor=part.amount_minor,
            payment_id=part.payment_id,
            reference=part.reference,
            bank=part.bank,
            document_on=part.document_on,
        )
        for part in parts
    )
    register_or_wait(receipt=made, parts=back, at=at)
    verb = "reverse_receipt" if receipt.session_id == session.pk else "reverse_earlier_receipt"
    changes = {"number": made.number, "reason": made.reason, "amount_minor": str(made.amount_minor)}
    record(f"payments.{verb}", actor=actor, subject=receipt, changes=changes)
    return made
