"""Money thresholds: set by the operator or the subscriber, lifted once; every change is checked at once."""

from datetime import date, datetime, timedelta

from billing_site.audit.recording import record
from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import micro_to_decimal
from billing_site.core.periods import bill_period_of, midnight_of
from billing_site.db.ranges import instant_period, instants_from
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from billing_site.jobs.work import enqueue_on_commit
from rating.models import UsageLimit
from rating.operations.limit_checks import check_accounts
from rating.queries.limits import find_held_limit
from subscribers.models import Account, Subscription
from subscribers.operations.accounts import lock_open_account

MOMENT = timedelta(microseconds=1)


class LimitNotPositive(BillingError):
    """A limit of nothing would bar the line at once; restricting it does that."""

    default_message = gettext_noop("A limit is more than nothing. To bar a line, restrict it.")
    default_code = "LIMIT_NOT_POSITIVE"


class LimitNotHigher(BillingError):
    """Lifting gives more than what holds."""

    default_message = gettext_noop("The limit that holds is %(amount)s: lift it above that.")
    default_code = "LIMIT_NOT_HIGHER"


class NoLimitToLift(BillingError):
    """Nothing holds the subscriber back."""

    default_message = gettext_noop("No limit holds: there is nothing to lift.")
    default_code = "NO_LIMIT_TO_LIFT"


class LimitReasonMissing(BillingError):
    """Somebody will ask why."""

    default_message = gettext_noop("Say why the limit is lifted.")
    default_code = "LIMIT_REASON_MISSING"


class LineOfAnotherAccount(BillingError):
    """A line's limit belongs to its own account."""

    default_message = gettext_noop("The line is not one of account %(account)s.")
    default_code = "LINE_OF_ANOTHER_ACCOUNT"


@durable
def set_usage_limit(
    *,
    account_id: int,
    kind: str,
    amount_micro: int | None,
    at: datetime,
    actor: User | None,
    subscription_id: int | None = None,
    reason: str = "",
) -> UsageLimit | None:
    """
    Set what an account (or one of its lines) may use in a bill period, from now on; ``None`` takes the limit away.

    The lower of the operator's and the subscriber's holds. The change is checked at once: what is used already may give
    notices, bar the lines or free them.

    :param kind: ``OPERATOR`` or ``SUBSCRIBER``
    :param amount_micro: millionths of the major unit, in the account's currency
    :param at: now
    :raises AccountIsClosed: if nothing more is sold to the account
    :raises LimitNotPositive: for an amount of nothing or less
    :raises LineOfAnotherAccount: if the line is not one of the account
    """
    account = lock_open_account(account_id)
    assert kind in {UsageLimit.Kind.OPERATOR, UsageLimit.Kind.SUBSCRIBER}
    _check(account, subscription_id, amount_micro)
    before, start = _end_limit(account=account, subscription_id=subscription_id, kind=kind, at=at)
    limit = None
    if amount_micro is not None:
        limit = UsageLimit.objects.create(
            account=account,
            subscription_id=subscription_id,
            kind=kind,
            amount_micro=amount_micro,
            during=instants_from(start),
            reason=reason,
            set_by=actor,
        )
    changes = {"kind": kind, "line": subscription_id, "before": _text(before), "after": _text(amount_micro)}
    record("rating.set_usage_limit", actor=actor, subject=account, changes={**changes, "reason": reason})
    check_accounts(account_ids=[account.pk], at=start, today=_day(at))
    return limit


