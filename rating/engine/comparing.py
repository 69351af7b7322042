"""
Accounts priced once more, beside what is in force: what comes out differently, and what cannot be priced any more.

All records of an account's periods are priced, because what one draws from an allowance the next does not have; the
scope says which accounts count. Nothing is written here.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connection

from billing_site.core.periods import bill_period_of, midnight_of
from rating.engine.charging import Cycle, open_from_of
from rating.engine.days import to_us
from rating.engine.noted_ends import with_session_ends
from rating.engine.present import price_tables
from rating.engine.repricing import PRICED, RECORD_KEY, read_active_records, reprice
from rating.models import Rerating, UsageFile
from subscribers.models import Account
from tariffs.models import PlanVersion

ONE_DAY = timedelta(days=1)
NO_END = date(9999, 1, 1)
# What the end of a session may change besides.
COUNTED = ("duration", "volume")
_STUCK = pl.col("was_allowance_id").is_not_null() | pl.col("was_events_before").is_not_null()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """
    The whole bill periods of a cycle that are priced again.

    Accounts with allowances that roll over are priced to the end: what is left in one period is used in a later one.
    """

    cycle_id: int
    start: date
    until: date
    previous: date


@dataclass(slots=True, kw_only=True)
class Compared:
    """
    What came out for the accounts in scope.

    ``changed`` are priced records of which something is different, ``unpriced`` those without a price today;
    ``stuck`` are accounts that stay as they are, because an unpriced record had drawn from an allowance.
    ``pots`` are the pots and counters as they should be, with ``priced_from`` (days since 1970) of their cycle.
    """

    changed: pl.DataFrame
    unpriced: pl.DataFrame
    stuck: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()
    record_count: int = 0
    spans: tuple[Span, ...] = ()
    pots: list[pl.DataFrame] = field(default_factory=list)
    holders: pl.DataFrame | None = None


def spans_of(rerating: Rerating, cycles: dict[int, Cycle]) -> tuple[Span, ...]:
    """Return the periods of each cycle around the days of a re-rating."""
    found = []
    for cycle_id, cycle in sorted(cycles.items()):
        start = bill_period_of(rerating.used_from, cycle.bill_day).start
        last = bill_period_of(rerating.used_until - ONE_DAY, cycle.bill_day)
        previous = bill_period_of(start - ONE_DAY, cycle.bill_day).start
        found.append(Span(cycle_id=cycle_id, start=start, until=last.until or NO_END, previous=previous))
    return tuple(found)


def compare(
    rerating: Rerating,
    *,
    first_account: int,
    last_account: int,
    cycles: dict[int, Cycle],
    zone: ZoneInfo,
    job_id: int,
    takes_ends: bool = True,
) -> Compared:
    """
    Price the accounts of a range again that are in the scope, at the prices of their records' days.

    :param takes_ends: sessions charged by their last report are priced whole where their end came since
    """
    accounts = _accounts_of(rerating, first_account, last_account)
    spans = spans_of(rerating, cycles)
    parts = []
    for span in spans:
        mine = [account for account, cycle_id in accounts if cycle_id == span.cycle_id]
        if mine:
            parts.append(
                _compare_span(rerating, span, mine, cycles=cycles, zone=zone, job_id=job_id, takes_ends=takes_ends)
            )
    return _together(parts, spans)


def _accounts_of(rerating: Rerating, first: int, last: int) -> list[tuple[int, int]]:
    accounts = Account.objects.filter(pk__gte=first, pk__lte=last)
    if rerating.scope.get("accounts"):
        accounts = accounts.filter(pk__in=rerating.scope["accounts"])
    return list(accounts.order_by("pk").values_list("pk", "cycle_id"))


def _compare_span(
    rerating: Rerating,
    span: Span,
    accounts: list[int],
    *,
    cycles: dict[int, Cycle],
    zone: ZoneInfo,
    job_id: int,
    takes_ends: bool,
) -> Compared:
    carrying = _carrying(accounts, span)
    records = read_active_records(
        first_account=accounts[0],
        last_account=accounts[-1],
        first_at=midnight_of(span.start, zone=zone),
        until_at=midnight_of(NO_END if carrying else span.until, zone=zone),
    )
    until_us = to_us(midnight_of(span.until, zone=zone))
    records = records.filter(
        pl.col("account_id").is_in(accounts)
        & ((pl.col("start_us") < until_us) | pl.col("account_id").is_in(list(carrying)))
    )
    if records.is_empty():
        return Compared(changed=pl.DataFrame(), unpriced=pl.DataFrame())
    records = with_session_ends(records, takes_ends=takes_ends)
    repriced = reprice(
        records,
        tables=price_tables(job_id=job_id),
        cycles=cycles,
        zone=zone,
        job_id=job_id,
        anew_from=span.start,
    )
    lateness = repriced.charged.rows.select(*RECORD_KEY, "is_late")
    priced = repriced.records.join(lateness, on=RECORD_KEY, how="left", maintain_order="left")
    priced = priced.with_columns(pl.col("category").cast(pl.String))
    chosen = frozenset(_in_scope(rerating, priced)["account_id"].unique())
    priced = priced.filter(pl.col("account_id").is_in(list(chosen)))
    unpriced = priced.filter(pl.col("amount_micro").is_null())
    stuck = frozenset(unpriced.filter(_STUCK)["account_id"].unique())
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"was_{name}")) for name in (*PRICED, *COUNTED))
    is_free = ~pl.col("account_id").is_in(list(stuck))
    cycle = cycles[span.cycle_id]
    return Compared(
        changed=priced.filter(pl.col("amount_micro").is_not_null() & differs & is_free).with_columns(
            open_from=open_from_of(cycle)
        ),
        unpriced=unpriced,
        stuck=stuck,
        accounts=chosen,
        record_count=priced.height,
        pots=[repriced.charged.buckets],
        holders=_holders(priced, chosen - stuck, span, carrying),
    )


def _in_scope(rerating: Rerating, priced: pl.DataFrame) -> pl.DataFrame:
    """Return the records that a scope names, by what they were or by what they would be."""
    scope = rerating.scope
    wanted = pl.lit(value=True)
    if scope.get("plan"):
        versions = list(PlanVersion.objects.filter(plan_id=scope["plan"]).values_list("pk", flat=True))
        wanted &= _either("plan_version_id", versions)
    if scope.get("zone"):
        wanted &= _either("zone_id", [scope["zone"]])
    if scope.get("source"):
        files = list(UsageFile.objects.filter(source_id=scope["source"]).values_list("pk", flat=True))
        wanted &= pl.col("file_id").is_in(files)
    return priced.filter(wanted)


def _either(name: str, ids: Collection[int]) -> pl.Expr:
    wanted = list(ids)
    return pl.col(f"was_{name}").is_in(wanted) | pl.col(name).is_in(wanted).fill_null(value=False)


def _carrying(accounts: list[int], span: Span) -> frozenset[int]:
    """Return the accounts of which an allowance of the periods went on to a later one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT coalesce(s.account_id, b.holder_id) FROM rating_allowancebucket b"
            " LEFT JOIN subscribers_subscription s ON s.id = b.holder_id AND b.holder_kind = 'S'"
            " WHERE b.moved_units > 0 AND b.period_start >= %s AND b.period_start < %s"
            " AND ((b.holder_kind = 'A' AND b.holder_id = ANY(%s)) OR (b.holder_kind = 'S' AND b.holder_id IN"
            " (SELECT id FROM subscribers_subscription WHERE account_id = ANY(%s))))",
            [span.start, span.until, accounts, accounts],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def _holders(priced: pl.DataFrame, accounts: frozenset[int], span: Span, carrying: frozenset[int]) -> pl.DataFrame:
    """Return whose pots are counted anew, and for which days: holder, is_account, from, until and the period before."""
    mine = priced.filter(pl.col("account_id").is_in(list(accounts))).select("account_id", "subscription_id").unique()
    until = pl.when(pl.col("account_id").is_in(list(carrying))).then(pl.lit(NO_END)).otherwise(pl.lit(span.until))
    days = [
        pl.lit(span.previous).cast(pl.Int32).alias("previous"),
        pl.lit(span.start).cast(pl.Int32).alias("first"),
        until.cast(pl.Int32).alias("until"),
    ]
    lines = mine.select(*days, holder_id="subscription_id", is_account=pl.lit(value=False))
    accounts_too = (
        mine.select("account_id").unique().select(*days, holder_id="account_id", is_account=pl.lit(value=True))
    )
    return pl.concat([lines, accounts_too])


def _together(parts: list[Compared], spans: tuple[Span, ...]) -> Compared:
    full = [part for part in parts if part.record_count or part.accounts]
    if not full:
        return Compared(changed=pl.DataFrame(), unpriced=pl.DataFrame(), spans=spans)
    holders: list[Any] = [part.holders for part in full if part.holders is not None]
    return Compared(
        changed=pl.concat([part.changed for part in full]),
        unpriced=pl.concat([part.unpriced for part in full]),
        stuck=frozenset().union(*(part.stuck for part in full)),
        accounts=frozenset().union(*(part.accounts for part in full)),
        record_count=sum(part.record_count for part in full),
        spans=spans,
        pots=[pot for part in full for pot in part.pots],
        holders=pl.concat(holders),
    )
