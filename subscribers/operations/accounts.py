"""Billing accounts: opened with their number and their account in the books, closed when nothing is owed."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import cast

from django.conf import settings
from django.contrib.postgres.fields.ranges import RangeEndsWith
from django.db import connection
from django.db.models import Max

from billing_site.audit.recording import record
from billing_site.core.checkdigits import with_check_digit
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.numbering import take_numbers
from billing_site.identity.models import User
from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import open_accounts
from subscribers.domain.lifecycle import LineState
from subscribers.models import Account, AccountDiscount, BillCycle, PastCategory, Subscription

NUMBER_SERIES = "ACCOUNT"
NUMBER_PREFIX = "1"
NUMBER_DIGITS = 7
FIRST_DAY, LAST_DAY = 1, 31
CYCLE_LENGTHS = (1, 2, 3, 6, 12)
ONE_DAY = timedelta(days=1)


class BillDayUnsound(BillingError):
    """A day that no month has."""

    default_message = gettext_noop("A bill day is 1 to 31, not %(day)s.")
    default_code = "BILL_DAY_UNSOUND"


class CycleLengthUnknown(BillingError):
    """Periods are of months that a year is made of."""

    default_message = gettext_noop("A cycle has periods of 1, 2, 3, 6 or 12 months, not of %(months)s.")
    default_code = "CYCLE_LENGTH_UNKNOWN"


class CycleCodeTaken(BillingError):
    """Two cycles of one name."""

    default_message = gettext_noop("There is a bill cycle with the code %(code)s already.")
    default_code = "CYCLE_CODE_TAKEN"


class AccountIsClosed(BillingError):
    """Nothing is sold to a closed account."""

    default_message = gettext_noop("Account %(account)s is closed since %(day)s.")
    default_code = "ACCOUNT_IS_CLOSED"


class AccountHasLines(BillingError):
    """Lines are still in service."""

    default_message = gettext_noop("Account %(account)s has %(count)s lines that are not terminated: end them first.")
    default_code = "ACCOUNT_HAS_LINES"


class AccountNotSettled(BillingError):
    """Somebody still owes something."""

    default_message = gettext_noop(
        "Account %(account)s has a balance of %(balance)s: it is settled before it is closed."
    )
    default_code = "ACCOUNT_NOT_SETTLED"


class AccountPaysForOthers(BillingError):
    """Others' bills would be nobody's."""

    default_message = gettext_noop("Account %(account)s pays for %(count)s other accounts: end that first.")
    default_code = "ACCOUNT_PAYS_FOR_OTHERS"


class CategoryUnchanged(BillingError):
    """Nothing to do."""

    default_message = gettext_noop("Account %(account)s is of this customer category already.")
    default_code = "CATEGORY_UNCHANGED"


class CategoryUnknown(BillingError):
    """No such category."""

    default_message = gettext_noop("There is no customer category %(category)s.")
    default_code = "CATEGORY_UNKNOWN"


class CategoryDayUnsound(BillingError):
    """A day to come, or one that an earlier change has taken."""

    default_message = gettext_noop(
        "The customer category of account %(account)s changes today or on an earlier day after its last change."
    )
    default_code = "CATEGORY_DAY_UNSOUND"


class CategoryReasonMissing(BillingError):
    """Other prices for no reason."""

    default_message = gettext_noop("Say why the customer category changes: other prices come with it.")
    default_code = "CATEGORY_REASON_MISSING"


class DiscountPeriodEmpty(BillingError):
    """No day is left for the discount."""

    default_message = gettext_noop("The discount would begin on %(first)s and end before %(until)s: no day is left.")
    default_code = "DISCOUNT_PERIOD_EMPTY"


class DiscountNotHeld(BillingError):
    """There is nothing to end."""

    default_message = gettext_noop("Account %(account)s does not have this discount on %(day)s.")
    default_code = "DISCOUNT_NOT_HELD"


class DiscountAlreadyGiven(BillingError):
    """The same discount does not count twice."""

    default_message = gettext_noop("Account %(account)s has this discount on some of these days already.")
    default_code = "DISCOUNT_ALREADY_GIVEN"


@durable
def create_bill_cycle(
    *, code: str, names: Mapping[str, str], bill_day: int, open_from: date, actor: User | None, months: int = 1
) -> BillCycle:
    """
    Create a group of accounts billed on the same day of the month.

    :param open_from: first day of the first period that will be billed
    :param months: length of its periods: 1, 2, 3, 6 or 12
    :raises BillDayUnsound: for a day outside 1 to 31
    :raises CycleLengthUnknown: for another length
    :raises CycleCodeTaken: if a cycle has the code
    """
    if not FIRST_DAY <= bill_day <= LAST_DAY:
        raise BillDayUnsound(context={"day": bill_day})
    if months not in CYCLE_LENGTHS:
        raise CycleLengthUnknown(context={"months": months})
    if BillCycle.objects.filter(code=code).exists():
        raise CycleCodeTaken(context={"code": code})
    cycle = BillCycle.objects.create(
        code=code, names=dict(names), bill_day=bill_day, open_from=open_from, months=months
    )
    record(
        "subscribers.create_bill_cycle",
        actor=actor,
        subject=cycle,
        changes={"code": code, "bill_day": bill_day, "months": months},
    )
    return cycle


@durable
def open_account(
    *,
    subscriber_id: int,
    centre_id: int,
    cycle_id: int,
    opened_on: date,
    actor: User | None,
    category: str = "HOME",
    address: str = "",
) -> Account:
    """
    Open an account with its number (the last digit checks the others) and its account in the books.

    :param category: one of ``Account.Category``
    """
    account = Account(
        subscriber_id=subscriber_id,
        centre_id=centre_id,
        cycle_id=cycle_id,
        category=category,
        address=address,
        opened_on=opened_on,
    )
    write_accounts([account])
    record("subscribers.open_account", actor=actor, subject=account, changes={"number": account.number})
    return account


@transaction_required
def write_accounts(accounts: Sequence[Account]) -> None:
    """Give accounts their numbers, currency and accounts in the books, and write them, in the given order."""
    bodies = take_numbers(series=NUMBER_SERIES, prefix=NUMBER_PREFIX, count=len(accounts), digits=NUMBER_DIGITS)
    numbers = [with_check_digit(body) for body in bodies]
    currency = settings.SALDO_CURRENCY
    books = open_accounts(
        codes=[ledger_code(number) for number in numbers], kind=LedgerAccount.Kind.SUBSCRIBER, currency=currency
    )
    for account, number in zip(accounts, numbers, strict=True):
        account.number = number
        account.currency = currency
        account.ledger_account_id = books[ledger_code(number)]
    Account.objects.bulk_create(accounts, batch_size=2000)


def ledger_code(number: str) -> str:
    """Return the code in the books of the account with this number."""
    return f"SUB:{number}"


@transaction_required
def lock_open_account(account_id: int) -> Account:
    """
    Lock an account for selling to it.

    :raises AccountIsClosed: if nothing more is sold to it
    """
    account = Account.objects.select_for_update(of=("self",), no_key=True).select_related("cycle").get(pk=account_id)
    if account.is_closed:
        raise AccountIsClosed(context={"account": account.number, "day": account.closed_on})
    return account


@transaction_required
def hold_open_from(account: Account) -> date:
    """
    Return the first day of an account's cycle that no bill run has cut, and let none cut it before the caller has
    written: the run would bill the period without the change, and nobody after it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT open_from FROM subscribers_billcycle WHERE id = %s FOR SHARE", [account.cycle_id])
        ((open_from,),) = cursor.fetchall()
    return cast("date", open_from)