@durable
def lift_usage_limit(
    *,
    account_id: int,
    amount_micro: int,
    reason: str,
    at: datetime,
    actor: User | None,
    subscription_id: int | None = None,
) -> UsageLimit:
    """
    Lift the limit of an account (or of one of its lines) once: the new amount holds until its bill period ends.

    Lines that were barred for the limit are freed at once if the new one is not used up.

    :raises AccountIsClosed: if nothing more is sold to the account
    :raises LimitReasonMissing: without a reason
    :raises LineOfAnotherAccount: if the line is not one of the account
    :raises NoLimitToLift: if none holds
    :raises LimitNotHigher: if the amount is not above the limit that holds
    """
    account = lock_open_account(account_id)
    if not reason.strip():
        raise LimitReasonMissing
    _check(account, subscription_id, amount_micro)
    held = find_held_limit(account_id=account.pk, subscription_id=subscription_id, at=at)
    if held is None:
        raise NoLimitToLift
    if amount_micro <= held:
        raise LimitNotHigher(context={"amount": micro_to_decimal(held).normalize()})
    _before, start = _end_limit(account=account, subscription_id=subscription_id, kind=UsageLimit.Kind.ONCE, at=at)
    until_on = bill_period_of(_day(at), account.cycle.bill_day).until
    assert until_on is not None
    limit = UsageLimit.objects.create(
        account=account,
        subscription_id=subscription_id,
        kind=UsageLimit.Kind.ONCE,
        amount_micro=amount_micro,
        during=instants_from(start, midnight_of(until_on, zone=clock.operator_zone())),
        reason=reason.strip(),
        set_by=actor,
    )
    changes = {"line": subscription_id, "before": _text(held), "after": _text(amount_micro), "reason": reason.strip()}
    record("rating.lift_usage_limit", actor=actor, subject=account, changes={**changes, "until": until_on.isoformat()})
    check_accounts(account_ids=[account.pk], at=start, today=_day(at))
    return limit


@durable
def set_default_limit(*, category: str, amount_micro: int | None, at: datetime, actor: User | None) -> None:
    """
    Set the operator's limit of every account of a category that has none of its own; ``None`` takes it away.

    All accounts are checked soon after.

    :param category: one of ``Account.Category``
    :raises LimitNotPositive: for an amount of nothing or less
    """
    category = str(Account.Category(category))
    if amount_micro is not None and amount_micro <= 0:
        raise LimitNotPositive
    current = UsageLimit.objects.select_for_update(of=("self",)).filter(
        account=None, category=category, during__upper_inf=True
    )
    before, start = _end(current.first(), at)
    if amount_micro is not None:
        limit = UsageLimit.objects.create(
            category=category,
            kind=UsageLimit.Kind.OPERATOR,
            amount_micro=amount_micro,
            during=instants_from(start),
            set_by=actor,
        )
    elif before is not None:
        limit = before
    else:
        return
    changes = {"category": category, "before": _text(before), "after": _text(amount_micro)}
    record("rating.set_default_limit", actor=actor, subject=limit, changes=changes)
    enqueue_on_commit("rating.check_all_limits")


def _check(account: Account, subscription_id: int | None, amount_micro: int | None) -> None:
    if amount_micro is not None and amount_micro <= 0:
        raise LimitNotPositive
    if subscription_id is not None and not Subscription.objects.filter(pk=subscription_id, account=account).exists():
        raise LineOfAnotherAccount(context={"account": account.number})


def _end_limit(
    *, account: Account, subscription_id: int | None, kind: str, at: datetime
) -> tuple[UsageLimit | None, datetime]:
    """End the limit of a kind that is in force; return it, and when its successor may begin."""
    limits = UsageLimit.objects.filter(account=account, subscription=subscription_id, kind=kind)
    latest = limits.filter(during__endswith__gt=at) | limits.filter(during__upper_inf=True)
    return _end(latest.order_by("-during").first(), at)


def _end(current: UsageLimit | None, at: datetime) -> tuple[UsageLimit | None, datetime]:
    if current is None:
        return None, at
    begun = instant_period(current.during).start
    start = max(at, begun + MOMENT)
    current.during = instants_from(begun, start)
    current.save(update_fields=["during"])
    return current, start


def _day(at: datetime) -> date:
    return at.astimezone(clock.operator_zone()).date()


def _text(amount: UsageLimit | int | None) -> str:
    """Write an amount for the journal."""
    micro = amount.amount_micro if isinstance(amount, UsageLimit) else amount
    return "" if micro is None else f"{micro_to_decimal(micro):f}"
