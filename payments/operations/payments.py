"""Taking money: from whichever door it comes, it ends here, once for each key."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from moneyed import Money

from billing_site.audit.recording import SYSTEM, record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, decimal_to_minor, minor_to_decimal
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entry
from payments.domain.requests import hash_of_request
from payments.models import Payment, TerminalNetwork
from payments.operations.allocations import use_for_chosen_invoices, use_for_open_invoices
from payments.operations.dunning_cases import settle_after_payment
from payments.operations.recoveries import recover_bad_debts
from payments.queries.payments import debts_of_account, find_payment, takes_money
from subscribers.models import Account

ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
OTHER_CURRENCY = "OTHER_CURRENCY"


class AccountNeverExisted(BillingError):
    """No account has or had this number; no money may be taken for it."""

    default_message = gettext_noop("There is no account %(account_number)s. Nothing was taken.")
    default_code = "ACCOUNT_NEVER_EXISTED"


class PaymentConflict(BillingError):
    """The key has posted another payment already."""

    default_message = gettext_noop("Payment %(key)s was received before with other content. Nothing was changed.")
    default_code = "PAYMENT_CONFLICT"


class PaymentTooSmall(BillingError):
    """Less than may be paid at once."""

    default_message = gettext_noop("%(amount)s is less than may be paid here (%(limit)s). Nothing was taken.")
    default_code = "PAYMENT_TOO_SMALL"


class PaymentTooLarge(BillingError):
    """More than may be paid at once."""

    default_message = gettext_noop("%(amount)s is more than may be paid here (%(limit)s). Nothing was taken.")
    default_code = "PAYMENT_TOO_LARGE"


class ChosenBillUnsound(BillingError):
    """A bill that the payer chose cannot take that much."""

    default_message = gettext_noop(
        "Of bill %(invoice)s %(open)s is open on account %(account_number)s: %(amount)s cannot be used for it."
        " Nothing was taken."
    )
    default_code = "CHOSEN_BILL_UNSOUND"


class ChosenBillsTooMuch(BillingError):
    """More is chosen than is paid."""

    default_message = gettext_noop("The chosen bills take %(chosen)s, %(amount)s is paid. Nothing was taken.")
    default_code = "CHOSEN_BILLS_TOO_MUCH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was answered to the first request with this key, and whether this one was a repetition."""

    payment_id: int
    is_repeat: bool
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """
    Money to be taken: the arguments of ``receive_payment``.

    :param origin_id: the payment in suspense that it comes from; its channel is ``SUSPENSE`` then
    :param suspense_reason: why nobody's account takes it: the money goes into suspense, whatever the number says
    """

    channel: str
    key: str
    account_number: str
    amount: Decimal
    received_at: datetime
    paid_at: datetime | None = None
    network_id: int | None = None
    network_txn_id: str = ""
    clearing_account_id: int | None = None
    for_invoices: Mapping[int, int] = field(default_factory=dict)
    for_disputed: Collection[int] = ()
    origin_id: int | None = None
    suspense_reason: str = ""


@durable
def receive_payment(
    *,
    channel: str,
    key: str,
    account_number: str,
    amount: Decimal,
    received_at: datetime,
    paid_at: datetime | None = None,
    network_id: int | None = None,
    network_txn_id: str = "",
    clearing_account_id: int | None = None,
    for_invoices: Mapping[int, int] | None = None,
    for_disputed: Collection[int] = (),
    actor: User | None = None,
) -> Receipt:
    """
    Take money for an account: one payment for each (channel, key), posted, used for the bills that the payer chose and
    then for the oldest open ones. Where it ends a debt, reminders are taken back and lines barred for it are free.
    What is disputed is paid only where the payer chose that too; until it is answered the money is his advance.

    A repetition gets the first answer. One that comes while the first is under way waits at the unique key and
    then reads its answer. Money for an account that is closed by now goes into suspense.

    :param amount: of the major unit of the operator's currency, exact to its minor unit
    :param received_at: our instant; its day in the operator's zone is the day of the books
    :param paid_at: the payer's instant, kept as data
    :param clearing_account_id: where the money is on its way; the network's own when a network is given
    :param for_invoices: what the payer chose to pay of bills, in minor units by the bill's id
    :param for_disputed: of which of these bills he pays what is disputed too, after what is not
    :raises AccountNeverExisted: nothing is stored
    :raises ChosenBillUnsound: if a chosen bill is not open on the account, or with less
    :raises ChosenBillsTooMuch: if more is chosen than is paid
    :raises PaymentConflict: if the key posted other content; nothing is changed
    :raises PaymentTooSmall: below the network's limit, or not above zero
    :raises PaymentTooLarge: above the network's limit
    :raises AmountNotExact: if the amount is finer than the currency
    """
    wanted = NewPayment(
        channel=channel,
        key=key,
        account_number=account_number,
        amount=amount,
        received_at=received_at,
        paid_at=paid_at,
        network_id=network_id,
        network_txn_id=network_txn_id,
        clearing_account_id=clearing_account_id,
        for_invoices=for_invoices or {},
        for_disputed=for_disputed,
    )
    return take_payment(wanted, actor=actor)


