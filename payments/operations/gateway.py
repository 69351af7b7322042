"""The gateway's one decision: a request of a network that is trusted becomes an answer, whatever its dialect."""

import logging
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError

from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, decimal_to_minor
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from payments.domain.gateway import (
    Answer,
    CancelRequest,
    CheckRequest,
    GatewayRequest,
    PayRequest,
    Result,
    StatusRequest,
    refused,
)
from payments.domain.requests import terminal_key
from payments.models import NetworkAlarm, Payment, PaymentReversal, TerminalNetwork
from payments.operations.network_alarms import raise_network_alarm
from payments.operations.payments import (
    AccountNeverExisted,
    PaymentConflict,
    PaymentTooLarge,
    PaymentTooSmall,
    note_conflict,
    receive_payment,
)
from payments.operations.reversals import reverse_payment
from payments.queries.gateway import (
    CANCELLED,
    DAY_IS_FULL,
    NO_PAYMENT,
    OTHER_CURRENCY,
    check_account,
    is_day_full,
    of_payment,
    say,
    status_of,
    under_way,
)
from payments.queries.payments import find_payment, find_reversal

logger = logging.getLogger(__name__)

SWITCHED_OFF = gettext_noop("The network is switched off.")
ASK_LATER = gettext_noop("Ask again later.")
OTHER_CONTENT = gettext_noop("The payment has another account or another sum. It is taken back whole or not at all.")
CANCELLED_BY_NETWORK = "Cancelled by the network of terminals"


class DayLimitReached(BillingError):
    """The network has taken what it may take in a day."""

    default_message = DAY_IS_FULL
    default_code = "DAY_LIMIT_REACHED"


RESULTS: dict[type[BillingError], Result] = {
    AccountNeverExisted: Result.ACCOUNT_UNKNOWN,
    PaymentConflict: Result.FORBIDDEN_TECHNICAL,
    PaymentTooSmall: Result.SUM_TOO_SMALL,
    PaymentTooLarge: Result.SUM_TOO_LARGE,
    DayLimitReached: Result.SUM_TOO_LARGE,
}


def answer_network(*, network: TerminalNetwork, asked: GatewayRequest, at: datetime) -> Answer:
    """
    Do what a trusted network asks and say what came of it. A fault of ours is never an answer about money: the network
    asks again, and a payment that was committed after all gets its first answer.

    :param at: our instant: its day in the operator's zone is the day of the books
    """
    txn_id = asked.txn_id
    if not network.is_active:
        return say(Result.FORBIDDEN, SWITCHED_OFF, txn_id=txn_id)
    day = at.astimezone(operator_zone()).date()
    try:
        match asked:
            case CheckRequest():
                return check_account(network=network, asked=asked, day=day)
            case PayRequest():
                return _pay(asked, network=network, at=at)
            case CancelRequest():
                return _cancel(asked, network=network, at=at)
            case StatusRequest():
                return status_of(network=network, asked=asked)
    except (DatabaseError, InterfaceError) as error:
        # A database that is away is told in a line; a fault of ours with its place.
        is_away = isinstance(error, (OperationalError, InterfaceError))
        logger.warning("%s %s could not be answered: %s", network.code, txn_id, error, exc_info=not is_away)
        result = Result.STATE_UNKNOWN if isinstance(asked, CheckRequest) else Result.ASK_AGAIN
        return say(result, ASK_LATER, txn_id=txn_id)


def _pay(asked: PayRequest, *, network: TerminalNetwork, at: datetime) -> Answer:
    key = terminal_key(network_code=network.code, txn_id=asked.txn_id)
    try:
        with under_way(key):
            return _take(asked, network=network, key=key, at=at)
    except BillingError as error:
        if isinstance(error, PaymentConflict):
            _tell_conflict(asked, network=network, key=key, at=at)
        return refused(error, result=RESULTS.get(type(error), Result.OTHER), txn_id=asked.txn_id)


