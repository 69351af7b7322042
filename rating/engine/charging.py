"""Calls with their owners become rated rows: periods, plans, zones, allowances, prices; or a reason why not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from billing_site.core.periods import bill_period_of
from rating.domain.allowances import AllowedCharge, Holder, PotKey, Pots, charge_with_allowances
from rating.domain.pricing import NoPrice
from rating.engine.buckets import BUCKET_SCHEMA, Buckets, bucket_row, bulk_pots
from rating.engine.crossings import price_crossings
from rating.engine.days import day_number, day_of, from_us, local_days
from rating.engine.pricing import (
    PAIRS,
    SECOND_US,
    SECONDS_CODE,
    UNITS,
    PriceTables,
    add_places,
    add_rates,
    add_variants,
    add_windows,
    amounts,
    billed_units,
    is_one_multiplication,
    place_of,
    quantities,
)
from rating.engine.reference import dated_categories, match_plans
from rating.engine.relations import related_zones
from rating.engine.zones import zones_of

_ROW_COLUMNS: dict[str, Any] = {
    "subscription_id": pl.Int64,
    "start_us": pl.Int64,
    "key": pl.Int64,
    "account_id": pl.Int64,
    "file_id": pl.Int64,
    "line": pl.Int32,
    "calling": pl.String,
    "called": pl.String,
    "duration": pl.Int64,
    "service": pl.Int8,
    "volume": pl.Int64,
    "third_party_micro": pl.Int64,
    "zone_id": pl.Int64,
    "bill_item_id": pl.Int64,
    "plan_version_id": pl.Int64,
    "rate_id": pl.Int64,
    "charged_units": pl.Int64,
    "allowance_id": pl.Int64,
    "allowance_units": pl.Int64,
    "units_before": pl.Int64,
    "events_before": pl.Int64,
    "unit_price_micro": pl.Int64,
    "amount_micro": pl.Int64,
    "bill_period": pl.Int32,
    "is_late": pl.Boolean,
    # For the traffic of the day.
    "trunk_in": pl.Categorical(),
    "trunk_out": pl.Categorical(),
    "category": pl.Categorical(),
}
ROW_SCHEMA = pl.Schema(_ROW_COLUMNS)
ORDER = ("start_us", "file_id", "line")
# What pricing needs of a line; everything else stays behind.
CALL = (
    *("calling", "called", "duration", "answered", "service", "volume", "third_party_micro", "trunk_in", "trunk_out"),
    *("key", "subscription_id", "account_id", "cycle_id", "category"),
    *ORDER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """A bill cycle, as it stands while its row is held."""

    bill_day: int
    open_from: date
    # Accounts that are cut later than the cycle, with the first day that is open for them.
    cuts: Mapping[int, date] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Charged:
    """The rated rows of a spool, the calls that could not be priced, and the allowances after them."""

    rows: pl.DataFrame
    unpriced: pl.DataFrame
    buckets: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BUCKET_SCHEMA))


def open_from_of(cycle: Cycle) -> pl.Expr:
    """Return the first day that is open for each account of a cycle, as days since 1970."""
    first = day_number(cycle.open_from)
    if not cycle.cuts:
        return pl.lit(first, dtype=pl.Int32)
    cuts = {account: day_number(day) for account, day in cycle.cuts.items()}
    return pl.col("account_id").replace_strict(cuts, default=first, return_dtype=pl.Int32)


def charge_calls(
    lines: pl.DataFrame,
    *,
    tables: PriceTables,
    cycles: dict[int, Cycle],
    zone: ZoneInfo,
    job_id: int,
    anew_from: date | None = None,
) -> Charged:
    """
    Price every call of a spool.

    :param lines: with owners, each call once
    :param cycles: by id, read FOR SHARE
    :param anew_from: allowances and counters of periods from this day on begin untouched: the lines are all that drew
        from them
    """
    if lines.is_empty():
        return Charged(rows=pl.DataFrame(schema=ROW_SCHEMA), unpriced=lines)
    calls = lines.select(*CALL, local_days(lines["start_us"], zone=zone)).with_row_index("at")
    calls = _with_periods(match_plans(dated_categories(calls), job_id=job_id), cycles)
    calls = add_variants(calls, tables)
    calls = calls.with_columns(zones_of(calls, book=tables.book))
    calls = _with_bill_items(related_zones(calls, tables=tables, job_id=job_id), tables)
    calls = calls.with_columns(
        reason=pl.when(pl.col("plan_version_id").is_null())
        .then(pl.lit("NO_PLAN"))
        .when(pl.col("zone_id").is_null())
        .then(pl.lit("NO_ZONE"))
        .when(pl.col("bill_item_id").is_null())
        .then(pl.lit("NO_BILL_ITEM")),
    )
    is_clear = calls["reason"].null_count() == calls.height
    priced = calls if is_clear else calls.filter(pl.col("reason").is_null())
    charged = _charge(priced.drop("reason"), tables, anew_from=anew_from)
    refused = pl.concat([calls.filter(pl.col("reason").is_not_null()).select("at", "reason"), charged.unpriced])
    unpriced = lines[refused["at"]].with_columns(refused["reason"], field=pl.lit("called"), value=pl.col("called"))
    return Charged(rows=charged.rows, unpriced=unpriced, buckets=charged.buckets)


def _with_bill_items(calls: pl.DataFrame, tables: PriceTables) -> pl.DataFrame:
    """Add the bill item that each call goes into on its day; null where its category has none then."""
    if not tables.dated_items:
        items = pl.DataFrame(
            {"zone_id": list(tables.bill_items), "bill_item_id": list(tables.bill_items.values())},
            schema={"zone_id": pl.Int64, "bill_item_id": pl.Int64},
        )
        return calls.join(items, on="zone_id", how="left")
    dated = pl.DataFrame(
        [
            (item.zone_id, day_number(item.from_on), day_number(item.until_on or date.max), item.bill_item_id)
            for item in tables.dated_items
        ],
        schema={"zone_id": pl.Int64, "day": pl.Int32, "item_until": pl.Int32, "bill_item_id": pl.Int64},
        orient="row",
    )
    found = calls.sort("day").join_asof(dated.sort("day"), on="day", by="zone_id", strategy="backward").sort("at")
    is_over = pl.col("day") >= pl.col("item_until")
    return found.with_columns(bill_item_id=pl.when(is_over).then(None).otherwise(pl.col("bill_item_id"))).drop(
        "item_until"
    )


def _with_periods(calls: pl.DataFrame, cycles: dict[int, Cycle]) -> pl.DataFrame:
    """
    Add the period of the start and the one before, for allowances, and the period in which the call is billed: not
    one that is cut already.
    """
    calls = calls.with_columns(pair=pl.col("cycle_id").cast(pl.Int64) * PAIRS + pl.col("day"))
    rows = []
    for pair in calls["pair"].unique():
        cycle = cycles[pair // PAIRS]
        start = bill_period_of(day_of(pair % PAIRS), cycle.bill_day).start
        before = bill_period_of(start - timedelta(days=1), cycle.bill_day).start
        rows.append((pair, *(day_number(day) for day in (start, before, max(start, cycle.open_from)))))
    names = ("period_start", "previous_start", "bill_period")
    schema: dict[str, Any] = {"pair": pl.Int64, **dict.fromkeys(names, pl.Int32)}
    known = pl.DataFrame(rows, schema=schema, orient="row")
    return _with_cuts(calls.join(known, on="pair", how="left").drop("pair"), cycles)


def _with_cuts(calls: pl.DataFrame, cycles: dict[int, Cycle]) -> pl.DataFrame:
    """Bill calls of accounts that had their final bill in a period after it: few accounts have a cut of their own."""
    cuts = [(account, day_number(day)) for cycle in cycles.values() for account, day in cycle.cuts.items()]
    if not cuts:
        return calls
    own = pl.DataFrame(cuts, schema={"account_id": pl.Int64, "cut": pl.Int32}, orient="row")
    own = own.with_columns(pl.col("account_id").cast(calls.schema["account_id"]))
    cut = calls.join(own, on="account_id", how="left", maintain_order="left")
    return cut.with_columns(bill_period=pl.max_horizontal("bill_period", "cut")).drop("cut")


def _charge(calls: pl.DataFrame, tables: PriceTables, *, anew_from: date | None) -> Charged:
    """Price calls that have a plan, a zone and a bill item; what cannot be priced comes back as (at, reason)."""
    calls = calls.with_columns(place_of())
    tables.meet(calls["place"])
    calls = add_places(calls, tables).with_columns(quantities())
    holders = calls.select("has_allowance", "subscription_id", "account_id", "period_start", "previous_start")
    buckets = Buckets.read(holders.filter("has_allowance"), anew_from=anew_from)
    # Where columns cannot tell who draws what, all that the account draws is left to the core, in order of time.
    complicated = calls.filter(pl.col("is_complex"))["account_id"].unique()
    is_complicated = pl.col("has_allowance") & pl.col("account_id").is_in(complicated.implode())
    by_core = calls.clear() if complicated.is_empty() else calls.filter(is_complicated)
    calls = bulk_pots(calls if by_core.is_empty() else calls.filter(~is_complicated), buckets)
    calls = calls.with_columns(
        charged=pl.col("quantity") - pl.col("drawn"),
        rest_us=pl.col("start_us") + pl.when(pl.col("unit") == SECONDS_CODE).then("drawn").otherwise(0) * SECOND_US,
    )
    calls = add_rates(add_windows(calls, tables, at="rest_us"), tables)
    calls = calls.with_columns(is_one=is_one_multiplication())
    others = price_crossings(calls.filter(~pl.col("is_one")), tables)
    charged_units = pl.when(pl.col("charged") > 0).then(billed_units()).otherwise(0).alias("charged_units")
    one = calls.lazy().filter("is_one").with_columns(amounts(), charged_units)
    rows = [_rows(one), _rows(others.lazy().filter("is_priced"))]
    core = _Core(tables=tables)
    core = _Core(tables=tables)
    core.charge_alone(others.filter(~pl.col("is_priced")))
    core.charge_in_order(by_core, buckets)
    return Charged(
        rows=pl.concat([*rows, core.frame()]),
        unpriced=core.unpriced(),
        buckets=pl.concat([buckets.after_bulk(calls), core.buckets()]),
    )


def _rows(priced: pl.LazyFrame) -> pl.DataFrame:
    """Return calls with their amount and charged units as rated rows; planned as one: only these columns are copied."""
    return (
        priced.with_columns(
            allowance_id=pl.when(pl.col("drawn") > 0).then("pot_allowance"),
            allowance_units=pl.col("drawn"),
            units_before=pl.lit(None, dtype=pl.Int64),
            events_before=pl.lit(None, dtype=pl.Int64),
            # What is free has no rule of the plan.
            rate_id=pl.when(~pl.col("is_free")).then("rate_id"),
            unit_price_micro=pl.when(~pl.col("is_free")).then("unit_price_micro").fill_null(0),
            is_late=_is_late(),
        )
        .select(ROW_SCHEMA.keys())
        .cast(ROW_SCHEMA)
        .collect()
    )


def _is_late() -> pl.Expr:
    return (pl.col("bill_period") > pl.col("period_start")) | (
        pl.col("has_allowance") & (pl.col("start_us") < pl.col("last_us")).fill_null(value=False)
    )


class _Core:
    """Hands calls to the core, one by one, and gathers its rows."""

    def __init__(self, *, tables: PriceTables) -> None:
        self._tables = tables
        self._rows: list[tuple[Any, ...]] = []
        self._refused: list[tuple[int, str]] = []
        self._buckets: list[tuple[Any, ...]] = []

    def charge_alone(self, calls: pl.DataFrame) -> None:
        """Price calls whose draw from their pot is known already."""
        for call in calls.with_columns(late=_is_late()).iter_rows(named=True):
            pots = Pots()
            if call["pot_allowance"] is not None:
                pots = Pots({_pot(call, _holder(call)): call["drawn"]})
            self._charge(call, pots)

    def charge_in_order(self, calls: pl.DataFrame, buckets: Buckets) -> None:
        """Price calls that draw from one another's pots and move their counters, in order of time, file and line."""
        if calls.is_empty():
            return
        known = buckets.states()
        pots = Pots(states=known)
        last: dict[PotKey, int] = {}
        for call in calls.sort(ORDER).iter_rows(named=True):
            holder = _holder(call)
            before = [buckets.last_us(holder.pot_of(allowance)) for allowance in self._plan(call).allowances]
            is_before = any(us is not None and call["start_us"] < us for us in before)
            call["late"] = is_before or call["bill_period"] > call["period_start"]
            allowed = self._charge(call, pots)
            for pot in _touched(allowed, holder) if allowed else ():
                last[pot] = call["start_us"]
        for pot, state in pots.changed_states().items():
            ends = [us for us in (last.get(pot), buckets.last_us(pot)) if us is not None]
            self._buckets.append(bucket_row(pot, state, last_us=max(ends, default=None), is_known=pot in known))

    def frame(self) -> pl.DataFrame:
        """Return the core's rows."""
        return pl.DataFrame(self._rows, schema=ROW_SCHEMA, orient="row")

    def buckets(self) -> pl.DataFrame:
        """Return the pots that the core drew from, as they are afterwards."""
        return pl.DataFrame(self._buckets, schema=BUCKET_SCHEMA, orient="row")

    def unpriced(self) -> pl.DataFrame:
        """Return which calls the core refused to price."""
        return pl.DataFrame(self._refused, schema={"at": pl.get_index_type(), "reason": pl.String}, orient="row")

    def _charge(self, call: dict[str, Any], pots: Pots) -> AllowedCharge | None:
        try:
            allowed = charge_with_allowances(
                prices=self._plan(call),
                zone_id=call["zone_id"],
                unit=UNITS[call["unit"]],
                started_at=from_us(call["start_us"]),
                quantity=call["quantity"],
                holder=_holder(call),
                pots=pots,
            )
        except NoPrice as refusal:
            self._refused.append((call["at"], refusal.code))
            return None
        self._rows.append(_core_row(call, allowed, self._tables))
        return allowed

    def _plan(self, call: dict[str, Any]) -> Any:
        return self._tables.variants[call["variant"]]


