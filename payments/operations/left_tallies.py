"""Counting the money of accounts that left: every account's credits, charges and held usage, at one moment."""

from datetime import date, datetime

from billing_site.db.transactions import durable
from payments.models import LeftTally
from payments.queries.left_money import count_left_money


@durable
def tally_left_money(*, today: date, at: datetime) -> int:
    """
    Count what waits for a decision, keep the count, and return it.

    :param at: now: as of when it is
    """
    count = count_left_money(today=today)
    LeftTally.objects.update_or_create(pk=LeftTally.THE_ONE, defaults={"waiting_count": count, "counted_at": at})
    return count
