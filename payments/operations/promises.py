"""Promises to pay, and accounts left out of dunning."""

from datetime import date, datetime, timedelta

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable, lock_rows
from billing_site.identity.models import User
from payments.models import DunningExclusion, PaymentPromise
from payments.queries.standings import AccountStanding, read_standings
from subscribers.models import Account

ONE_DAY = timedelta(days=1)
YEAR = timedelta(days=365)


class NothingOverdue(BillingError):
    """There is nothing to promise."""

    default_message = gettext_noop("Account %(account)s owes nothing that is overdue.")
    default_code = "NOTHING_OVERDUE"


class PromiseOpen(BillingError):
    """One at a time."""

    default_message = gettext_noop("A promise of account %(account)s is open already.")
    default_code = "PROMISE_OPEN"


class PromisesUsedUp(BillingError):
    """The policy allows so many in a year."""

    default_message = gettext_noop("Account %(account)s has given %(count)s promises in a year: no more are allowed.")
    default_code = "PROMISES_USED_UP"


class PromiseDayUnsound(BillingError):
    """In the past, or too far ahead."""

    default_message = gettext_noop("The day of a promise lies between today and %(last)s.")
    default_code = "PROMISE_DAY_UNSOUND"


class PromiseAmountUnsound(BillingError):
    """Nothing, or more than is overdue."""

    default_message = gettext_noop("Promise an amount above zero, and not more than is overdue.")
    default_code = "PROMISE_AMOUNT_UNSOUND"


class AlreadyLeftOut(BillingError):
    """The days overlap."""

    default_message = gettext_noop("Account %(account)s is left out of dunning on some of these days already.")
    default_code = "ALREADY_LEFT_OUT"


class ExclusionUnsound(BillingError):
    """Without a reason, or days in the wrong order."""

    default_message = gettext_noop("Say why, and give a last day that is not over.")
    default_code = "EXCLUSION_UNSOUND"


@durable
def promise_payment(
    *,
    account_id: int,
    amount_minor: int,
    pay_until_on: date,
    channel: str,
    given_by: str,
    at: datetime,
    actor: User | None,
) -> PaymentPromise:
    """
    Take a promise to pay: until its day has passed no step is taken; broken, the ladder goes on where it stopped.

    :param amount_minor: what is promised, in minor units of the account's currency
    :param channel: one of ``PaymentPromise.Channel``; ``given_by`` is the name of who promised
    :raises NothingOverdue: if the account owes nothing overdue
    :raises PromiseAmountUnsound: if the amount is not above zero, or more than is overdue
    :raises PromiseDayUnsound: if the day has passed, or lies further ahead than the policy allows
    :raises PromisesUsedUp: if the policy's number for a year is reached
    :raises PromiseOpen: if one is open
    """
    account = lock_rows(Account.objects.all(), [account_id])[0]
    today = at.astimezone(operator_zone()).date()
    one = read_standings([account_id], on=today)[0]
    named = {"account": account.number}
    if one.standing.overdue_minor <= 0:
        raise NothingOverdue(context=named)
    if not 0 < amount_minor <= one.standing.overdue_minor:
        raise PromiseAmountUnsound
    _refuse_by_policy(one, pay_until_on, today=today)
    with constraint_errors({"payments_paymentpromise_one_open": lambda: PromiseOpen(context=named)}):
        promise = PaymentPromise.objects.create(
            account=account,
            amount_minor=amount_minor,
            pay_until_on=pay_until_on,
            channel=channel,
            given_by=given_by.strip(),
            taken_by=actor,
            promised_at=at,
        )
    changes = {"amount_minor": str(amount_minor), "pay_until_on": pay_until_on.isoformat(), "channel": str(channel)}
    record("payments.promise_payment", actor=actor, subject=account, changes=changes)
    return promise


@durable
def exclude_from_dunning(
    *, account_id: int, reason: str, first_on: date, last_on: date | None, actor: User | None
) -> DunningExclusion:
    """
    Leave an account out of dunning from a day to a day, both included; without a last day until it is ended.

    :raises ExclusionUnsound: without a reason, or if the last day lies before the first
    :raises AlreadyLeftOut: if it is left out on some of the days
    """
    if not reason.strip() or (last_on is not None and last_on < first_on):
        raise ExclusionUnsound
    account = lock_rows(Account.objects.all(), [account_id])[0]
    until = last_on + ONE_DAY if last_on is not None else None
    refusals = {"payments_dunningexclusion_once_a_day": lambda: AlreadyLeftOut(context={"account": account.number})}
    with constraint_errors(refusals):
        made = DunningExclusion.objects.create(
            account=account, reason=reason.strip(), during=days_from(first_on, until), made_by=actor
        )
    changes = {"reason": made.reason, "first_on": first_on.isoformat(), "last_on": str(last_on or "")}
    record("payments.exclude_from_dunning", actor=actor, subject=account, changes=changes)
    return made


@durable
def end_dunning_exclusion(*, exclusion_id: int, today: date, actor: User | None) -> DunningExclusion:
    """
    End an exclusion: from today on the account is dunned again.

    :raises ExclusionUnsound: if it is over
    """
    row = DunningExclusion.objects.select_for_update(of=("self",)).select_related("account").get(pk=exclusion_id)
    if row.during.upper is not None and row.during.upper <= today:
        raise ExclusionUnsound
    start = date_period(row.during).start
    # One that has not begun leaves no day at all.
    row.during = days_from(start, max(today, start))
    row.save(update_fields=["during"])
    record("payments.end_dunning_exclusion", actor=actor, subject=row.account, changes={"today": today.isoformat()})
    return row


def _refuse_by_policy(one: AccountStanding, pay_until_on: date, *, today: date) -> None:
    policy = one.policy.policy if one.policy is not None else None
    last = today + timedelta(days=policy.promise_days) if policy is not None else today
    if not today <= pay_until_on <= last:
        raise PromiseDayUnsound(context={"last": last})
    given = PaymentPromise.objects.filter(account=one.account)
    if given.filter(state=PaymentPromise.State.OPEN).exists():
        raise PromiseOpen(context={"account": one.account.number})
    count = given.filter(promised_at__date__gt=today - YEAR).count()
    if policy is not None and count >= policy.promises_a_year:
        raise PromisesUsedUp(context={"account": one.account.number, "count": count})
