"""Orders that come after the day by which a bill says it is debited: whoever trusted the paper is told the new day."""

from dataclasses import dataclass
from datetime import date

from billing_site.db.sql import fetch_sql


@dataclass(frozen=True, slots=True)
class LateDebit:
    """
    An order that comes later than a bill in it says; in minor units.

    :param promised_on: the day by which the bill says it is debited, the first one of several
    """

    item_id: int
    account_id: int
    account_number: str
    amount_minor: int
    collect_on: date
    promised_on: date


def late_debits(batch_id: int) -> tuple[LateDebit, ...]:
    """Return the orders of a batch that come too late for their bills' words, in the order of the batch."""
    return tuple(LateDebit(*row) for row in fetch_sql("payments", "list_late_debits", {"batch": batch_id}))
