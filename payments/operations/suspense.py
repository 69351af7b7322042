"""Money whose owner is not known: held, then given to its owner, wholly or in parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Sum

from billing_site.audit.recording import record
from billing_site.core.checkdigits import is_valid
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.transactions import durable, lock_rows, transaction_required
from billing_site.identity.models import User
from payments.models import Payment
from payments.operations.payments import AccountNeverExisted, NewPayment, Receipt, suspense_account, take_payment
from payments.queries.payments import find_reversal, standing_payments, takes_money
from subscribers.models import Account


class SuspenseReasonMissing(BillingError):
    """Somebody must be able to find the owner."""

    default_message = gettext_noop("Say why the money of payment %(key)s waits in suspense.")
    default_code = "SUSPENSE_REASON_MISSING"


class NotInSuspense(BillingError):
    """Posted to an account, or taken back."""

    default_message = gettext_noop("Payment %(payment)s does not wait in suspense. Nothing was changed.")
    default_code = "NOT_IN_SUSPENSE"


class SuspenseTooMuch(BillingError):
    """More is given away than waits."""

    default_message = gettext_noop("Of payment %(payment)s %(left)s wait in suspense: %(given)s cannot be given away.")
    default_code = "SUSPENSE_TOO_MUCH"


class SuspensePartUnsound(BillingError):
    """Nothing is given, or to nobody."""

    default_message = gettext_noop("Give an amount above zero to each account, and name an account once.")
    default_code = "SUSPENSE_PART_UNSOUND"


class AccountNumberMistyped(BillingError):
    """The check digit does not fit."""

    default_message = gettext_noop("%(account_number)s is no account number: its last digit does not fit the others.")
    default_code = "ACCOUNT_NUMBER_MISTYPED"


class AccountTakesNoMoney(BillingError):
    """It is closed and owes nothing, or is kept in another currency."""

    default_message = gettext_noop("Account %(account_number)s takes no money: it is closed or of another currency.")
    default_code = "ACCOUNT_TAKES_NO_MONEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensePart:
    """
    What one owner gets.

    :param amount_minor: minor units of the payment's currency
    :param for_invoices: bills that it is to pay first, minor units by the bill's id
    """

    account_number: str
    amount_minor: int
    for_invoices: Mapping[int, int] = field(default_factory=dict)


@durable
def hold_payment(
    *,
    channel: str,
    key: str,
    amount: Decimal,
    reason: str,
    received_at: datetime,
    clearing_account_id: int,
    account_number: str = "",
    paid_at: datetime | None = None,
    actor: User | None = None,
) -> Receipt:
    """
    Take money whose owner is not known into suspense, once for each (channel, key): received money is never dropped.

    :param amount: of the major unit of the operator's currency
    :param reason: a code or a few words why nobody's account took it
    :param account_number: as the payer wrote it, if he did; up to 32 characters
    :raises SuspenseReasonMissing: without a reason
    :raises PaymentConflict: if the key posted other content
    :raises PaymentTooSmall: if the amount is not above zero
    """
    if not reason.strip():
        raise SuspenseReasonMissing(context={"key": key})
    wanted = NewPayment(
        channel=channel,
        key=key,
        account_number=account_number,
        amount=amount,
        received_at=received_at,
        paid_at=paid_at,
        clearing_account_id=clearing_account_id,
        suspense_reason=reason.strip(),
    )
    return take_payment(wanted, actor=actor)


@durable
def give_suspense_payment(
    *, payment_id: int, parts: Sequence[SuspensePart], given_at: datetime, actor: User | None
) -> tuple[Receipt, ...]:
    """
    Give money in suspense to its owner or owners, wholly or in parts: a new payment for each, used for its bills.

    :raises NotInSuspense: if the payment has an owner, or was taken back
    :raises SuspenseTooMuch: if more is given than waits
    :raises SuspensePartUnsound: without a part, for an amount not above zero, for an account named twice
    :raises AccountNumberMistyped: if a check digit does not fit
    :raises AccountNeverExisted: if there is no such account
    :raises AccountTakesNoMoney: if an account is closed and owes nothing, or is of another currency
    """
    return give_out_of_suspense(payment_id=payment_id, parts=parts, given_at=given_at, actor=actor)


@transaction_required
def give_out_of_suspense(
    *, payment_id: int, parts: Sequence[SuspensePart], given_at: datetime, actor: User | None
) -> tuple[Receipt, ...]:
    """Do what ``give_suspense_payment`` says, as a step of a larger operation; it raises the same refusals."""
    _hold_suspense(payment_id)
    origin = Payment.objects.get(pk=payment_id)
    if origin.state != Payment.State.SUSPENSE or find_reversal(origin.pk) is not None:
        raise NotInSuspense(context={"payment": origin.pk})
    currency = str(origin.amount.currency)
    _refuse_parts(origin, parts, currency=currency)
    first_n = origin.given.count() + 1
    receipts = tuple(
        take_payment(
            NewPayment(
                channel=Payment.Channel.SUSPENSE,
                key=f"{origin.pk}/{n}",
                account_number=part.account_number,
                amount=minor_to_decimal(part.amount_minor, digits=currency_digits(currency)),
                received_at=given_at,
                paid_at=origin.received_at,
                clearing_account_id=suspense_account(currency),
                for_invoices=part.for_invoices,
                origin_id=origin.pk,
            ),
            actor=actor,
        )
        for n, part in enumerate(parts, start=first_n)
    )
    given = {part.account_number: str(part.amount_minor) for part in parts}
    record("payments.give_suspense_payment", actor=actor, subject=origin, changes={"given_minor": given})
    return receipts


def _hold_suspense(payment_id: int) -> None:
    """Let one give a payment away at a time: its row is written for ever and nobody may lock it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('payments.give_suspense_payment'), %s)", [payment_id % 2**31]
        )


def _refuse_parts(origin: Payment, parts: Sequence[SuspensePart], *, currency: str) -> None:
    numbers = [part.account_number for part in parts]
    if not parts or min(part.amount_minor for part in parts) <= 0 or len(set(numbers)) < len(numbers):
        raise SuspensePartUnsound
    gone = standing_payments().filter(origin=origin).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    left_minor, given_minor = origin.amount_minor - gone, sum(part.amount_minor for part in parts)
    if given_minor > left_minor:
        digits = currency_digits(currency)
        left, given = (minor_to_decimal(minor, digits=digits) for minor in (left_minor, given_minor))
        raise SuspenseTooMuch(context={"payment": origin.pk, "left": left, "given": given})
    # Locked together, in the order of their keys: two who give to the same accounts never wait in a ring.
    ids = Account.objects.filter(number__in=numbers).values_list("pk", flat=True)
    found = {account.number: account for account in lock_rows(Account.objects.all(), list(ids))}
    for number in numbers:
        _refuse_owner(found.get(number), number, currency=currency)


def _refuse_owner(account: Account | None, number: str, *, currency: str) -> None:
    named = {"account_number": number}
    if not is_valid(number):
        raise AccountNumberMistyped(context=named)
    if account is None:
        raise AccountNeverExisted(context=named)
    if not takes_money(account) or account.currency != currency:
        raise AccountTakesNoMoney(context=named)
