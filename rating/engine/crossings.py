"""
Calls that go on from one window into the next, by column: two multiplications, rounded once.

An increment is priced by the window in which it begins: the first window's price holds for as many whole increments as
reach its end, and what is left begins behind them. It repeats ``rating.domain.pricing``, as ``rating.engine.pricing``
does; a differential test holds them together.
"""

import polars as pl

from rating.domain.pricing import LARGEST_AMOUNT_MICRO
from rating.engine.pricing import ROOM, SECOND_US, SECONDS_CODE, PriceTables, add_rates, add_windows, rounded

# Denominators below this can be multiplied, and with the largest rounding, within 64 bits.
_FEW = 1 << 18
_LATER = ("window", "next_us", "rate_id", "is_simple", "fee", "price", "per", "increment", "rounds_to", "rounds_up")


def price_crossings(calls: pl.DataFrame, tables: PriceTables) -> pl.DataFrame:
    """
    Add is_priced, amount_micro and charged_units of calls that end in the window behind the one in which their charge
    begins, at simple rates both; nulls and false for all others.

    :param calls: with charged (more than 0), unit, rest_us, next_us and their first window's rate; their order is not
        kept
    """
    until = (pl.col("next_us") - pl.col("rest_us") + SECOND_US - 1) // SECOND_US
    is_crossing = (pl.col("unit") == SECONDS_CODE) & pl.col("is_simple").fill_null(value=False)
    calls = calls.with_columns(first_units=pl.when(is_crossing & (until < pl.col("charged"))).then(_whole(until, "")))
    calls = calls.with_columns(
        at_us=pl.col("rest_us") + pl.col("first_units").fill_null(0) * SECOND_US,
        left=pl.max_horizontal(pl.col("charged") - pl.col("first_units"), pl.lit(0)),
    )
    narrow = calls.select("at", "variant", "place", "at_us")
    later = add_rates(add_windows(narrow, tables, at="at_us"), tables).select("at", *_LATER)
    calls = calls.join(later, on="at", how="left", suffix="_later")
    calls = calls.with_columns(later_units=_whole(pl.col("left"), "_later"))
    numerator = (pl.col("fee") * pl.col("per") + pl.col("first_units") * pl.col("price")) * pl.col("per_later")
    numerator += pl.col("later_units") * pl.col("price_later") * pl.col("per")
    return calls.with_columns(is_priced=_can_be_priced()).with_columns(
        amount_micro=pl.when("is_priced").then(rounded(numerator, pl.col("per") * pl.col("per_later"))),
        charged_units=pl.when("is_priced").then(pl.col("first_units") + pl.col("later_units")),
    )


def _whole(units: pl.Expr, window: str) -> pl.Expr:
    """Return units rounded up to whole increments of a window's rate."""
    increment = pl.col(f"increment{window}")
    return (units + increment - 1) // increment * increment


def _can_be_priced() -> pl.Expr:
    """Return whether the rest ends in its window, has a simple rate, and all products fit into 64 bits."""
    ends_there = pl.col("left") * SECOND_US <= pl.col("next_us_later") - pl.col("at_us")
    pers = pl.col("per") * pl.col("per_later")
    are_small = (pl.col("per") < _FEW) & (pl.col("per_later") < _FEW) & (pl.col("fee") < LARGEST_AMOUNT_MICRO)
    largest = pl.min_horizontal(pl.lit(LARGEST_AMOUNT_MICRO), ROOM // pers)
    dearest = pl.max_horizontal("price", "price_later", pl.lit(1))
    units = pl.col("charged") + pl.col("increment") + pl.col("increment_later")
    has_room = are_small & (units < (largest - pl.col("fee")) // dearest)
    return (
        pl.col("first_units").is_not_null()
        & pl.col("is_simple_later").fill_null(value=False)
        & ends_there
        & has_room.fill_null(value=False)
    ).fill_null(value=False)