@transaction_required
def take_payment(wanted: NewPayment, *, actor: User | None) -> Receipt:
    """Do what ``receive_payment`` says, as a step of a larger operation; it raises the same refusals."""
    currency = settings.SALDO_CURRENCY
    channel, key, account_number = wanted.channel, wanted.key, wanted.account_number
    amount_minor = decimal_to_minor(wanted.amount, digits=currency_digits(currency))
    wish = hash_of_request(
        channel=channel,
        key=key,
        account_number=account_number,
        amount_minor=amount_minor,
        currency=currency,
        for_invoices=wanted.for_invoices,
        for_disputed=wanted.for_disputed,
    )
    earlier = find_payment(channel=channel, key=key)
    if earlier is not None:
        return _repeated(earlier, wish)
    account = None if wanted.suspense_reason else _locked_account(account_number)
    network = TerminalNetwork.objects.get(pk=wanted.network_id) if wanted.network_id is not None else None
    _refuse_outside_limits(amount_minor, network=network, currency=currency)
    payment = Payment(
        id=_reserve_id(),
        channel=channel,
        key=key,
        request_hash=wish,
        network=network,
        network_txn_id=wanted.network_txn_id,
        account_number=account_number,
        amount=Money(wanted.amount, currency),
        amount_minor=amount_minor,
        suspense_reason=wanted.suspense_reason,
        origin_id=wanted.origin_id,
        received_at=wanted.received_at,
        paid_at=wanted.paid_at,
        posted_on=wanted.received_at.astimezone(operator_zone()).date(),
    )
    _decide_owner(payment, account, currency=currency)
    chosen = _chosen_uses(wanted, payment)
    Payment.objects.bulk_create([payment], ignore_conflicts=True)
    first = Payment.objects.get(channel=channel, key=key)
    if first.pk != payment.pk:
        return _repeated(first, wish)
    clearing = network.clearing_account_id if network is not None else wanted.clearing_account_id
    _post(payment, account, clearing_account_id=clearing, currency=currency, actor=actor)
    if payment.account_id is not None:
        use_for_chosen_invoices(payment_id=payment.pk, for_invoices=chosen)
        use_for_open_invoices(account_id=payment.account_id)
        by = str(actor) if actor is not None else SYSTEM
        recover_bad_debts(account_id=payment.account_id, recovered_on=payment.posted_on, actor=by)
        settle_after_payment(account_id=payment.account_id, at=wanted.received_at)
    record("payments.receive_payment", actor=actor, subject=payment, changes=payment.answer)
    return Receipt(payment_id=payment.pk, is_repeat=False, answer=payment.answer)


@durable
def note_conflict(*, channel: str, key: str, account_number: str, amount: Decimal) -> None:
    """Keep in the book of acts that a key was sent again with other content: somebody must ask the sender why."""
    payment = find_payment(channel=channel, key=key)
    if payment is not None:
        wish = {"account_number": account_number, "amount": str(amount)}
        record("payments.note_conflict", actor=None, subject=payment, changes=wish)


def _repeated(first: Payment, wish: str) -> Receipt:
    if first.request_hash != wish:
        raise PaymentConflict(context={"key": first.key})
    return Receipt(payment_id=first.pk, is_repeat=True, answer=first.answer)


def _locked_account(number: str) -> Account:
    account = Account.objects.select_for_update(of=("self",), no_key=True).filter(number=number).first()
    if account is None:
        raise AccountNeverExisted(context={"account_number": number})
    return account


