"""The zone of what each call goes to: prefixes flattened to intervals of numbers, found by binary search."""

from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import polars as pl

from rating.domain.services import NAMED_SERVICES, SERVICE_CODES, SERVICES_BY_CODE
from rating.engine.days import day_number, day_of
from tariffs.domain.prefixes import PrefixEntry, PrefixTable
from tariffs.domain.price_book import PriceBook

# Numbers are compared as if all had so many digits; a leading 1 keeps leading zeros.
DIGITS = 16
NOTHING = -1
NAMED_CODES = sorted(SERVICE_CODES[service] for service in NAMED_SERVICES)


def zones_of(calls: pl.DataFrame, *, book: PriceBook) -> pl.Series:
    """
    Return the zone of each call's number, or of the point that it names, on its local day; null where there is none.

    :param calls: with called (digits or a name), service and day (days since 1970)
    """
    is_named = calls["service"].is_in(NAMED_CODES)
    if not is_named.any():
        return _by_number(calls, book.prefixes)
    named = calls.filter(is_named)
    known = named.select("called", "service", "day").unique()
    found = [
        book.zone_of_point(called, service=SERVICES_BY_CODE[service], on=day_of(day))
        for called, service, day in known.iter_rows()
    ]
    known = known.with_columns(zone_id=pl.Series(found, dtype=pl.Int64))
    zones = named.join(known, on=["called", "service", "day"], how="left", maintain_order="left")["zone_id"]
    numbers = calls.filter(~is_named)
    places = pl.Series(is_named.arg_true()).append((~is_named).arg_true())
    merged = pl.DataFrame({"at": places, "zone_id": zones.append(_by_number(numbers, book.prefixes))})
    return merged.sort("at")["zone_id"]


def _by_number(calls: pl.DataFrame, prefixes: PrefixTable) -> pl.Series:
    """Return the zone of each number by its longest prefix."""
    frame = calls.select("called", "day").with_row_index("at")
    longest = max((len(entry.head) for entry in prefixes.entries), default=0)
    # A number shorter than a prefix would look like its beginning: the core compares it letter by letter.
    is_short = frame["called"].str.len_bytes() < longest
    parts = []
    regular = frame.filter(~is_short)
    for start, until in _stretches(regular, prefixes):
        chosen = regular.filter(pl.col("day").is_between(start, until - 1))
        parts.append(chosen.select("at").with_columns(zone_id=_by_intervals(chosen["called"], prefixes, day_of(start))))
    short = frame.filter(is_short)
    if not short.is_empty():
        parts.append(_by_core(short, prefixes))
    if not parts:
        return pl.Series("zone_id", [], dtype=pl.Int64)
    return pl.concat(parts).sort("at")["zone_id"]


def _stretches(calls: pl.DataFrame, prefixes: PrefixTable) -> list[tuple[int, int]]:
    """Return the stretches of days (half-open) in which no prefix begins or ends."""
    first, last = calls["day"].min(), calls["day"].max()
    if not isinstance(first, int) or not isinstance(last, int):
        return []
    bounds = {first, last + 1}
    for entry in prefixes.entries:
        if entry.valid is not None:
            ends = (entry.valid.start, entry.valid.until)
            bounds |= {day_number(end) for end in ends if end is not None and first < day_number(end) <= last}
    ordered = sorted(bounds)
    return list(pairwise(ordered))


@dataclass(slots=True)
class _Flattened:
    """The intervals of the prefix table in use, by day."""

    prefixes: PrefixTable | None = None
    by_day: dict[date, tuple[pl.Series, pl.Series]] = field(default_factory=dict)


_flattened = _Flattened()


def _by_intervals(called: pl.Series, prefixes: PrefixTable, day: date) -> pl.Series:
    starts, zones = _intervals(prefixes, day)
    padded = ("1" + called.str.slice(0, DIGITS).str.pad_end(DIGITS, "0")).cast(pl.Int64, strict=False)
    found = starts.search_sorted(padded.fill_null(0), side="right").cast(pl.Int64) - 1
    zone = zones.gather(found.clip(0))
    valid = (found >= 0) & padded.is_not_null() & (zone != NOTHING)
    return zone.zip_with(valid, pl.Series([None], dtype=pl.Int64).new_from_index(0, len(zone))).alias("zone_id")


def _intervals(prefixes: PrefixTable, day: date) -> tuple[pl.Series, pl.Series]:
    """
    Return where intervals of numbers begin and which zone each has; a longer prefix cuts its piece out of a shorter
    one's.
    """
    if _flattened.prefixes is not prefixes:
        _flattened.prefixes, _flattened.by_day = prefixes, {}
    if day not in _flattened.by_day:
        starts: list[int] = []
        zones: list[int] = []
        open_ends: list[tuple[int, int]] = []

        def begin(at: int, zone: int) -> None:
            if starts and starts[-1] == at:
                zones[-1] = zone
            else:
                starts.append(at)
                zones.append(zone)

        begin(0, NOTHING)
        for low, high, zone in sorted(_bounds(prefixes, day), key=lambda bound: (bound[0], -bound[1])):
            while open_ends and open_ends[-1][0] <= low:
                end, _ = open_ends.pop()
                begin(end, open_ends[-1][1] if open_ends else NOTHING)
            begin(low, zone)
            open_ends.append((high, zone))
        while open_ends:
            end, _ = open_ends.pop()
            begin(end, open_ends[-1][1] if open_ends else NOTHING)
        _flattened.by_day[day] = (pl.Series(starts, dtype=pl.Int64), pl.Series(zones, dtype=pl.Int64))
    return _flattened.by_day[day]


def _bounds(prefixes: PrefixTable, day: date) -> list[tuple[int, int, int]]:
    """Return (first number, first number after, zone) of every prefix that holds on a day."""
    return [
        (int("1" + entry.head.ljust(DIGITS, "0")), int("1" + entry.head.ljust(DIGITS, "9")) + 1, entry.zone_id)
        for entry in prefixes.entries
        if _holds(entry, day)
    ]


def _holds(entry: PrefixEntry, day: date) -> bool:
    return entry.valid is None or entry.valid.contains(day)


def _by_core(short: pl.DataFrame, prefixes: PrefixTable) -> pl.DataFrame:
    pairs = short.select("called", "day").unique()
    zones = [prefixes.zone_of(called, on=day_of(day)) for called, day in pairs.iter_rows()]
    known = pairs.with_columns(zone_id=pl.Series(zones, dtype=pl.Int64))
    return short.join(known, on=["called", "day"], how="left").select("at", "zone_id")