def _take(asked: PayRequest, *, network: TerminalNetwork, key: str, at: datetime) -> Answer:
    """Take the money, unless this is no currency of ours or the day is full; a repetition passes both."""
    amount_minor = decimal_to_minor(asked.amount, digits=currency_digits(settings.SALDO_CURRENCY))
    day = at.astimezone(operator_zone()).date()
    is_ours = asked.currency in {"", settings.SALDO_CURRENCY}
    is_full = is_day_full(network=network, day=day, amount_minor=amount_minor)
    is_repeat = (is_full or not is_ours) and find_payment(channel=Payment.Channel.TERMINAL, key=key) is not None
    if not is_ours and is_repeat:
        raise PaymentConflict(context={"key": key})
    if not is_ours:
        return say(Result.OTHER, OTHER_CURRENCY, txn_id=asked.txn_id)
    if is_full and not is_repeat:
        raise DayLimitReached
    with constraint_errors({"payments_networkday_within_limit": DayLimitReached}):
        receipt = receive_payment(
            channel=Payment.Channel.TERMINAL,
            key=key,
            account_number=asked.account_number,
            amount=asked.amount,
            received_at=at,
            paid_at=asked.paid_at,
            network_id=network.pk,
            network_txn_id=asked.txn_id,
        )
    return Answer(
        result=Result.OK,
        txn_id=asked.txn_id,
        payment_id=receipt.answer["payment_id"],
        amount=receipt.answer["amount"],
    )


def _tell_conflict(asked: PayRequest, *, network: TerminalNetwork, key: str, at: datetime) -> None:
    logger.warning("Transaction %s came again with other content", key)
    note_conflict(channel=Payment.Channel.TERMINAL, key=key, account_number=asked.account_number, amount=asked.amount)
    _alarm_conflict(asked, network_id=network.pk, at=at)


@durable
def _alarm_conflict(asked: PayRequest, *, network_id: int, at: datetime) -> None:
    details = {"account_number": asked.account_number, "amount": str(asked.amount), "currency": asked.currency}
    raise_network_alarm(
        network_id=network_id, kind=NetworkAlarm.Kind.CONFLICT, subject=asked.txn_id, details=details, at=at
    )


def _cancel(asked: CancelRequest, *, network: TerminalNetwork, at: datetime) -> Answer:
    """Take a payment back, once; a repetition gets the first answer."""
    key = terminal_key(network_code=network.code, txn_id=asked.txn_id)
    payment = find_payment(channel=Payment.Channel.TERMINAL, key=key)
    if payment is None:
        return say(Result.OTHER, NO_PAYMENT, txn_id=asked.txn_id)
    if not _is_of(payment, asked):
        return say(Result.FORBIDDEN_TECHNICAL, OTHER_CONTENT, txn_id=asked.txn_id)
    try:
        with under_way(key):
            if find_reversal(payment.pk) is None:
                reverse_payment(
                    payment_id=payment.pk,
                    kind=PaymentReversal.Kind.CANCELLED,
                    reason=CANCELLED_BY_NETWORK,
                    reversed_at=at,
                )
    except BillingError as error:
        # Another request may have been first.
        if find_reversal(payment.pk) is None:
            return refused(error, result=Result.FORBIDDEN, txn_id=asked.txn_id)
    reversal = find_reversal(payment.pk)
    is_cancelled = reversal is not None and reversal.kind == PaymentReversal.Kind.CANCELLED
    return of_payment(payment, result=Result.OK if is_cancelled else Result.FORBIDDEN, comment=CANCELLED)


def _is_of(payment: Payment, asked: CancelRequest) -> bool:
    """Return whether account, sum and currency, where they are given, are those of the payment."""
    return (
        asked.account_number in {"", payment.account_number}
        and asked.amount in {None, payment.amount.amount}
        and asked.currency in {"", str(payment.amount.currency)}
    )
