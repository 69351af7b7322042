"""Who held a number at an instant: one at a time for people, as columns for the engine."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from billing_site.core import clock
from billing_site.db.sql import read_sql
from subscribers.models import Account, NumberAssignment, NumberRange, PastCategory, SubscriptionPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """
    Who held a number: the subscription, its account with the customer category, and the cycle in which it is billed.
    """

    number: str
    subscription_id: int
    account_id: int
    category: str
    cycle_id: int
    bill_day: int
    open_from: date


def find_holder(number: str, *, at: datetime) -> Holder | None:
    """
    Return who held a normalised number at an instant, or ``None``.

    :param number: digits with the country code
    :param at: start of the usage, with a zone
    """
    row = (
        NumberAssignment.objects.filter(number=number, during__contains=at)
        .select_related("subscription__account__cycle")
        .first()
    )
    if row is None:
        return None
    account = row.subscription.account
    return Holder(
        number=number,
        subscription_id=row.subscription_id,
        account_id=account.pk,
        category=category_on(account, on=at.astimezone(clock.operator_zone()).date()),
        cycle_id=account.cycle_id,
        bill_day=account.cycle.bill_day,
        open_from=account.cycle.open_from,
    )


def find_plan_id(*, subscription_id: int, on: date) -> int | None:
    """Return the plan that a subscription has on a day, or ``None``."""
    return (
        SubscriptionPlan.objects.filter(subscription_id=subscription_id, during__contains=on)
        .values_list("plan_id", flat=True)
        .first()
    )


def held_numbers(*, subscription_id: int) -> tuple[str, ...]:
    """Return every number that a subscription has held, the latest first."""
    rows = NumberAssignment.objects.filter(subscription_id=subscription_id).order_by("-during")
    return tuple(rows.values_list("number", flat=True))


# Ids are below this.
LAST_ID = 2**63 - 1


def holder_columns_sql(
    *, first_at: datetime, last_at: datetime, cursor: Any, first_account: int = 0, last_account: int = LAST_ID
) -> str:
    """
    Return the SELECT of holdings in force between two instants, of a range of accounts, to be copied out in bulk.

    Columns: number, from_us (microseconds since 1970, UTC; null = not after the first instant), until_us (null = open),
    subscription_id, account_id, cycle_id, category (of the account), ends_line (the subscription ends with this
    holding). In no order.
    """
    accounts = {"first_account": first_account, "last_account": last_account}
    return _filled("holder_columns", {"first_at": first_at, "last_at": last_at, **accounts}, cursor)


def plan_columns_sql(*, first_on: date, last_on: date, cursor: Any) -> str:
    """
    Return the SELECT of the plans that subscriptions have between two days, to be copied out in bulk.

    Columns: subscription_id, from_day, until_day (days since 1970; null = open), plan_id.
    """
    return _filled("plan_columns", {"first_on": first_on, "last_on": last_on}, cursor)


def past_categories_sql(*, first_account: int, last_account: int, first_on: date, last_on: date, cursor: Any) -> str:
    """
    Return the SELECT of the categories that accounts had before the present one, to be copied out in bulk.

    Columns: account_id, from_day (null = since ever), until_day (days since 1970), category.
    """
    accounts = {"first_account": first_account, "last_account": last_account}
    return _filled("past_categories", {**accounts, "first_on": first_on, "last_on": last_on}, cursor)


def category_on(account: Account, *, on: date) -> str:
    """Return the customer category that an account had on a day."""
    past = PastCategory.objects.filter(account=account, during__contains=on).values_list("category", flat=True).first()
    return past or account.category


def account_cuts(*, pieces: int) -> list[int]:
    """
    Return the accounts at which to cut so that each piece has about as many subscriptions: fewer than ``pieces``.

    Piece 0 is below the first cut, piece n from the n-th on; fewer cuts where one account has very many subscriptions.
    """
    if pieces <= 1:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT percentile_disc(%s::float[]) WITHIN GROUP (ORDER BY account_id) FROM subscribers_subscription",
            [[at / pieces for at in range(1, pieces)]],
        )
        (cuts,) = cursor.fetchone()
    return sorted(set(cuts or ()))


def test_number_ranges() -> tuple[tuple[str, str], ...]:
    """Return (first, last) of the ranges that are for test traffic."""
    return tuple(NumberRange.objects.filter(use=NumberRange.Use.TEST).values_list("first", "last"))


def _filled(name: str, parameters: dict[str, Any], cursor: Any) -> str:
    return str(cursor.mogrify(read_sql("subscribers", name), parameters).decode())