@durable
def close_account(*, account_id: int, closed_on: date, actor: User | None) -> Account:
    """
    Close an account whose lines have ended and whose balance is nothing.

    :raises AccountIsClosed: if it is
    :raises AccountHasLines: if a line is not terminated
    :raises AccountNotSettled: if the balance is not zero, in either direction
    :raises AccountPaysForOthers: if it pays for another account on a later day
    """
    return close_open_account(account_id=account_id, closed_on=closed_on, actor=actor)


@transaction_required
def close_open_account(*, account_id: int, closed_on: date, actor: User | None) -> Account:
    """Do what ``close_account`` does in the caller's transaction: shared with the final bill."""
    account = lock_open_account(account_id)
    count = Subscription.objects.filter(account=account).exclude(state=LineState.TERMINATED).count()
    if count:
        raise AccountHasLines(context={"account": account.number, "count": count})
    balance = balance_of(account.ledger_account_id)
    if balance:
        raise AccountNotSettled(context={"account": account.number, "balance": balance})
    later = account.paid_for.filter(during__overlap=days_from(closed_on + ONE_DAY))
    paid_for = later.values("account").distinct().count()
    if paid_for:
        raise AccountPaysForOthers(context={"account": account.number, "count": paid_for})
    account.state = Account.State.CLOSED
    account.closed_on = closed_on
    account.save(update_fields=["state", "closed_on"])
    record("subscribers.close_account", actor=actor, subject=account, changes={"closed_on": closed_on.isoformat()})
    return account


