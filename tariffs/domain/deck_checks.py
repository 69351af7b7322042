"""What is wrong with a deck as a whole: days that overlap or leave holes, zones with two prices, sudden jumps."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from billing_site.core.messages import Message, gettext_noop
from billing_site.core.money import MICRO_PER_MAJOR, micro_to_decimal, round_half_up
from tariffs.domain.grids import CellFault
from tariffs.domain.rate_decks import DeckRow

# A price that moves by more than this part, or to a hundredth or a hundredfold, is confirmed by a second person.
JUMP_PERCENT = 50
JUMP_TIMES = 100
SHOWN_NESTED = 20
WHOLE = 100


class RangeKind(StrEnum):
    """What is wrong with the days of a prefix."""

    REVERSED = "REVERSED"
    OVERLAP = "OVERLAP"
    HOLE = "HOLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeFault:
    """Days of a prefix that overlap, are missing, or end before they begin; ``rows`` are the rows of the deck."""

    prefix: str
    window: str | None
    kind: RangeKind
    first: date | None
    until: date | None
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """What a minute to a zone cost and will cost in a window, by the price of the last step, in the major unit."""

    zone: str
    window: str | None
    was: Decimal | None
    becomes: Decimal
    percent: int | None
    is_jump: bool


def range_faults(rows: Iterable[DeckRow]) -> list[RangeFault]:
    """Return every overlap, hole and reversed period of days, by prefix and window; rows without days hold always."""
    places: defaultdict[tuple[str, str], list[DeckRow]] = defaultdict(list)
    for row in rows:
        if row.valid_from is not None or row.valid_until is not None:
            places[row.prefix, row.window or ""].append(row)
    faults: list[RangeFault] = []
    for found in places.values():
        ordered = sorted(found, key=lambda row: row.valid_from or date.min)
        faults += [
            _range_fault(row, RangeKind.REVERSED, row.valid_from, row.valid_until, row.row)
            for row in ordered
            if row.valid_until is not None and row.valid_until <= (row.valid_from or date.min)
        ]
        for earlier, later in pairwise(ordered):
            end, start = earlier.valid_until, later.valid_from
            if end is None or start is None or start < end:
                faults.append(_range_fault(earlier, RangeKind.OVERLAP, start, end, earlier.row, later.row))
            elif start > end:
                faults.append(_range_fault(earlier, RangeKind.HOLE, end, start, earlier.row, later.row))
    return faults


def _range_fault(row: DeckRow, kind: RangeKind, first: date | None, until: date | None, *rows: int) -> RangeFault:
    return RangeFault(prefix=row.prefix, window=row.window, kind=kind, first=first, until=until, rows=rows)


def rows_in_force(rows: Iterable[DeckRow], *, on: date) -> tuple[list[DeckRow], int]:
    """Return the rows that hold on a day, and how many begin later."""
    ahead = [row for row in rows if row.valid_until is None or row.valid_until > on]
    now = [row for row in ahead if row.valid_from is None or row.valid_from <= on]
    return now, len(ahead) - len(now)


def currency_faults(rows: Iterable[DeckRow], *, currency: str) -> list[Message]:
    """Return why the currencies that rows name are not that of the version: another one, or several."""
    named = sorted({row.currency for row in rows if row.currency is not None})
    if not named or named == [currency]:
        return []
    if len(named) > 1:
        mixed = gettext_noop("The deck mixes currencies: %(currencies)s. One deck has one currency.")
        return [Message(msgid=mixed, params={"currencies": ", ".join(named)})]
    other = gettext_noop("The deck is in %(found)s and the version in %(expected)s: prices are not converted.")
    return [Message(msgid=other, params={"found": named[0], "expected": currency})]


def terms_of_zones(
    rows: Iterable[DeckRow], *, price_column: int
) -> tuple[dict[tuple[str, str | None], DeckRow], list[CellFault]]:
    """Return one row for each destination and window, and a fault for every row that says otherwise."""
    first: dict[tuple[str, str | None], DeckRow] = {}
    faults: list[CellFault] = []
    for row in rows:
        known = first.setdefault((row.zone, row.window), row)
        if known.terms != row.terms:
            message = Message(
                msgid=gettext_noop(
                    "%(zone)s costs %(price)s here and %(other)s in row %(row)s: one zone has one price."
                ),
                params={"zone": row.zone, "price": row.price, "other": known.price, "row": known.row},
            )
            faults.append(CellFault(row=row.row, column=price_column, message=message))
    return first, faults


def zones_of_prefixes(rows: Iterable[DeckRow]) -> tuple[dict[str, str], list[CellFault]]:
    """Return the zone of each prefix, and a fault for every row that leads a prefix elsewhere than another row."""
    first: dict[str, DeckRow] = {}
    faults: list[CellFault] = []
    for row in rows:
        known = first.setdefault(row.prefix, row)
        if known.zone != row.zone:
            message = Message(
                msgid=gettext_noop("Prefix %(prefix)s leads to %(zone)s in row %(row)s already."),
                params={"prefix": row.prefix, "zone": known.zone, "row": known.row},
            )
            faults.append(CellFault(row=row.row, column=1, message=message))
    return {prefix: row.zone for prefix, row in first.items()}, faults


def nested_prefixes(zones: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return prefixes that stand inside a shorter one of another zone, with that one: the longest match will hold."""
    found = []
    for prefix in sorted(zones):
        shorter = next((prefix[:end] for end in range(len(prefix) - 1, 0, -1) if prefix[:end] in zones), None)
        if shorter is not None and zones[shorter] != zones[prefix]:
            found.append((prefix, shorter))
            if len(found) == SHOWN_NESTED:
                break
    return found


def compare_price(*, zone: str, window: str | None, was: Fraction | None, becomes: Fraction) -> PriceChange:
    """
    Return a change of price in whole percent of what was, and whether a second person has to confirm it.

    :param was: exact price of a minute, or ``None`` where there was no price
    :param becomes: exact price of a minute
    """
    percent, is_jump = None, False
    if was is not None:
        moved = becomes - was
        percent = int(moved * WHOLE / was) if was else None
        is_far = was > 0 and (becomes >= was * JUMP_TIMES or becomes * JUMP_TIMES <= was)
        is_jump = is_far or (was == 0 and becomes > 0) or abs(moved) * WHOLE > was * JUMP_PERCENT
    return PriceChange(
        zone=zone,
        window=window,
        was=None if was is None else _shown(was),
        becomes=_shown(becomes),
        percent=percent,
        is_jump=is_jump,
    )


def _shown(exact: Fraction) -> Decimal:
    """Return the price of a minute to six decimals, as people compare it."""
    micro = round_half_up(numerator=exact.numerator * MICRO_PER_MAJOR, denominator=exact.denominator)
    return micro_to_decimal(micro)


def zero_rows(rows: Sequence[DeckRow]) -> list[int]:
    """Return the rows that cost nothing."""
    return [row.row for row in rows if not row.price and not row.first_price and not row.connect_fee]
