"""Usage that came after the final bill of its account: held, and never on the bill of the number's next holder."""

from dataclasses import dataclass
from datetime import date

from billing_site.db.sql import fetch_sql

# The place of ``ended_on`` in a row.
HELD_SINCE = 6


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
    rows = fetch_sql("invoicing", "list_held_usage", {"account_number": account_number or None})
    return tuple(HeldUsage(*[*row, (today - row[HELD_SINCE]).days]) for row in rows)
