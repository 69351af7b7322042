"""
Prices in bulk: what is one multiplication of whole increments is done by column, every other record is handed to the
core.

The arithmetic of one multiplication repeats ``rating.domain.pricing`` for a rate without steps, cap, minimum and
surcharge inside one window; a differential test holds the two together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from billing_site.core.money import MICRO_PLACES, RoundingMode
from billing_site.core.quantities import Unit
from rating.domain.pricing import LARGEST_AMOUNT_MICRO
from rating.domain.services import SERVICES_BY_CODE
from rating.engine.days import day_of, to_us
from tariffs.domain.allowances import AllowanceUnit
from tariffs.domain.price_book import PlanPrices, PriceBook
from tariffs.domain.rates import Rate, RateStep
from tariffs.domain.windows import SEARCH_DAYS, WindowScheme
from tariffs.queries.price_books import DatedItem

SECOND_US = 1_000_000
DAY_US = 86_400_000_000
NO_WINDOW = -1
KEPT_STARTS = 1_000
# Days since 1970 are below this.
PAIRS = 10_000_000
FAR = 1 << 62
_NO_STEP = RateStep(price_micro=0)

# Places of variants, ids of zones, services and positions of windows are below these: together they make one number
# to join on.
VARIANTS = 1 << 22
ZONES = 1 << 31
SERVICE_COUNT = 1 << 2
WINDOWS = 1 << 6
# Whole numbers of 64 bits: what is below this can be doubled and added to without a thought.
ROOM = 1 << 61
UNITS: tuple[Unit, ...] = (Unit.SECONDS, Unit.EVENTS, Unit.BYTES, Unit.MONEY)
UNIT_CODES = {unit: code for code, unit in enumerate(UNITS)}
SECONDS_CODE = UNIT_CODES[Unit.SECONDS]

GRID_SCHEMA: dict[str, Any] = {
    "spot": pl.Int64,
    "rate_id": pl.Int64,
    "is_simple": pl.Boolean,
    "fee": pl.Int64,
    "price": pl.Int64,
    "per": pl.Int64,
    "increment": pl.Int64,
    "rounds_to": pl.Int64,
    "rounds_up": pl.Boolean,
    "unit_price_micro": pl.Int64,
}
PLACE_SCHEMA: dict[str, Any] = {
    "place": pl.Int64,
    "unit": pl.Int8,
    "is_free": pl.Boolean,
    "is_complex": pl.Boolean,
    "has_allowance": pl.Boolean,
    "pot_allowance": pl.Int64,
    "pot_quantity": pl.Int64,
    "pot_shared": pl.Boolean,
}


@dataclass(slots=True, kw_only=True)
class PriceTables:
    """
    A price book and what is looked up in it by column; kept by a worker for the length of a run.

    ``variants`` are the prices of every version and category of customers; columns name them by their place.
    """

    book: PriceBook
    bill_items: dict[int, int | None]
    variants: tuple[PlanPrices, ...]
    rates: dict[int, Rate]
    has_categories: bool
    _places: dict[tuple[int, str], int]
    # Bill items by zone and day, where some changed; empty, ``bill_items`` hold on every day.
    dated_items: Sequence[DatedItem] = ()
    # Found once for each (variant, zone, service) that occurs, then kept: it comes back in every spool.
    known: set[int] = field(default_factory=set)
    grid: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=GRID_SCHEMA))
    places: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PLACE_SCHEMA))

    @classmethod
    def of(
        cls, book: PriceBook, bill_items: dict[int, int | None], dated_items: Sequence[DatedItem] = ()
    ) -> "PriceTables":
        """
        Index a price book.

        :raises ValueError: if there are more variants, zones or windows than a number can tell apart
        """
        variants = tuple(variant for plan in book.plans for variant in plan.variants())
        widest = max((len(plan.scheme.windows) for plan in book.plans), default=0)
        if len(variants) >= VARIANTS or widest >= WINDOWS or max(bill_items, default=0) >= ZONES:
            message = f"{len(variants)} variants of plans, {widest} windows: more than a price table can hold"
            raise ValueError(message)
        return cls(
            book=book,
            bill_items=bill_items,
            dated_items=dated_items,
            variants=variants,
            rates={rate.rate_id: rate for variant in variants for rate in variant.rates.values()},
            has_categories=len(variants) > len(book.plans),
            _places={(variant.plan_version_id, variant.category): at for at, variant in enumerate(variants)},
        )

    def variant_on(self, *, plan_id: int, day: date, category: str) -> int | None:
        """Return the place of the prices that a plan has on a day for a category of customers."""
        found = self.book.plan_on(plan_id=plan_id, on=day, category=category)
        return None if found is None else self._places[found.plan_version_id, found.category]

    def unit_price_micro(self, rate_id: int | None) -> int:
        """Return the price of a rate's first step or tier, 0 where no rate was found."""
        return 0 if rate_id is None else self.rates[rate_id].unit_price_micro

    def meet(self, places: pl.Series) -> None:
        """Look up the rates and allowances of places that have not occurred yet."""
        new = [place for place in places.unique() if place not in self.known]
        if not new:
            return
        found = [_Place.of(place, self.variants) for place in new]
        rates = [row for place in found for row in place.grid_rows()]
        self.grid = pl.concat([self.grid, pl.DataFrame(rates, schema=GRID_SCHEMA, orient="row")], rechunk=True)
        rows = pl.DataFrame([place.row() for place in found], schema=PLACE_SCHEMA, orient="row")
        self.places = pl.concat([self.places, rows], rechunk=True)
        self.known.update(new)