@durable
def change_account_category(
    *, account_id: int, category: str, changed_on: date, today: date, reason: str, actor: User | None
) -> Account:
    """
    Put an account into another customer category: usage from that day on is priced by it, whenever it is rated.

    What is rated already stays as it is until somebody rates it again.

    :param category: one of ``Account.Category``
    :param changed_on: first day of the new category, today or earlier
    :param reason: why, kept with the act
    :raises CategoryUnknown: for any other category
    :raises CategoryReasonMissing: without a reason
    :raises CategoryDayUnsound: for a day to come, or one on or before that of the last change
    :raises AccountIsClosed: if nothing more is sold to the account
    :raises CategoryUnchanged: if it is of this category
    """
    if category not in Account.Category.values:
        raise CategoryUnknown(context={"category": category})
    if not reason.strip():
        raise CategoryReasonMissing
    account = lock_open_account(account_id)
    before = account.category
    if category == before:
        raise CategoryUnchanged(context={"account": account.number})
    since = PastCategory.objects.filter(account=account).aggregate(last=Max(RangeEndsWith("during")))["last"]
    if changed_on > today or (since is not None and changed_on <= since):
        raise CategoryDayUnsound(context={"account": account.number})
    PastCategory.objects.create(account=account, category=before, during=(since, changed_on))
    account.category = category
    account.save(update_fields=["category"])
    changes = {"before": before, "after": category, "from": changed_on.isoformat(), "reason": reason.strip()}
    record("subscribers.change_account_category", actor=actor, subject=account, changes=changes)
    return account


@durable
def give_discount(
    *, account_id: int, discount_id: int, from_on: date, actor: User | None, until_on: date | None = None
) -> AccountDiscount:
    """
    Give an account a discount from a day on, or up to, but without, ``until_on``.

    :raises AccountIsClosed: if nothing more is sold to it
    :raises DiscountPeriodEmpty: if no day is left
    :raises DiscountAlreadyGiven: if it has the same discount on one of the days
    """
    account = lock_open_account(account_id)
    if until_on is not None and until_on <= from_on:
        raise DiscountPeriodEmpty(context={"first": from_on, "until": until_on})
    twice = {"subscribers_accountdiscount_not_twice": lambda: DiscountAlreadyGiven(context={"account": account.number})}
    with constraint_errors(twice):
        given = AccountDiscount.objects.create(
            account=account, discount_id=discount_id, during=days_from(from_on, until_on)
        )
    changes = {"discount": discount_id, "from": from_on.isoformat()}
    record("subscribers.give_discount", actor=actor, subject=account, changes=changes)
    return given


@durable
def end_discount(*, given_id: int, until_on: date, actor: User | None) -> AccountDiscount:
    """
    End a discount of an account: ``until_on`` is the first day without it.

    :raises DiscountNotHeld: if the account does not have it on the day before
    """
    given = AccountDiscount.objects.select_related("account").select_for_update(of=("self",)).get(pk=given_id)
    during = date_period(given.during)
    if until_on <= during.start or (during.until is not None and during.until <= until_on):
        raise DiscountNotHeld(context={"account": given.account.number, "day": until_on})
    given.during = days_from(during.start, until_on)
    given.save(update_fields=["during"])
    changes = {"discount": given.discount_id, "until": until_on.isoformat()}
    record("subscribers.end_discount", actor=actor, subject=given.account, changes=changes)
    return given
