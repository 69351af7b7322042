"""Many accounts and lines at once: the same checks as one by one, a few statements for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import midnight_of
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import days_from, instants_from
from billing_site.db.transactions import durable, lock_rows
from billing_site.identity.models import User
from subscribers.models import (
    Account,
    NumberAssignment,
    NumberHold,
    PhoneNumber,
    Subscriber,
    Subscription,
    SubscriptionPlan,
)
from subscribers.operations.accounts import AccountIsClosed, write_accounts
from subscribers.operations.numbers import ONE_HOLDER, NumberAlreadyTaken, NumberNotOurs
from subscribers.operations.subscribers import new_subscriber
from subscribers.operations.subscriptions import check_for_sale
from subscribers.queries.numbers import ranges_for
from tariffs.models import Plan

BATCH = 2000
MAX_ROWS = 100_000


class TooManyRows(BillingError):
    """More than one transaction should hold."""

    default_message = gettext_noop("At most %(most)s rows are loaded at once; these are %(count)s.")
    default_code = "TOO_MANY_ROWS"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """A subscriber with an account."""

    kind: str
    name: str
    language: str
    centre_id: int
    cycle_id: int
    opened_on: date
    category: str = "HOME"
    address: str = ""
    email: str = ""
    post_code: str = ""
    route: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubscription:
    """A line of an account, in service from a day on."""

    account_id: int
    plan_id: int
    active_from: date
    number: str | None = None
    address: str = ""


@durable
def open_accounts_in_bulk(*, accounts: Sequence[NewAccount], actor: User | None) -> list[Account]:
    """
    Create subscribers, each with one account, and return the accounts in the given order.

    :raises TooManyRows: for more than 100,000
    :raises NameUnsound: if a name is empty or too long
    """
    _check_count(len(accounts))
    subscribers = [
        new_subscriber(kind=new.kind, name=new.name, language=new.language, email=new.email) for new in accounts
    ]
    Subscriber.objects.bulk_create(subscribers, batch_size=BATCH)
    rows = [
        Account(
            subscriber=subscriber,
            centre_id=new.centre_id,
            cycle_id=new.cycle_id,
            category=new.category,
            address=new.address,
            post_code=new.post_code,
            route=new.route,
            opened_on=new.opened_on,
        )
        for subscriber, new in zip(subscribers, accounts, strict=True)
    ]
    write_accounts(rows)
    if rows:
        changes = {"count": len(rows), "first": rows[0].number, "last": rows[-1].number}
        record("subscribers.open_accounts_in_bulk", actor=actor, subject=rows[0], changes=changes)
    return rows


@durable
def activate_subscriptions_in_bulk(
    *, lines: Sequence[NewSubscription], at: datetime, actor: User | None
) -> list[Subscription]:
    """
    Put lines in service and return them in the given order: all of them, or none.

    :param at: now; promises of numbers that have run out do not count
    :raises TooManyRows: for more than 100,000
    :raises AccountIsClosed: if nothing more is sold to one of the accounts
    :raises PlanNotForSale: if a plan has no published version on the first day of a line
    :raises NumberNotOurs: if a number is in no range that the person sees
    :raises NumberAlreadyTaken: if a number is assigned, resting, promised or named twice
    """
    _check_count(len(lines))
    for account in lock_rows(Account.objects.all(), {line.account_id for line in lines}):
        if account.is_closed:
            raise AccountIsClosed(context={"account": account.number, "day": account.closed_on})
    plans = Plan.objects.in_bulk({line.plan_id for line in lines})
    for plan_id, day in {(line.plan_id, line.active_from) for line in lines}:
        check_for_sale(plan=plans[plan_id], on=day)
    numbers = [line.number for line in lines if line.number is not None]
    _lock_free(numbers, at=at, actor=actor)
    rows = _write_lines(lines, plans)
    _assign(lines, rows, numbers)
    if rows:
        record("subscribers.activate_subscriptions_in_bulk", actor=actor, subject=rows[0], changes={"count": len(rows)})
    return rows


def _write_lines(lines: Sequence[NewSubscription], plans: dict[int, Plan]) -> list[Subscription]:
    rows = [
        Subscription(
            account_id=line.account_id,
            kind=plans[line.plan_id].kind,
            state=Subscription.State.ACTIVE,
            address=line.address,
            active_from=line.active_from,
        )
        for line in lines
    ]
    Subscription.objects.bulk_create(rows, batch_size=BATCH)
    held = [
        SubscriptionPlan(subscription=row, plan_id=line.plan_id, during=days_from(line.active_from))
        for row, line in zip(rows, lines, strict=True)
    ]
    SubscriptionPlan.objects.bulk_create(held, batch_size=BATCH)
    return rows


def _assign(lines: Sequence[NewSubscription], rows: Sequence[Subscription], numbers: Sequence[str]) -> None:
    zone = clock.operator_zone()
    assignments = [
        NumberAssignment(
            number=line.number, subscription=row, during=instants_from(midnight_of(line.active_from, zone=zone))
        )
        for row, line in zip(rows, lines, strict=True)
        if line.number is not None
    ]
    taken = {ONE_HOLDER: lambda: NumberAlreadyTaken("Some number is already taken.")}
    with constraint_errors(taken):
        NumberAssignment.objects.bulk_create(assignments, batch_size=BATCH)
    PhoneNumber.objects.filter(number__in=numbers).update(state=PhoneNumber.State.ASSIGNED)
    NumberHold.objects.filter(number__number__in=numbers).delete()


def _lock_free(numbers: Sequence[str], *, at: datetime, actor: User | None) -> None:
    """Lock numbers of the stock in order; refuse the batch by the first one that cannot be given out."""
    visible = PhoneNumber.objects.filter(number__in=numbers, range__in=ranges_for(actor))
    rows = {row.number: row for row in visible.order_by("pk").select_for_update(of=("self",), no_key=True)}
    held = NumberHold.objects.filter(number__in=[row.pk for row in rows.values()], held_until__gt=at)
    promised = set((held.exclude(held_by=actor) if actor is not None else held).values_list("number_id", flat=True))
    seen: set[str] = set()
    for number in numbers:
        if number not in rows:
            raise NumberNotOurs(context={"number": number})
        row = rows[number]
        if row.state != PhoneNumber.State.FREE or row.pk in promised or number in seen:
            raise NumberAlreadyTaken(context={"number": number})
        seen.add(number)


def _check_count(count: int) -> None:
    if count > MAX_ROWS:
        raise TooManyRows(context={"most": MAX_ROWS, "count": count})
