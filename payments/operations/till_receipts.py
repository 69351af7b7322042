"""Money over the counter: one receipt for each form, whole or not at all."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from billing_site.audit.recording import record
from billing_site.core.cards import mask_card_numbers
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.numbering import take_number_block
from billing_site.identity.models import User
from billing_site.ledger.balances import balance_of
from payments.domain.till import NOTE_LENGTH, choose_bills, share_chosen
from payments.models import Method, Payment, ReceiptPart, TillReceipt, TillSession
from payments.operations.fiscal_receipts import register_or_wait
from payments.operations.payments import AccountNeverExisted, NewPayment, take_payment
from payments.operations.tills import clearing_accounts
from payments.queries.bill_facts import later_parts_of
from payments.queries.payments import debts_of_account, disputed_of_account, takes_money
from payments.queries.till_receipts import find_receipt_of_form, uses_of_payments
from subscribers.models import Account


class TillSessionClosed(BillingError):
    """No money is taken without an open session."""

    default_message = gettext_noop("This session takes no more money. Open a session first. Nothing was taken.")
    default_code = "TILL_SESSION_CLOSED"


class TillSessionOfOther(BillingError):
    """Somebody else's drawer."""

    default_message = gettext_noop("This is the session of %(clerk)s. Nothing was taken.")
    default_code = "TILL_SESSION_OF_OTHER"


class TillSessionOfYesterday(BillingError):
    """The Z report of the day before is missing."""

    default_message = gettext_noop(
        "The session of %(day)s is still open. Count and close it, then open today's. Nothing was taken."
    )
    default_code = "TILL_SESSION_OF_YESTERDAY"


class ReceivedTooLittle(BillingError):
    """The payer gave less cash than he is to pay."""

    default_message = gettext_noop("%(received)s was given, %(amount)s is to be paid in cash. Nothing was taken.")
    default_code = "RECEIVED_TOO_LITTLE"


class NothingPaid(BillingError):
    """No amount."""

    default_message = gettext_noop("Say how much is paid. Nothing was taken.")
    default_code = "NOTHING_PAID"


class ReceiptConflict(BillingError):
    """The same form with other content."""

    default_message = gettext_noop(
        "Receipt %(number)s was issued for this form with other content. Nothing more was taken."
    )
    default_code = "RECEIPT_CONFLICT"


class PapersMissing(BillingError):
    """Without its number a cheque or slip is never found again."""

    default_message = gettext_noop(
        "A cheque needs its number, its bank and its date; a bank advice and a card need their number."
        " Nothing was taken."
    )
    default_code = "PAPERS_MISSING"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """
    What a payer hands over by one method, in minor units.

    ``reference`` is the number of the cheque, of the advice, or of the card terminal's slip.
    """

    method: str
    amount_minor: int
    reference: str = ""
    bank: str = ""
    document_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReceipt:
    """
    Money to be taken at a till for an account.

    :param form_key: made when the form was opened; a form posts once
    :param received_minor: cash that the payer gave; nothing means exactly what is to be paid
    :param chosen: ids of the bills that the payer wants to pay; what remains goes to the oldest
    :param chosen_disputed: ids of bills of which he pays what is disputed too; nothing else does
    """

    form_key: UUID
    account_number: str
    parts: Sequence[HandedOver]
    received_minor: int | None = None
    chosen: Sequence[int] = field(default_factory=tuple)
    chosen_disputed: Sequence[int] = field(default_factory=tuple)
    note: str = ""

    @property
    def amount_minor(self) -> int:
        """What is paid."""
        return sum(part.amount_minor for part in self.parts)

    @property
    def cash_minor(self) -> int:
        """What of it is cash."""
        return sum(part.amount_minor for part in self.parts if part.method == Method.CASH)

    def fingerprint(self) -> str:
        """Return what makes two forms the same."""
        content = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(content.encode()).hexdigest()


@durable
def take_till_payment(*, session_id: int, wanted: NewReceipt, taken_at: datetime, actor: User) -> TillReceipt:
    """
    Take money for an account at a till: a receipt with a number, and a payment for each method.

    The same form again gets the first receipt. Two at once wait for each other at the session.

    :raises ReceiptConflict: if the form posted other content
    :raises TillSessionClosed: if the session was counted
    :raises TillSessionOfOther: if it is not the clerk's own
    :raises TillSessionOfYesterday: if it was opened on another day
    :raises NothingPaid: without an amount above zero
    :raises PapersMissing: if a method lacks its number, bank or date
    :raises ReceivedTooLittle: if the payer gave less cash than he is to pay
    :raises AccountNeverExisted: if there is no such account
    """
    session = _lock_session(session_id)
    first = find_receipt_of_form(wanted.form_key)
    if first is not None:
        return _repeated(first, wanted, actor)
    _refuse(session, wanted, taken_at=taken_at, actor=actor)
    account = Account.objects.select_related("subscriber").filter(number=wanted.account_number).first()
    if account is None:
        raise AccountNeverExisted(context={"account_number": wanted.account_number})
    till = session.till
    serial = take_number_block(series=till.receipt_series, prefix=f"{till.code}-", count=1)
    number = serial.text_of(serial.last)
    before_minor = balance_of(account.ledger_account_id)
    payments = _take_payments(session, account, wanted, number=number, taken_at=taken_at, actor=actor)
    receipt = TillReceipt(
        till=till,
        session=session,
        kind=TillReceipt.Kind.PAYMENT,
        serial=serial.last,
        number=number,
        form_key=wanted.form_key,
        request_hash=wanted.fingerprint(),
        account=account,
        clerk=actor,
        taken_at=taken_at,
        currency=settings.SALDO_CURRENCY,
        amount_minor=wanted.amount_minor,
        received_minor=_received(wanted),
        change_minor=_received(wanted) - wanted.cash_minor,
        note=mask_card_numbers(wanted.note)[:NOTE_LENGTH],
        facts=_facts(account, payments, before_minor=before_minor, on=session.opened_on),
    )
    receipt.save(force_insert=True)
    parts = _write_parts(receipt, wanted.parts, payments)
    register_or_wait(receipt=receipt, parts=parts, at=taken_at)
    changes = {"number": number, "amount_minor": str(receipt.amount_minor), "payments": payments}
    record("payments.take_till_payment", actor=actor, subject=receipt, changes=changes)
    return receipt


