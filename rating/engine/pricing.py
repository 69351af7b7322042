"""
Prices in bulk: what is one multiplication of whole increments is done by column, every other record is handed to the
core.

The arithmetic of one multiplication repeats ``rating.domain.pricing`` for a rate without steps, cap, minimum and
surcharge inside one window; a differential
test holds the two together.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from billing_site.core.money import MICRO_PLACES, RoundingMode
from billing_site.core.quantities import Unit
from rating.engine.days import day_of, to_us
from tariffs.domain.allowances import AllowanceUnit
from tariffs.domain.price_book import PlanPrices, PriceBook
from tariffs.domain.rates import Rate
from tariffs.domain.windows import SEARCH_DAYS, WindowScheme

SECOND_US = 1_000_000
DAY_US = 86_400_000_000
NO_WINDOW = -1
KEPT_STARTS = 1_000
FAR = 1 << 62
# Prices beyond this leave room for no multiplication in 64 bits; the core has no such bound.
LARGEST_PRICE_MICRO = 10**12

GRID_SCHEMA: dict[str, Any] = {
    "plan_version_id": pl.Int64,
    "zone_id": pl.Int64,
    "window": pl.Int16,
    "rate_id": pl.Int64,
    "is_simple": pl.Boolean,
    "fee": pl.Int64,
    "price": pl.Int64,
    "per": pl.Int64,
    "increment": pl.Int64,
    "unit": pl.Int64,
    "rounds_up": pl.Boolean,
    "unit_price_micro": pl.Int64,
}
ALLOWANCE_SCHEMA: dict[str, Any] = {
    "plan_version_id": pl.Int64,
    "zone_id": pl.Int64,
    "is_complex": pl.Boolean,
    "has_allowance": pl.Boolean,
    "pot_allowance": pl.Int64,
    "pot_quantity": pl.Int64,
    "pot_shared": pl.Boolean,
}


@dataclass(slots=True, kw_only=True)
class PriceTables:
    """A price book and what is looked up in it by column; kept by a worker for the length of a run."""

    book: PriceBook
    bill_items: dict[int, int | None]
    versions: dict[int, PlanPrices]
    rates: dict[int, Rate]
    # Found once for each pair that occurs, then kept: a pair comes back in every spool.
    grid: dict[tuple[int, int], list[tuple[Any, ...]]] = field(default_factory=dict)
    drawn_from: dict[tuple[int, int], tuple[Any, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, book: PriceBook, bill_items: dict[int, int | None]) -> "PriceTables":
        """Index a price book."""
        versions = {plan.plan_version_id: plan for plan in book.plans}
        rates = {rate.rate_id: rate for plan in book.plans for rate in plan.rates.values()}
        return cls(book=book, bill_items=bill_items, versions=versions, rates=rates)

    def unit_price_micro(self, rate_id: int | None) -> int:
        """Return the price of a rate's first step, 0 where no rate was found."""
        return 0 if rate_id is None else self.rates[rate_id].steps[0].price_micro


def add_plan_versions(calls: pl.DataFrame, tables: PriceTables) -> pl.DataFrame:
    """Add plan_version_id: that of the plan on the local day of the start, null where there is none."""
    pairs = calls.select("plan_id", "day").unique().drop_nulls()
    found = [tables.book.plan_on(plan_id=plan_id, on=day_of(day)) for plan_id, day in pairs.iter_rows()]
    versions = pl.Series([None if plan is None else plan.plan_version_id for plan in found], dtype=pl.Int64)
    return calls.join(
        pairs.with_columns(plan_version_id=versions), on=["plan_id", "day"], how="left", maintain_order="left"
    )


def add_windows(calls: pl.DataFrame, tables: PriceTables, *, at: str, prefix: str = "") -> pl.DataFrame:
    """
    Add the window that holds at an instant and the instant at which the next one begins.

    :param at: column of microseconds
    :param prefix: of the added columns ``window`` (-1 = none) and ``next_us``
    """
    parts = []
    for (version_id,), group in calls.partition_by("plan_version_id", as_dict=True).items():
        parts.append(group.with_columns(*_windows(group[at], tables.versions[int(version_id)].scheme, prefix)))
    if not parts:
        return calls.with_columns(
            pl.lit(NO_WINDOW, dtype=pl.Int16).alias(f"{prefix}window"),
            pl.lit(FAR, dtype=pl.Int64).alias(f"{prefix}next_us"),
        )
    return pl.concat(parts)


def _windows(instants: pl.Series, scheme: WindowScheme, prefix: str) -> tuple[pl.Series, pl.Series]:
    starts, positions = _starts(scheme, instants)
    names = (f"{prefix}window", f"{prefix}next_us")
    found = starts.search_sorted(instants, side="right").cast(pl.Int64)
    # One entry before the first start and one after the last: no window, and no next one.
    window = pl.concat([pl.Series([NO_WINDOW], dtype=pl.Int16), positions]).gather(found)
    upcoming = pl.concat([starts, pl.Series([FAR], dtype=pl.Int64)]).gather(found)
    return window.alias(names[0]), upcoming.alias(names[1])


# The scheme is kept beside what was found for it: an id alone may be given to another one.
_known_starts: dict[tuple[int, date, date], tuple[WindowScheme, pl.Series, pl.Series]] = {}


