"""What waits for the next bill of an account that had its final bill: no ordinary run makes it one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from billing_site.db.sql import fetch_sql
from invoicing.models import FinalBill, Invoice
from subscribers.models import Account

FREED = "FREED"


@dataclass(frozen=True, slots=True)
class LeftCharge:
    """
    What waits, of one kind.

    :param kind: ``CARRIED`` (paid for others, or given back of it), ``CHARGE`` (entered), ``CORRECTION`` (of usage),
        ``FREED`` (on a bill that was taken back; billed anew at what is right by now)
    :param ended_on: first day without the account's lines
    :param amount_micro: without tax; below zero it is given back
    """

    account_id: int
    account_number: str
    name: str
    currency: str
    ended_on: date
    kind: str
    amount_micro: int
    count: int


def left_charges(*, account_number: str = "") -> tuple[LeftCharge, ...]:
    """Return what waits of every account that had its final bill, or of one; who left first comes first."""
    asked = {"account_number": account_number or None}
    return tuple(LeftCharge(*row) for row in fetch_sql("invoicing", "list_left_charges", asked))


def waiting_micro(left: Sequence[LeftCharge]) -> int:
    """Return what charges of one account come to, in millionths without tax; below zero it is given back."""
    return sum(one.amount_micro for one in left)


def first_open_day(*, final: FinalBill) -> date:
    """Return the first day after all that an account was billed, its final bill and extra ones included."""
    bills = Invoice.objects.filter(account_id=final.account_id).exclude(state=Invoice.State.CANCELLED)
    billed: date | None = bills.aggregate(until=Max("period_until"))["until"]
    return max(final.open_from, billed or final.open_from)


def freed_from(*, account: Account, before: date) -> date:
    """Return the first day of the oldest period that a bill taken back has freed and none charges; else ``before``."""
    one = {"cycle": account.cycle_id, "lo": account.pk, "hi": account.pk, "only": None, "start": before}
    return min((first for _account, first in fetch_sql("invoicing", "read_freed", one)), default=before)