def place_of() -> pl.Expr:
    """Return variant, zone and service as one number."""
    return ((pl.col("variant") * ZONES + pl.col("zone_id")) * SERVICE_COUNT + pl.col("service")).alias("place")


def add_variants(calls: pl.DataFrame, tables: PriceTables) -> pl.DataFrame:
    """
    Add variant and plan_version_id: those of the plan on the local day of the start for the account's category, null
    where there are none.
    """
    by = ["pair", "category"] if tables.has_categories else ["pair"]
    calls = calls.with_columns(pair=pl.col("plan_id") * PAIRS + pl.col("day"))
    known = calls.select(by).unique().drop_nulls("pair")
    found = [
        tables.variant_on(
            plan_id=row["pair"] // PAIRS, day=day_of(row["pair"] % PAIRS), category=row.get("category") or ""
        )
        for row in known.iter_rows(named=True)
    ]
    versions = [None if at is None else tables.variants[at].plan_version_id for at in found]
    known = known.with_columns(
        variant=pl.Series(found, dtype=pl.Int64), plan_version_id=pl.Series(versions, dtype=pl.Int64)
    )
    return calls.join(known, on=by, how="left", nulls_equal=True).drop("pair")


def add_windows(calls: pl.DataFrame, tables: PriceTables, *, at: str) -> pl.DataFrame:
    """
    Add the window that holds at an instant (-1 = none) and next_us, at which the next one begins; the calls' order is
    not kept.

    :param at: column of microseconds
    """
    schemes: dict[int, tuple[WindowScheme, list[int]]] = {}
    for variant in calls["variant"].unique():
        scheme = tables.variants[variant].scheme
        # Schemes without windows are all the same.
        schemes.setdefault(id(scheme) if scheme.windows else 0, (scheme, []))[1].append(variant)
    if len(schemes) == 1:
        ((scheme, _),) = schemes.values()
        return calls.with_columns(*_windows(calls[at], scheme))
    parts = [calls.clear().with_columns(*_windows(calls[at].clear(), WindowScheme()))]
    for scheme, variants in schemes.values():
        part = calls.filter(pl.col("variant").is_in(variants))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A zone of a variant, for one service: the unit of its prices, and what columns can do with them."""

    place: int
    plan: PlanPrices
    zone_id: int
    unit: Unit

    @classmethod
    def of(cls, place: int, variants: Sequence[PlanPrices]) -> "_Place":
        rest, service = divmod(place, SERVICE_COUNT)
        variant, zone_id = divmod(rest, ZONES)
        plan = variants[variant]
        candidates = SERVICES_BY_CODE[service].candidate_units
        return cls(place=place, plan=plan, zone_id=zone_id, unit=plan.unit_for(zone_id=zone_id, candidates=candidates))

    def grid_rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rate of the place in each window; a price that is more than one multiplication is not simple."""
        rounding = self.plan.rounding
        for window in (None, *range(len(self.plan.scheme.windows))):
            rate = self.plan.rate_for(zone_id=self.zone_id, window=window, unit=self.unit)
            if rate is None:
                continue
            is_simple = rate.is_one_multiplication and rounding.mode in {RoundingMode.HALF_UP, RoundingMode.UP}
            step = rate.steps[0] if is_simple else _NO_STEP
            is_simple = is_simple and _has_room(rate.connect_fee_micro, step)
            prices = (rate.connect_fee_micro, step.price_micro, step.per, step.increment) if is_simple else (0, 0, 1, 1)
            rounds = (10 ** (MICRO_PLACES - rounding.places), rounding.mode is RoundingMode.UP)
            spot = self.place * WINDOWS + (NO_WINDOW if window is None else window) - NO_WINDOW
            yield (spot, rate.rate_id, is_simple, *prices, *rounds, rate.unit_price_micro)

    def row(self) -> tuple[Any, ...]:
        """Return what may be drawn there: nothing, from one simple pot, or more than columns can do."""
        is_free = self.plan.is_free(self.zone_id)
        head = (self.place, UNIT_CODES[self.unit], is_free)
        if is_free:
            return (*head, False, False, None, None, None)
        usable = [
            allowance
            for allowance in self.plan.allowances
            if (not allowance.zone_ids or self.zone_id in allowance.zone_ids)
            and allowance.unit in {AllowanceUnit.MONEY, self.unit.value}
        ]
        if self._is_counted():
            return (*head, True, True, None, None, None)
        if not usable:
            return (*head, False, False, None, None, None)
        one = usable[0]
        is_simple = (
            len(usable) == 1
            and one.unit is not AllowanceUnit.MONEY
            and one.valid is None
            and not one.rolls_over
            and self._is_priced_throughout()
        )
        if not is_simple:
            return (*head, True, True, None, None, None)
        return (*head, False, True, one.allowance_id, one.quantity, one.shared_by_account)

    def _is_counted(self) -> bool:
        """Say whether a price depends on what the period has used before: then only order can tell it."""
        windows = (None, *range(len(self.plan.scheme.windows)))
        rates = (self.plan.rate_for(zone_id=self.zone_id, window=window, unit=self.unit) for window in windows)
        return any(rate is not None and rate.counter is not None for rate in rates)

    def _is_priced_throughout(self) -> bool:
        """
        Say whether every window has a price.

        If the rest of a call might have none, nothing would be drawn for it: only the core can tell what the next
        call finds.
        """
        windows = range(len(self.plan.scheme.windows)) or (None,)
        return all(self.plan.rate_for(zone_id=self.zone_id, window=window, unit=self.unit) for window in windows)


