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
# Days since 1970 are below this.
PAIRS = 10_000_000
FAR = 1 << 62
# Prices beyond this leave room for no multiplication in 64 bits; the core has no such bound.
LARGEST_PRICE_MICRO = 10**12

# Ids of zones and positions of windows are below these: version, zone and window make one number to join on.
ZONES = 1 << 31
WINDOWS = 1 << 6
VERSIONS = 1 << 26

GRID_SCHEMA: dict[str, Any] = {
    "spot": pl.Int64,
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
    "place": pl.Int64,
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
    # Found once for each (version, zone) that occurs, then kept: it comes back in every spool.
    known: set[int] = field(default_factory=set)
    grid: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=GRID_SCHEMA))
    drawn_from: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ALLOWANCE_SCHEMA))

    @classmethod
    def of(cls, book: PriceBook, bill_items: dict[int, int | None]) -> "PriceTables":
        """
        Index a price book.

        :raises ValueError: if there are more plan versions, zones or windows than a number can tell apart
        """
        widest = max((len(plan.scheme.windows) for plan in book.plans), default=0)
        latest = max((plan.plan_version_id for plan in book.plans), default=0)
        if latest >= VERSIONS or widest >= WINDOWS or max(bill_items, default=0) >= ZONES:
            message = f"version {latest}, {widest} windows: more than a price table can hold"
            raise ValueError(message)
        versions = {plan.plan_version_id: plan for plan in book.plans}
        rates = {rate.rate_id: rate for plan in book.plans for rate in plan.rates.values()}
        return cls(book=book, bill_items=bill_items, versions=versions, rates=rates)

    def unit_price_micro(self, rate_id: int | None) -> int:
        """Return the price of a rate's first step, 0 where no rate was found."""
        return 0 if rate_id is None else self.rates[rate_id].steps[0].price_micro

    def meet(self, places: pl.Series) -> None:
        """Look up the rates and allowances of places that have not occurred yet."""
        new = [place for place in places.unique() if place not in self.known]
        if not new:
            return
        found = [(self.versions[place // ZONES], place % ZONES) for place in new]
        rates = [row for plan, zone_id in found for row in _grid_rows(plan, zone_id)]
        allowances = [_allowance_row(plan, zone_id) for plan, zone_id in found]
        self.grid = pl.concat([self.grid, pl.DataFrame(rates, schema=GRID_SCHEMA, orient="row")], rechunk=True)
        self.drawn_from = pl.concat(
            [self.drawn_from, pl.DataFrame(allowances, schema=ALLOWANCE_SCHEMA, orient="row")], rechunk=True
        )
        self.known.update(new)


def place_of() -> pl.Expr:
    """Return plan version and zone as one number."""
    return (pl.col("plan_version_id") * ZONES + pl.col("zone_id")).alias("place")


def add_plan_versions(calls: pl.DataFrame, tables: PriceTables) -> pl.DataFrame:
    """Add plan_version_id: that of the plan on the local day of the start, null where there is none."""
    calls = calls.with_columns(pair=pl.col("plan_id") * PAIRS + pl.col("day"))
    pairs = calls["pair"].unique().drop_nulls()
    found = [tables.book.plan_on(plan_id=pair // PAIRS, on=day_of(pair % PAIRS)) for pair in pairs]
    versions = pl.Series([None if plan is None else plan.plan_version_id for plan in found], dtype=pl.Int64)
    known = pl.DataFrame({"pair": pairs, "plan_version_id": versions})
    return calls.join(known, on="pair", how="left").drop("pair")


def add_windows(calls: pl.DataFrame, tables: PriceTables, *, at: str) -> pl.DataFrame:
    """
    Add the window that holds at an instant (-1 = none) and next_us, at which the next one begins; the calls' order is
    not kept.

    :param at: column of microseconds
    """
    schemes: dict[int, tuple[WindowScheme, list[int]]] = {}
    for version in calls["plan_version_id"].unique():
        scheme = tables.versions[version].scheme
        # Schemes without windows are all the same.
        schemes.setdefault(id(scheme) if scheme.windows else 0, (scheme, []))[1].append(version)
    if len(schemes) == 1:
        ((scheme, _),) = schemes.values()
        return calls.with_columns(*_windows(calls[at], scheme))
    parts = [calls.clear().with_columns(*_windows(calls[at].clear(), WindowScheme()))]
    for scheme, versions in schemes.values():
        part = calls.filter(pl.col("plan_version_id").is_in(versions))
        parts.append(part.with_columns(*_windows(part[at], scheme)))
    return pl.concat(parts)


def _windows(instants: pl.Series, scheme: WindowScheme) -> tuple[pl.Series, pl.Series]:
    if instants.is_empty() or not scheme.windows:
        none = (pl.repeat(NO_WINDOW, len(instants), dtype=pl.Int16), pl.repeat(FAR, len(instants), dtype=pl.Int64))
        window, upcoming = pl.select(window=none[0], next_us=none[1]).get_columns()
        return window, upcoming
    starts, positions = _starts(scheme, instants)
    found = starts.search_sorted(instants, side="right").cast(pl.Int64)
    # One entry before the first start and one after the last: no window, and no next one.
    window = pl.concat([pl.Series([NO_WINDOW], dtype=pl.Int16), positions]).gather(found)
    upcoming = pl.concat([starts, pl.Series([FAR], dtype=pl.Int64)]).gather(found)
    return window.alias("window"), upcoming.alias("next_us")


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


def add_rates(calls: pl.DataFrame, tables: PriceTables) -> pl.DataFrame:
    """Add the rate of each call's place and window, nulls where there is none."""
    spot = pl.col("place") * WINDOWS + pl.col("window") - NO_WINDOW
    return calls.with_columns(spot=spot).join(tables.grid, on="spot", how="left").drop("spot")


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
            place = plan.plan_version_id * ZONES + zone_id
            spot = place * WINDOWS + (NO_WINDOW if window is None else window) - NO_WINDOW
            rows.append((spot, rate.rate_id, is_simple, *prices, *rounding, step.price_micro))
    return rows


def add_allowances(calls: pl.DataFrame, tables: PriceTables) -> pl.DataFrame:
    """Add what each call may draw from: nothing, one simple pot, or more than columns can do."""
    return calls.join(tables.drawn_from, on="place", how="left")


def _allowance_row(plan: PlanPrices, zone_id: int) -> tuple[Any, ...]:
    usable = [
        allowance
        for allowance in plan.allowances
        if (not allowance.zone_ids or zone_id in allowance.zone_ids)
        and allowance.unit in {AllowanceUnit.SECONDS, AllowanceUnit.MONEY}
    ]
    place = plan.plan_version_id * ZONES + zone_id
    if not usable:
        return (place, False, False, None, None, None)
    one = usable[0]
    windows = range(len(plan.scheme.windows)) or (None,)
    # If the rest of a call might have no price, nothing would be drawn for it: only the core can tell what the next
    # call finds.
    is_priced = all(plan.rate_for(zone_id=zone_id, window=window, unit=Unit.SECONDS) for window in windows)
    is_simple = len(usable) == 1 and one.unit is AllowanceUnit.SECONDS and one.valid is None and is_priced
    if not is_simple:
        return (place, True, True, None, None, None)
    return (place, False, True, one.allowance_id, one.quantity, one.shared_by_account)


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
