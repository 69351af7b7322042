"""Usage that came after the final bill of its account: held, and never on the bill of the number's next holder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from billing_site.db.sql import fetch_sql
from invoicing.models import HeldUsageDecision


@dataclass(frozen=True, slots=True)
class HeldUsage:
    """
    Calls of one line that came after its account's final bill.

    :param number: the number that the line had last
    :param bill_period: first day of the period that they were rated into
    :param ended_on: first day without the line
    :param age_days: days since then, as of the day asked for
    """

    account_id: int
    account_number: str
    name: str
    subscription_id: int
    number: str
    bill_period: date
    ended_on: date
    record_count: int
    duration_seconds: int
    amount_micro: int
    currency: str
    age_days: int


def held_usage(*, today: date, account_number: str = "") -> tuple[HeldUsage, ...]:
    """Return held usage of every account or of one, the most money first."""
    asked = {"account_number": account_number or None, "today": today}
    return tuple(HeldUsage(*row) for row in fetch_sql("invoicing", "list_held_usage", asked))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSum:
    """
    Everything held of one account, together; the amount is without tax.

    :param first_period: first day of the oldest bill period held
    :param last_period: first day of the latest
    """

    first_period: date
    last_period: date
    record_count: int
    duration_seconds: int
    amount_micro: int


def sum_held(rows: Sequence[HeldUsage]) -> HeldSum | None:
    """Return the sum of what is held of an account; ``None``: nothing is."""
    if not rows:
        return None
    return HeldSum(
        first_period=min(row.bill_period for row in rows),
        last_period=max(row.bill_period for row in rows),
        record_count=sum(row.record_count for row in rows),
        duration_seconds=sum(row.duration_seconds for row in rows),
        amount_micro=sum(row.amount_micro for row in rows),
    )


def held_decisions(*, account_id: int | None = None, state: str = "") -> QuerySet[HeldUsageDecision]:
    """Return what was decided or waits for a decision, the latest first; what is left out filters nothing."""
    found = HeldUsageDecision.objects.select_related("account__subscriber", "proposed_by", "decided_by")
    if account_id is not None:
        found = found.filter(account_id=account_id)
    return (found.filter(state=state) if state else found).order_by("-pk")