@durable
def note_foreign_session(*, session_id: int, actor: User) -> None:
    """Keep in the book of acts that a form named the session of somebody else: forms do not do so by themselves."""
    session = TillSession.objects.filter(pk=session_id).first()
    if session is not None:
        record("payments.note_foreign_session", actor=actor, subject=session)


@transaction_required
def _lock_session(session_id: int) -> TillSession:
    locked = TillSession.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("till__centre", "clerk").get(pk=session_id)


def _repeated(first: TillReceipt, wanted: NewReceipt, actor: User) -> TillReceipt:
    if first.request_hash != wanted.fingerprint() or first.clerk_id != actor.pk:
        raise ReceiptConflict(context={"number": first.number})
    return first


def _refuse(session: TillSession, wanted: NewReceipt, *, taken_at: datetime, actor: User) -> None:
    if session.clerk_id != actor.pk:
        raise TillSessionOfOther(context={"clerk": session.clerk})
    if not session.is_open:
        raise TillSessionClosed
    if session.opened_on != taken_at.astimezone(operator_zone()).date():
        raise TillSessionOfYesterday(context={"day": session.opened_on})
    if not wanted.parts or min(part.amount_minor for part in wanted.parts) <= 0:
        raise NothingPaid
    if not all(_has_papers(part) for part in wanted.parts):
        raise PapersMissing
    if _received(wanted) < wanted.cash_minor:
        digits = currency_digits(settings.SALDO_CURRENCY)
        shown = {"received": _received(wanted), "amount": wanted.cash_minor}
        raise ReceivedTooLittle(context={name: minor_to_decimal(minor, digits=digits) for name, minor in shown.items()})


def _has_papers(part: HandedOver) -> bool:
    if part.method == Method.CASH:
        return True
    has_number = bool(part.reference.strip())
    return has_number and (part.method != Method.CHEQUE or bool(part.bank.strip() and part.document_on))


def _received(wanted: NewReceipt) -> int:
    return wanted.cash_minor if wanted.received_minor is None else wanted.received_minor


@transaction_required
def _take_payments(
    session: TillSession, account: Account, wanted: NewReceipt, *, number: str, taken_at: datetime, actor: User
) -> list[int]:
    """Take a payment for each method, the chosen bills paid from the front; return their ids."""
    # The debts are read for a choice under the account's lock, which the first payment would take anyway.
    Account.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
    held = clearing_accounts(till_code=session.till.code, methods=[part.method for part in wanted.parts])
    shares: Sequence[Mapping[int, int]] = [{} for _ in wanted.parts]
    if (wanted.chosen or wanted.chosen_disputed) and takes_money(account):
        debts = debts_of_account(account.pk)
        chosen = choose_bills(
            payable=debts.payable,
            disputed=debts.disputed,
            chosen=wanted.chosen,
            chosen_disputed=wanted.chosen_disputed,
            amount_minor=wanted.amount_minor,
        )
        shares = share_chosen(amounts=[part.amount_minor for part in wanted.parts], chosen=chosen)
    digits = currency_digits(settings.SALDO_CURRENCY)
    return [
        take_payment(
            NewPayment(
                channel=Payment.Channel.TILL,
                key=f"{session.till.code}/{number}/{n}",
                account_number=account.number,
                amount=minor_to_decimal(part.amount_minor, digits=digits),
                received_at=taken_at,
                network_txn_id=number,
                clearing_account_id=held[part.method],
                for_invoices=share,
                for_disputed=wanted.chosen_disputed,
            ),
            actor=actor,
        ).payment_id
        for n, (part, share) in enumerate(zip(wanted.parts, shares, strict=True), start=1)
    ]


def facts_after(account: Account, *, before_minor: int, on: date) -> dict[str, int]:
    """
    Return what a receipt of a day says of the account's balance before and after it, in minor units, and how much of it
    is not to be paid now: what is disputed, and what is in later parts of a plan.
    """
    return {
        "before_minor": before_minor,
        "after_minor": balance_of(account.ledger_account_id),
        "disputed_minor": disputed_of_account(account.pk),
        "later_minor": later_parts_of(Q(account=account.pk), on).get(account.pk, 0),
    }


def _facts(account: Account, payments: Sequence[int], *, before_minor: int, on: date) -> dict[str, Any]:
    """Return what the receipt says besides: it is frozen with it."""
    uses = uses_of_payments(payments)
    return {
        "name": account.subscriber.name,
        "language": account.subscriber.language,
        **facts_after(account, before_minor=before_minor, on=on),
        "uses": [[number, minor] for number, minor in uses],
    }


@transaction_required
def _write_parts(receipt: TillReceipt, parts: Sequence[HandedOver], payments: Sequence[int]) -> list[ReceiptPart]:
    return ReceiptPart.objects.bulk_create(
        ReceiptPart(
            receipt=receipt,
            n=n,
            method=part.method,
            amount_minor=part.amount_minor,
            payment_id=payment_id,
            reference=mask_card_numbers(part.reference.strip()),
            bank=part.bank.strip(),
            document_on=part.document_on,
        )
        for n, (part, payment_id) in enumerate(zip(parts, payments, strict=True), start=1)
    )
