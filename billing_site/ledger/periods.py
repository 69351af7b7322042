"""Accounting periods: months of the books, closed in their order, opened again for a reason and by two people."""

from datetime import date, datetime

from django.db import connection

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import month_of
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import transaction_required
from billing_site.identity.models import User
from billing_site.ledger.models import AccountingPeriod, PeriodReopening


class PeriodExists(BillingError):
    """The month is there."""

    default_message = gettext_noop("The accounting period %(period)s is there already.")
    default_code = "PERIOD_EXISTS"


class PeriodOutOfTurn(BillingError):
    """Periods are closed one after the other."""

    default_message = gettext_noop("The period %(period)s is closed already, or an earlier one is still open.")
    default_code = "PERIOD_OUT_OF_TURN"


class PeriodNotLast(BillingError):
    """Only the last closed period is opened again."""

    default_message = gettext_noop("Only the last period that is closed can be opened again.")
    default_code = "PERIOD_NOT_LAST"


class ReopeningNotAsked(BillingError):
    """There is no such wish any more."""

    default_message = gettext_noop("Nobody asks for this period to be opened again.")
    default_code = "REOPENING_NOT_ASKED"


class ReopeningByOnePerson(BillingError):
    """Two names."""

    default_message = gettext_noop("Who asked for it cannot agree to it. Ask a second person.")
    default_code = "REOPENING_BY_ONE_PERSON"


class ReopeningReasonMissing(BillingError):
    """Why?"""

    default_message = gettext_noop("Say why the period is to be opened again.")
    default_code = "REOPENING_REASON_MISSING"


class ReopeningAskedAlready(BillingError):
    """One wish at a time."""

    default_message = gettext_noop("Somebody asks for the period %(period)s to be opened again already.")
    default_code = "REOPENING_ASKED_ALREADY"


@transaction_required
def make_period(*, month: date) -> AccountingPeriod:
    """
    Make the accounting period of the month that a day is in.

    :raises PeriodExists: if it is there
    """
    days = month_of(month)
    code = f"{days.start:%Y-%m}"
    taken = {
        "ledger_accountingperiod_code_key": lambda: PeriodExists(context={"period": code}),
        "ledger_accountingperiod_apart": lambda: PeriodExists(context={"period": code}),
    }
    with constraint_errors(taken), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_accountingperiod (code, first_on, until_on) VALUES (%s, %s, %s) RETURNING id",
            [code, days.start, days.until],
        )
        (period_id,) = cursor.fetchone()
    return AccountingPeriod.objects.get(pk=period_id)


@transaction_required
def hold_books() -> None:
    """Let nobody post until the end of the transaction: what is found meanwhile stays so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('saldo.books'))")


@transaction_required
def close_accounting_period(*, period: AccountingPeriod, person: User, at: datetime) -> None:
    """
    Close a period, and the books through its last day.

    :raises PeriodOutOfTurn: if it is closed, or an earlier one is open
    """
    refusals = {"ledger_accountingperiod_in_turn": lambda: PeriodOutOfTurn(context={"period": period.code})}
    with constraint_errors(refusals), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_close_period(%s, %s, %s)", [period.pk, person.pk, at])


@transaction_required
def write_reopening(*, period: AccountingPeriod, reason: str, asked_by: User, at: datetime) -> PeriodReopening:
    """
    Write down that somebody wants a closed period opened again.

    :raises PeriodNotLast: if it is not closed
    :raises ReopeningReasonMissing: without a reason
    :raises ReopeningAskedAlready: if somebody asks already
    """
    if not period.is_closed:
        raise PeriodNotLast
    if not reason.strip():
        raise ReopeningReasonMissing
    twice = {"ledger_periodreopening_one_asked": lambda: ReopeningAskedAlready(context={"period": period.code})}
    with constraint_errors(twice), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_periodreopening (period_id, reason, asked_by_id, asked_at) VALUES (%s, %s, %s, %s)"
            " RETURNING id",
            [period.pk, reason.strip(), asked_by.pk, at],
        )
        (wish_id,) = cursor.fetchone()
    return PeriodReopening.objects.get(pk=wish_id)


@transaction_required
def reopen_accounting_period(*, wish: PeriodReopening, person: User, at: datetime) -> None:
    """
    Open a closed period again, and the books from its first day on.

    :raises ReopeningByOnePerson: if ``person`` asked for it
    :raises ReopeningNotAsked: if the wish is settled
    :raises PeriodNotLast: if a later day is closed
    """
    refusals = {
        "ledger_periodreopening_second_person": ReopeningByOnePerson,
        "ledger_periodreopening_asked": ReopeningNotAsked,
        "ledger_accountingperiod_is_last": PeriodNotLast,
    }
    with constraint_errors(refusals), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_reopen_period(%s, %s, %s)", [wish.pk, person.pk, at])


def find_unclosed_before(*, day: date) -> AccountingPeriod | None:
    """Return the latest accounting period that was over before a day and is not closed, or ``None``."""
    over = AccountingPeriod.objects.filter(until_on__lte=day, state=AccountingPeriod.State.OPEN)
    return over.order_by("-first_on").first()
