"""Money of accounts that left: nobody bills them any more, so somebody decides what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from billing_site.core.clock import operator_zone
from billing_site.core.money import currency_digits, micro_per_minor
from billing_site.db.sql import fetch_sql
from invoicing.queries.held_usage import held_usage
from invoicing.queries.left_charges import left_charges
from payments.models import LeftTally

CREDIT, HELD = "CREDIT", "HELD"
# Counted every quarter of an hour; older, nobody counts.
TALLY_HOLDS = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftMoney:
    """
    Money of one kind of an account that left.

    :param kind: ``CREDIT`` (in its favour in the books), ``HELD`` (usage), or that of ``LeftCharge``
    :param ended_on: first day without its lines
    :param amount_micro: a credit: what it may get back; others: what is to be charged, without tax
    :param asked_micro: of a credit: what of it is asked back already
    """

    kind: str
    account_id: int
    account_number: str
    name: str
    currency: str
    ended_on: date
    age_days: int
    amount_micro: int
    asked_micro: int = 0


def left_money(*, today: date, account_number: str = "", kind: str = "") -> Sequence[LeftMoney]:
    """Return money of accounts that left, of all of them or of one, who left first at the front."""
    rows = [*_credits(today), *_charges(today), *_held(today)]
    asked = [row for row in rows if account_number in {"", row.account_number} and kind in {"", row.kind}]
    return sorted(asked, key=lambda row: (row.ended_on, row.account_id, row.kind))


def count_left_money(*, today: date) -> int:
    """Return how many rows wait for a decision: a credit that is asked back whole is decided."""
    return sum(row.asked_micro < row.amount_micro or row.kind != CREDIT for row in left_money(today=today))


def last_left_count(*, at: datetime) -> int:
    """Return how many rows waited when they were counted last; they are counted now where that was too long ago."""
    last = LeftTally.objects.filter(counted_at__gte=at - TALLY_HOLDS, counted_at__lte=at).first()
    return last.waiting_count if last is not None else count_left_money(today=at.astimezone(operator_zone()).date())


def _credits(today: date) -> list[LeftMoney]:
    found = []
    for account_id, number, name, currency, ended_on, credit, asked in fetch_sql("payments", "list_left_credits"):
        unit = micro_per_minor(digits=currency_digits(currency))
        found.append(
            LeftMoney(
                kind=CREDIT,
                account_id=account_id,
                account_number=number,
                name=name,
                currency=currency,
                ended_on=ended_on,
                age_days=(today - ended_on).days,
                amount_micro=credit * unit,
                asked_micro=asked * unit,
            )
        )
    return found


def _charges(today: date) -> list[LeftMoney]:
    return [
        LeftMoney(
            kind=one.kind,
            account_id=one.account_id,
            account_number=one.account_number,
            name=one.name,
            currency=one.currency,
            ended_on=one.ended_on,
            age_days=(today - one.ended_on).days,
            amount_micro=one.amount_micro,
        )
        for one in left_charges()
    ]


def _held(today: date) -> list[LeftMoney]:
    found: dict[int, LeftMoney] = {}
    for row in held_usage(today=today):
        before = found.get(row.account_id)
        found[row.account_id] = LeftMoney(
            kind=HELD,
            account_id=row.account_id,
            account_number=row.account_number,
            name=row.name,
            currency=row.currency,
            ended_on=row.ended_on,
            age_days=row.age_days,
            amount_micro=row.amount_micro + (before.amount_micro if before else 0),
        )
    return list(found.values())
