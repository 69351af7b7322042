"""Calls that go on into the next window are priced by column where both windows have simple rates."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from rating.domain.pricing import price_usage
from rating.engine.crossings import price_crossings
from rating.engine.days import to_us
from rating.engine.pricing import SERVICE_COUNT, UNIT_CODES, PriceTables, add_rates, add_windows
from tariffs.domain.prefixes import PrefixTable
from tariffs.domain.price_book import PlanPrices, PriceBook
from tariffs.domain.rates import Rate, RateStep, RoundingPolicy
from tariffs.domain.windows import Window, WindowScheme

EVERY_DAY = frozenset(range(1, 8))
MORNING = datetime(2026, 3, 5, 8, 0, tzinfo=UTC)
ZONE_ID = 7


def plan(*, increments=(60, 1), cap=None):
    """Dear from eight, cheap from eighteen o'clock."""
    rates = [
        Rate(
            rate_id=1 + window,
            zone_id=ZONE_ID,
            window=window,
            connect_fee_micro=5_000_000 * (1 + window),
            steps=(RateStep(price_micro=price, per=per, increment=increments[window]),),
            max_cost_micro=cap,
        )
        for window, (price, per) in enumerate([(3_000_001, 60), (1_000_003, 7)])
    ]
    return PlanPrices.of(
        plan_id=1,
        plan_version_id=1,
        valid=DatePeriod(date(2026, 1, 1)),
        rates=rates,
        scheme=WindowScheme(
            windows=(Window(days=EVERY_DAY, from_minute=480), Window(days=EVERY_DAY, from_minute=1080)),
            zone=ZoneInfo("UTC"),
        ),
        rounding=RoundingPolicy(places=2),
    )


def priced(prices, *calls):
    """Return what columns make of calls: (microseconds from eight o'clock, seconds)."""
    tables = PriceTables.of(PriceBook(prefixes=PrefixTable(()), plans=(prices,)), {ZONE_ID: 1})
    starts = [to_us(MORNING) + shift for shift, _ in calls]
    place = ZONE_ID * SERVICE_COUNT
    tables.meet(pl.Series([place]))
    frame = pl.DataFrame({"rest_us": starts, "charged": [seconds for _, seconds in calls]}).with_row_index("at")
    frame = frame.with_columns(
        variant=pl.lit(0, dtype=pl.Int64),
        place=pl.lit(place, dtype=pl.Int64),
        unit=pl.lit(UNIT_CODES[Unit.SECONDS], dtype=pl.Int8),
    )
    frame = price_crossings(add_rates(add_windows(frame, tables, at="rest_us"), tables), tables).sort("at")
    return frame.select("is_priced", "amount_micro", "charged_units").rows()


def specified(prices, shift, seconds):
    started_at = datetime.fromtimestamp((to_us(MORNING) + shift) / 1_000_000, tz=UTC)
    charge = price_usage(prices=prices, zone_id=ZONE_ID, unit=Unit.SECONDS, started_at=started_at, quantity=seconds)
    return (True, charge.amount_micro, charge.billed_units)


def test_calls_into_the_next_window_are_priced_as_specified():
    """An increment that reaches over the edge has the price of its beginning; parts of a second count as one."""
    calls = [(-30_000_000, 200), (-90_000_000, 91), (-90_000_000, 120), (-1, 2), (-59_500_000, 61), (-60_000_000, 61)]
    prices = plan(increments=(60, 60)), plan(increments=(7, 60)), plan()
    for each in prices:
        assert priced(each, *calls) == [specified(each, *call) for call in calls]


def test_what_is_more_than_two_multiplications_is_left_to_the_core():
    """A cap, a call through a whole window, a call within one, and amounts beyond 64 bits."""
    left = (False, None, None)
    assert priced(plan(cap=1_000_000), (-30_000_000, 200)) == [left]
    assert priced(plan(), (-30_000_000, 11 * 3600), (1_000_000, 60), (-30_000_000, 1 << 60)) == [left] * 3