def _has_room(fee_micro: int, step: RateStep) -> bool:
    """Say whether the products of a price fit into 64 bits, whatever a day holds; the core has no such bound."""
    largest = max(fee_micro, step.price_micro) * max(step.per, step.increment, DAY_US // SECOND_US)
    return largest < ROOM and step.per * 10**MICRO_PLACES < ROOM


def add_places(calls: pl.DataFrame, tables: PriceTables) -> pl.DataFrame:
    """Add the unit of each call's price, whether it is free, and what it may draw from."""
    return calls.join(tables.places, on="place", how="left")


def quantities() -> pl.Expr:
    """Return how much of its unit each call is; what is free counts nothing."""
    unit = pl.col("unit")
    return (
        pl.when("is_free")
        .then(0)
        .when(unit == SECONDS_CODE)
        .then("duration")
        .when(unit == UNIT_CODES[Unit.BYTES])
        .then("volume")
        .when(unit == UNIT_CODES[Unit.MONEY])
        .then("third_party_micro")
        .otherwise(pl.col("answered").cast(pl.Int64))
        .alias("quantity")
    )


def is_one_multiplication() -> pl.Expr:
    """
    Return whether columns can price what is charged: nothing, or increments of one price within one window that fit
    into 64 bits.
    """
    fits_window = (pl.col("unit") != SECONDS_CODE) | (
        pl.col("charged") * SECOND_US <= pl.col("next_us") - pl.col("rest_us")
    )
    # What may be dear beyond belief is the core's to refuse.
    most = (LARGEST_AMOUNT_MICRO - pl.col("fee")) // pl.max_horizontal("price", pl.lit(1))
    has_room = pl.col("charged") + pl.col("increment") < most
    return (pl.col("charged") == 0) | (pl.col("is_simple").fill_null(value=False) & fits_window & has_room)


def amounts() -> pl.Expr:
    """
    Return the price of calls inside one window by a simple rate: (fee + increments x price / per), rounded once.

    Columns: charged (units), fee, price, per, increment, rounds_to (micro), rounds_up.
    """
    numerator = pl.col("fee") * pl.col("per") + billed_units() * pl.col("price")
    amount = pl.when(pl.col("charged") > 0).then(rounded(numerator, pl.col("per"))).otherwise(0)
    return amount.alias("amount_micro")


def rounded(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Return a fraction of micro units, zero or more, rounded as ``rounds_to`` and ``rounds_up`` say."""
    denominator *= pl.col("rounds_to")
    whole = numerator // denominator
    rest = numerator - whole * denominator
    goes_up = pl.when(pl.col("rounds_up")).then(rest > 0).otherwise(2 * rest >= denominator)
    return (whole + goes_up.cast(pl.Int64)) * pl.col("rounds_to")


def billed_units() -> pl.Expr:
    """Return the charged units rounded up to whole increments."""
    return (pl.col("charged") + pl.col("increment") - 1) // pl.col("increment") * pl.col("increment")