def _starts(scheme: WindowScheme, instants: pl.Series) -> tuple[pl.Series, pl.Series]:
    """
    Return every start of a window from long before the first instant to long after the last, and which window it is.
    """
    lowest, highest = instants.min(), instants.max()
    assert isinstance(lowest, int)
    assert isinstance(highest, int)
    first = day_of(lowest // DAY_US) - timedelta(days=SEARCH_DAYS)
    last = day_of(highest // DAY_US) + timedelta(days=SEARCH_DAYS)
    key = (id(scheme), first, last)
    known = _known_starts.get(key)
    if known is None or known[0] is not scheme:
        days = (first + timedelta(days=at) for at in range((last - first).days + 1))
        found = [(to_us(moment), window) for day in days for moment, window in scheme.starts_on(day)]
        known = (
            scheme,
            pl.Series([us for us, _ in found], dtype=pl.Int64),
            pl.Series([window for _, window in found], dtype=pl.Int16),
        )
        if len(_known_starts) > KEPT_STARTS:
            _known_starts.clear()
        _known_starts[key] = known
    return known[1], known[2]


def rate_grid(calls: pl.DataFrame, tables: PriceTables) -> pl.DataFrame:
    """Return the rate of every (plan version, zone, window) in which the calls' pairs can be priced."""
    rows = []
    for pair in calls.select("plan_version_id", "zone_id").unique().iter_rows():
        if pair not in tables.grid:
            tables.grid[pair] = _grid_rows(tables.versions[pair[0]], pair[1])
        rows += tables.grid[pair]
    return pl.DataFrame(rows, schema=GRID_SCHEMA, orient="row")


def _grid_rows(plan: PlanPrices, zone_id: int) -> list[tuple[Any, ...]]:
    rows = []
    for window in (None, *range(len(plan.scheme.windows))):
        rate = plan.rate_for(zone_id=zone_id, window=window)
        if rate is not None:
            step = rate.steps[0]
            is_simple = (
                rate.is_one_multiplication
                and plan.rounding.mode in {RoundingMode.HALF_UP, RoundingMode.UP}
                and max(rate.connect_fee_micro, step.price_micro) < LARGEST_PRICE_MICRO
                and max(step.per, step.increment) <= DAY_US // SECOND_US
            )
            prices = (rate.connect_fee_micro, step.price_micro, step.per, step.increment) if is_simple else (0, 0, 1, 1)
            rounding = (10 ** (MICRO_PLACES - plan.rounding.places), plan.rounding.mode is RoundingMode.UP)
            place = (plan.plan_version_id, zone_id, NO_WINDOW if window is None else window)
            rows.append((*place, rate.rate_id, is_simple, *prices, *rounding, step.price_micro))
    return rows


def allowance_grid(calls: pl.DataFrame, tables: PriceTables) -> pl.DataFrame:
    """
    Return for every (plan version, zone) of the calls what they may draw from: nothing, one simple pot, or more than
    columns can do.
    """
    rows = []
    for pair in calls.select("plan_version_id", "zone_id").unique().iter_rows():
        if pair not in tables.drawn_from:
            tables.drawn_from[pair] = _allowance_row(tables.versions[pair[0]], pair[1])
        rows.append(tables.drawn_from[pair])
    return pl.DataFrame(rows, schema=ALLOWANCE_SCHEMA, orient="row")


def _allowance_row(plan: PlanPrices, zone_id: int) -> tuple[Any, ...]:
    usable = [
        allowance
        for allowance in plan.allowances
        if (not allowance.zone_ids or zone_id in allowance.zone_ids)
        and allowance.unit in {AllowanceUnit.SECONDS, AllowanceUnit.MONEY}
    ]
    place = (plan.plan_version_id, zone_id)
    if not usable:
        return (*place, False, False, None, None, None)
    one = usable[0]
    windows = range(len(plan.scheme.windows)) or (None,)
    # If the rest of a call might have no price, nothing would be drawn for it: only the core can tell what the next
    # call finds.
    is_priced = all(plan.rate_for(zone_id=zone_id, window=window, unit=Unit.SECONDS) for window in windows)
    is_simple = len(usable) == 1 and one.unit is AllowanceUnit.SECONDS and one.valid is None and is_priced
    if not is_simple:
        return (*place, True, True, None, None, None)
    return (*place, False, True, one.allowance_id, one.quantity, one.shared_by_account)


def amounts() -> pl.Expr:
    """
    Return the price of calls inside one window by a simple rate: (fee + increments x price / per), rounded once.

    Columns: charged (seconds), fee, price, per, increment, unit (of rounding, micro), rounds_up.
    """
    billed = billed_seconds()
    numerator = pl.col("fee") * pl.col("per") + billed * pl.col("price")
    denominator = pl.col("per") * pl.col("unit")
    whole = numerator // denominator
    rest = numerator - whole * denominator
    goes_up = pl.when(pl.col("rounds_up")).then(rest > 0).otherwise(2 * rest >= denominator)
    return (
        pl.when(pl.col("charged") > 0)
        .then((whole + goes_up.cast(pl.Int64)) * pl.col("unit"))
        .otherwise(0)
        .alias("amount_micro")
    )


def billed_seconds() -> pl.Expr:
    """Return the charged seconds rounded up to whole increments."""
    return (pl.col("charged") + pl.col("increment") - 1) // pl.col("increment") * pl.col("increment")
