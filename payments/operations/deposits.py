"""Deposits: taken as a liability, used for debts; what goes back is a refund of its own."""

from datetime import datetime, timedelta

from billing_site.audit.recording import SYSTEM, record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, lock_rows, transaction_required
from billing_site.identity.models import User
from billing_site.ledger.closing import get_closed_through
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entry
from payments.models import Deposit, DepositUse, Payment
from payments.operations.payments import NewPayment, take_payment
from payments.operations.till_moves import count_in_session, lock_session_of
from payments.queries.deposits import find_deposit, refunds_waiting
from payments.queries.payments import debts_of_account, takes_money
from subscribers.models import Account

DEPOSIT = "DEPOSIT"
ONE_DAY = timedelta(days=1)


class DepositUnsound(BillingError):
    """Nothing, for no reason, or of an account that is closed."""

    default_message = gettext_noop("Give an amount above zero and a reason, for an account that is not closed.")
    default_code = "DEPOSIT_UNSOUND"


class DepositKeyTaken(BillingError):
    """The paper took money before."""

    default_message = gettext_noop("%(key)s took another deposit before. Nothing was taken.")
    default_code = "DEPOSIT_KEY_TAKEN"


class DepositTooSmall(BillingError):
    """More than is held, or than is owed."""

    default_message = gettext_noop(
        "%(amount)s cannot be used: %(left)s of the deposit are free, and %(owed)s are owed on open bills."
    )
    default_code = "DEPOSIT_TOO_SMALL"


@durable
def take_deposit(
    *,
    account_id: int,
    key: str,
    amount_minor: int,
    reason: str,
    clearing_account_id: int,
    taken_at: datetime,
    actor: User | None,
) -> Deposit:
    """
    Take a deposit of an account: held as a liability, without interest. Once for each key; a repetition gets the first.

    :param key: the number of the paper: a receipt, a bank's line
    :param amount_minor: minor units of the account's currency
    :param clearing_account_id: where the money is on its way
    :raises DepositUnsound: if the amount is not above zero, without a reason, or the account is closed
    :raises DepositKeyTaken: if the key took another amount, or another account's
    :raises TillWithoutSession: if it comes to a till that nobody has open
    """
    till = lock_session_of(clearing_account_id=clearing_account_id)
    account = lock_rows(Account.objects.all(), [account_id])[0]
    if amount_minor <= 0 or not reason.strip() or not key.strip() or account.is_closed:
        raise DepositUnsound
    made = Deposit(
        account=account,
        key=key.strip(),
        amount_minor=amount_minor,
        currency=account.currency,
        reason=reason.strip(),
        clearing_account_id=clearing_account_id,
        taken_at=taken_at,
        posted_on=max(taken_at.astimezone(operator_zone()).date(), get_closed_through() + ONE_DAY),
        taken_by=actor,
    )
    first = Deposit.objects.filter(key=made.key).first()
    if first is not None:
        if (first.account_id, first.amount_minor) != (account.pk, amount_minor):
            raise DepositKeyTaken(context={"key": made.key})
        return first
    with constraint_errors({"payments_deposit_key_key": lambda: DepositKeyTaken(context={"key": made.key})}):
        made.save(force_insert=True)
    entry_id = post_entry(
        NewEntry(
            source_type=DEPOSIT,
            source_id=str(made.pk),
            posted_on=made.posted_on,
            actor=str(actor) if actor is not None else SYSTEM,
            currency=made.currency,
            pairs=[Pair(clearing_account_id, deposit_account(made.currency), amount_minor)],
        )
    )
    count_in_session(till, amount_minor=amount_minor, entry_id=entry_id)
    changes = {"amount_minor": str(amount_minor), "key": made.key}
    record("payments.take_deposit", actor=actor, subject=made, changes=changes)
    return made


@durable
def use_deposit(*, deposit_id: int, amount_minor: int, used_at: datetime, actor: User | None) -> int:
    """
    Pay an account's open bills from its deposit, the oldest first; return the payment's id.

    :raises DepositTooSmall: if more is used than is free of the deposit, or than is owed
    :raises DepositUnsound: if the account is closed and owes nothing
    """
    account_id = Deposit.objects.values_list("account_id", flat=True).get(pk=deposit_id)
    account = lock_rows(Account.objects.all(), [account_id])[0]
    if not takes_money(account):
        raise DepositUnsound
    held = find_deposit(deposit_id)
    assert held is not None, "a deposit stays"
    free_minor = held.left_minor - refunds_waiting(deposit_id)
    owed_minor = debts_of_account(account.pk).asked_minor
    digits = currency_digits(held.deposit.currency)
    if not 0 < amount_minor <= min(free_minor, owed_minor):
        amount, left, owed = (
            minor_to_decimal(minor, digits=digits) for minor in (amount_minor, free_minor, owed_minor)
        )
        raise DepositTooSmall(context={"amount": amount, "left": left, "owed": owed})
    number = held.deposit.uses.count() + 1
    receipt = take_payment(
        NewPayment(
            channel=Payment.Channel.DEPOSIT,
            key=f"{deposit_id}/{number}",
            account_number=account.number,
            amount=minor_to_decimal(amount_minor, digits=digits),
            received_at=used_at,
            clearing_account_id=deposit_account(held.deposit.currency),
        ),
        actor=actor,
    )
    DepositUse.objects.create(deposit_id=deposit_id, payment_id=receipt.payment_id)
    changes = {"amount_minor": str(amount_minor), "payment": receipt.payment_id}
    record("payments.use_deposit", actor=actor, subject=held.deposit, changes=changes)
    return receipt.payment_id


@transaction_required
def deposit_account(currency: str) -> int:
    """Return the books' account of deposits held in a currency, made when it is missing."""
    code = f"DEPOSIT:{currency}"
    known = LedgerAccount.objects.filter(code=code).values_list("pk", flat=True).first()
    return known or open_accounts(codes=[code], kind=LedgerAccount.Kind.DEPOSIT, currency=currency)[code]