def _refuse_outside_limits(amount_minor: int, *, network: TerminalNetwork | None, currency: str) -> None:
    least = network.minimum_minor if network is not None else 1
    digits = currency_digits(currency)
    shown = minor_to_decimal(amount_minor, digits=digits)
    if amount_minor < least:
        raise PaymentTooSmall(context={"amount": shown, "limit": minor_to_decimal(least, digits=digits)})
    if network is not None and amount_minor > network.maximum_minor:
        limit = minor_to_decimal(network.maximum_minor, digits=digits)
        raise PaymentTooLarge(context={"amount": shown, "limit": limit})


def _chosen_uses(wanted: NewPayment, payment: Payment) -> dict[int, int]:
    """
    Return what of a payment goes to the bills that were chosen, in minor units by bill; of what is disputed only what
    the payer chose too. Bills that are not open on the payment's account, or with less than was chosen, are refused.
    """
    if payment.account_id is None or not wanted.for_invoices:
        return {}
    digits = currency_digits(str(payment.amount.currency))
    debts = debts_of_account(payment.account_id)
    uses = {}
    for invoice_id, wanted_minor in wanted.for_invoices.items():
        payable_minor, disputed_minor = debts.payable_of(invoice_id), debts.disputed_of(invoice_id)
        if not 0 < wanted_minor <= payable_minor + disputed_minor:
            raise ChosenBillUnsound(
                context={
                    "invoice": invoice_id,
                    "open": minor_to_decimal(payable_minor + disputed_minor, digits=digits),
                    "account_number": payment.account_number,
                    "amount": minor_to_decimal(wanted_minor, digits=digits),
                }
            )
        uses[invoice_id] = wanted_minor if invoice_id in wanted.for_disputed else min(wanted_minor, payable_minor)
    chosen_minor = sum(wanted.for_invoices.values())
    if chosen_minor > payment.amount_minor:
        chosen, amount = (minor_to_decimal(minor, digits=digits) for minor in (chosen_minor, payment.amount_minor))
        raise ChosenBillsTooMuch(context={"chosen": chosen, "amount": amount})
    return {invoice_id: minor for invoice_id, minor in uses.items() if minor}


def _decide_owner(payment: Payment, account: Account | None, *, currency: str) -> None:
    """Give the payment its owner, or the reason why it has none, and the answer that stands for ever."""
    payment.state = Payment.State.POSTED
    if account is None:
        payment.state = Payment.State.SUSPENSE
    # A terminal was told at its check that the account is closed: what comes all the same waits for a person.
    elif not takes_money(account) or (account.is_closed and payment.network_id is not None):
        payment.state, payment.suspense_reason = Payment.State.SUSPENSE, ACCOUNT_CLOSED
    elif account.currency != currency:
        payment.state, payment.suspense_reason = Payment.State.SUSPENSE, OTHER_CURRENCY
    else:
        payment.account = account
    payment.answer = {
        "payment_id": payment.pk,
        "state": payment.state,
        "account_number": payment.account_number,
        "amount": str(minor_to_decimal(payment.amount_minor, digits=currency_digits(currency))),
        "currency": currency,
    }


@transaction_required
def _post(
    payment: Payment, account: Account | None, *, clearing_account_id: int | None, currency: str, actor: User | None
) -> None:
    if clearing_account_id is None:
        message = "A payment needs its network or a clearing account."
        raise ValueError(message)
    if account is not None and payment.account_id is not None:
        credit_id = account.ledger_account_id
    else:
        credit_id = suspense_account(currency)
    post_entry(
        NewEntry(
            source_type="PAYMENT",
            source_id=str(payment.pk),
            posted_on=payment.posted_on,
            actor=str(actor) if actor is not None else SYSTEM,
            currency=currency,
            reason=payment.suspense_reason,
            pairs=[Pair(debit_id=clearing_account_id, credit_id=credit_id, amount_minor=payment.amount_minor)],
        )
    )


@transaction_required
def suspense_account(currency: str) -> int:
    """Return the books' account of money in suspense in a currency, made when it is missing."""
    code = f"SUSPENSE:{currency}"
    known = LedgerAccount.objects.filter(code=code).values_list("id", flat=True).first()
    return known or open_accounts(codes=[code], kind=LedgerAccount.Kind.SUSPENSE, currency=currency)[code]


def _reserve_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('payments_payment', 'id'))")
        return int(cursor.fetchone()[0])
