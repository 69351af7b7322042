"""What the gateway reads: a network by its code, who may not speak to it, what a day took, what became of a payment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import DatabaseError, connection

from billing_site.core.messages import Message, gettext_noop
from billing_site.core.money import AmountNotExact, currency_digits, decimal_to_minor, minor_to_decimal
from payments.domain.gateway import Answer, CheckRequest, Result, StatusRequest, refused
from payments.domain.requests import terminal_key
from payments.models import BadSender, NetworkDay, Payment, TerminalNetwork
from payments.queries.instalments import asked_in_parts
from payments.queries.payments import debts_of_account, find_payment, find_reversal
from subscribers.models import Account

NO_ACCOUNT = gettext_noop("There is no such account.")
ACCOUNT_IS_CLOSED = gettext_noop("The account is closed.")
NO_PAYMENT = gettext_noop("There is no such payment.")
CANCELLED = gettext_noop("The payment was taken back.")
UNDER_WAY = gettext_noop("The payment is under way. Ask again.")
OTHER_CURRENCY = gettext_noop("The currency is not taken here.")
TOO_SMALL = gettext_noop("The sum is too small.")
TOO_LARGE = gettext_noop("The sum is too large.")
DAY_IS_FULL = gettext_noop("The limit of the day is reached.")
# A payment waits for a row at most so long, tried three times; a statement of it takes no longer than that.
PATIENCE = "SET lock_timeout = '1500ms'; SET statement_timeout = '4500ms'"
NO_PATIENCE = "RESET lock_timeout; RESET statement_timeout"


def find_network(code: str) -> TerminalNetwork | None:
    """Return a network by its code."""
    return TerminalNetwork.objects.filter(code=code).first()


def find_bad_sender(*, network_id: int | None, address: str) -> BadSender | None:
    """Return what is counted against an address at a network (none: at no network of ours)."""
    return BadSender.objects.filter(network_id=network_id, address=address).first()


def taken_on(*, network_id: int, day: date) -> int:
    """Return what a network took on a day of the books, in minor units: one row, however many payments."""
    return NetworkDay.objects.filter(network_id=network_id, day=day).values_list("amount_minor", flat=True).first() or 0


def check_account(*, network: TerminalNetwork, asked: CheckRequest, day: date) -> Answer:
    """
    Answer whether an account may be paid, and the amount if one is named; nothing is written.

    The debt is what is to be paid now, without the later parts of a plan; more may be paid.
    """
    account = Account.objects.filter(number=asked.account_number).first()
    if account is None:
        return say(Result.ACCOUNT_UNKNOWN, NO_ACCOUNT, txn_id=asked.txn_id)
    if account.is_closed:
        return say(Result.ACCOUNT_CLOSED, ACCOUNT_IS_CLOSED, txn_id=asked.txn_id)
    if asked.currency and asked.currency != settings.SALDO_CURRENCY:
        return say(Result.OTHER, OTHER_CURRENCY, txn_id=asked.txn_id)
    if asked.amount is not None:
        fault = _outside_limits(asked.amount, network=network, day=day, txn_id=asked.txn_id)
        if fault is not None:
            return fault
    asked_of = asked_in_parts([account.pk], on=day).get(account.pk)
    later_minor = asked_of.total_later_minor if asked_of else 0
    due_minor = max(0, debts_of_account(account.pk).asked_minor - later_minor)
    debt = str(minor_to_decimal(due_minor, digits=currency_digits(settings.SALDO_CURRENCY)))
    return Answer(result=Result.OK, txn_id=asked.txn_id, debt=debt)


def status_of(*, network: TerminalNetwork, asked: StatusRequest) -> Answer:
    """Answer what became of a payment, from what is stored; one under way in another process is not finished."""
    key = terminal_key(network_code=network.code, txn_id=asked.txn_id)
    if _is_under_way(key):
        return say(Result.NOT_FINISHED, UNDER_WAY, txn_id=asked.txn_id)
    payment = find_payment(channel=Payment.Channel.TERMINAL, key=key)
    if payment is None:
        return say(Result.OTHER, NO_PAYMENT, txn_id=asked.txn_id)
    if find_reversal(payment.pk) is not None:
        return of_payment(payment, result=Result.FORBIDDEN, comment=CANCELLED)
    return of_payment(payment)


def of_payment(payment: Payment, *, result: Result = Result.OK, comment: str = "OK") -> Answer:
    """Return the answer about a stored payment, from what was answered first."""
    return Answer(
        result=result,
        comment=Message(msgid=comment),
        txn_id=payment.network_txn_id,
        payment_id=payment.answer["payment_id"],
        amount=payment.answer["amount"],
    )


def say(result: Result, sentence: str, *, txn_id: str) -> Answer:
    """Return a plain answer."""
    return Answer(result=result, comment=Message(msgid=sentence), txn_id=txn_id)


def is_day_full(*, network: TerminalNetwork, day: date, amount_minor: int) -> bool:
    """Return whether so much more would pass the network's limit of a day; the database proves it at the commit."""
    if network.daily_limit_minor is None:
        return False
    return taken_on(network_id=network.pk, day=day) + amount_minor > network.daily_limit_minor


@contextmanager
def under_way(key: str) -> Iterator[None]:
    """
    Mark a payment as under way for the length of the block, for ``status`` to see from elsewhere.

    The mark is the connection's: it is gone when the process dies. Nothing in the block waits longer than a few
    seconds for the database.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"{PATIENCE}; SELECT pg_advisory_lock_shared(hashtextextended(%s, 0))", [key])
    try:
        yield
    finally:
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"{NO_PATIENCE}; SELECT pg_advisory_unlock_shared(hashtextextended(%s, 0))", [key])
        except DatabaseError:
            connection.close()


def _is_under_way(key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        is_free = bool(cursor.fetchone()[0])
        if is_free:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
    return not is_free


def _outside_limits(amount: Decimal, *, network: TerminalNetwork, day: date, txn_id: str) -> Answer | None:
    try:
        amount_minor = decimal_to_minor(amount, digits=currency_digits(settings.SALDO_CURRENCY))
    except AmountNotExact as error:
        return refused(error, result=Result.OTHER, txn_id=txn_id)
    if amount_minor < network.minimum_minor:
        return say(Result.SUM_TOO_SMALL, TOO_SMALL, txn_id=txn_id)
    if amount_minor > network.maximum_minor:
        return say(Result.SUM_TOO_LARGE, TOO_LARGE, txn_id=txn_id)
    if is_day_full(network=network, day=day, amount_minor=amount_minor):
        return say(Result.SUM_TOO_LARGE, DAY_IS_FULL, txn_id=txn_id)
    return None