def _holder(call: dict[str, Any]) -> Holder:
    had_plan = call["plan_from"] is not None and call["plan_from"] <= call["previous_start"]
    return Holder(
        subscription_id=call["subscription_id"],
        account_id=call["account_id"],
        period_start=day_of(call["period_start"]),
        previous_start=day_of(call["previous_start"]) if had_plan else None,
    )


def _touched(allowed: AllowedCharge, holder: Holder) -> Iterator[PotKey]:
    """Yield the pots that a call drew from, and the counter that it moved."""
    yield from (use.pot for use in allowed.uses)
    if allowed.charge.period is not None:
        yield holder.counter_of(allowed.charge.period.counter_id)


def _pot(call: dict[str, Any], holder: Holder) -> PotKey:
    shared = bool(call["pot_shared"])
    owner = holder.account_id if shared else holder.subscription_id
    return PotKey(call["pot_allowance"], shared, owner, holder.period_start)


def _core_row(call: dict[str, Any], allowed: AllowedCharge, tables: PriceTables) -> tuple[Any, ...]:
    charge = allowed.charge
    known = (call[name] for name in ("subscription_id", "start_us", "key", "account_id", "file_id", "line"))
    used = allowed.uses[0].allowance_id if allowed.uses else None
    return (
        *known,
        *(call[name] for name in ("calling", "called", "duration", "service", "volume", "third_party_micro")),
        *(call[name] for name in ("zone_id", "bill_item_id", "plan_version_id")),
        charge.rate_id,
        charge.billed_units,
        used,
        allowed.allowance_units,
        *((None, None) if charge.period is None else charge.period.before),
        tables.unit_price_micro(charge.rate_id),
        allowed.amount_micro,
        call["bill_period"],
        call["late"],
        *(call[name] for name in ("trunk_in", "trunk_out", "category")),
    )
