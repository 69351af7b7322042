"""What a version changes against the one in force: was, becomes, percent. Nothing is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext, gettext_lazy as _

from billing_site.db.ranges import date_period
from tariffs.domain.deck_checks import compare_price
from tariffs.domain.grids import GridColumn
from tariffs.models import PlanVersion, Rate
from tariffs.operations.draft_grids import (
    ALLOWANCE_COLUMNS,
    NAME_COLUMNS,
    PRICE_COLUMNS,
    RATE_FIELDS,
    RATE_PLACE,
    allowance_cells,
    rate_cells,
)
from tariffs.operations.draft_inputs import NewAllowance, NewPrice, NewRate
from tariffs.operations.plans import VersionDraft
from tariffs.operations.reading_drafts import read_draft
from tariffs.queries.plan_uses import count_holders
from tariffs.queries.plans import find_published_version
from tariffs.queries.words import ROUNDING

MINUTE = 60
PRICES_WITH_TAX, PRICES_WITHOUT_TAX = _("Prices include tax"), _("Prices without tax")
# Columns of a price beside its item, its kind and its names.
PRICE_TERMS = tuple(
    column for column in PRICE_COLUMNS if column not in NAME_COLUMNS and column.key not in {"bill_item_code", "kind"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """One thing that changes: where, what it was and becomes (empty: nothing), and by how many percent."""

    place: str
    was: str
    becomes: str
    percent: int | None = None
    is_jump: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """A version against the one in force, and how many subscriptions have the plan."""

    live: PlanVersion | None
    lines: tuple[DiffLine, ...]
    holder_count: int


def diff_version(version: PlanVersion, *, today: date) -> VersionDiff:
    """
    Return what a version changes against the published one that holds on its first day, or today if none does.

    :param today: the day on which subscribers are counted
    """
    first = date_period(version.during).start
    found = find_published_version(plan_id=version.plan_id, on=first)
    live = found or find_published_version(plan_id=version.plan_id, on=today)
    holders = count_holders([version.plan_id], on=today).get(version.plan_id, 0)
    if live is None or live.pk == version.pk:
        return VersionDiff(live=None, lines=(), holder_count=holders)
    old, new = read_draft(live), read_draft(version)
    lines = (
        *_rate_lines(old.rates, new.rates),
        *_lines(_prices(old.prices), _prices(new.prices)),
        *_lines(_allowances(old.allowances), _allowances(new.allowances)),
        *_lines(_terms(old), _terms(new)),
    )
    return VersionDiff(live=live, lines=lines, holder_count=holders)


def _rate_lines(old: Iterable[NewRate], new: Iterable[NewRate]) -> list[DiffLine]:
    was, becomes = {_place(rate): rate for rate in old}, {_place(rate): rate for rate in new}
    found = []
    for place in sorted({*was, *becomes}):
        before, after = was.get(place), becomes.get(place)
        texts = [_rate_text(rate) if rate else "" for rate in (before, after)]
        if texts[0] == texts[1]:
            continue
        percent, is_jump = None, False
        if before and after:
            change = compare_price(zone=place, window=None, was=_minute(before), becomes=_minute(after))
            percent, is_jump = change.percent, change.is_jump
        found.append(DiffLine(place=place, was=texts[0], becomes=texts[1], percent=percent, is_jump=is_jump))
    return found


def _place(rate: NewRate) -> str:
    unit = "" if rate.unit == Rate.Unit.SECONDS else rate.unit
    return " ".join(filter(None, (rate.zone_code, rate.window_code, unit, rate.category)))


def _minute(rate: NewRate) -> Fraction:
    step = rate.steps[-1]
    return Fraction(step.price) * MINUTE / step.per_units


def _rate_text(rate: NewRate) -> str:
    """Return the price as its cell says it, and every other field that is not empty."""
    others = [
        f"{gettext(column.label)} {column.write(getattr(rate, column.key))}"
        for column in RATE_FIELDS
        if column.key not in RATE_PLACE and getattr(rate, column.key) not in {None, column.empty}
    ]
    return ", ".join([rate_cells(rate), *others])


def _terms(draft: VersionDraft) -> dict[str, str]:
    """Return what a version says of itself, by what it is called."""
    included = str(PRICES_WITH_TAX) if draft.prices_include_tax else str(PRICES_WITHOUT_TAX)
    return {
        str(_("Rounding")): f"{ROUNDING[draft.rounding_mode]}, {draft.rounding_places}",
        str(_("Time windows")): draft.window_scheme_code,
        str(_("Currency")): draft.currency,
        str(_("Favourite numbers")): str(draft.favourite_count),
        str(_("Tax")): included,
    }


def _prices(prices: Iterable[NewPrice]) -> dict[str, str]:
    """Return the text of each price by its place; a bill item may have several, told apart by their number."""
    found: dict[str, str] = {}
    for price in prices:
        place = name = f"{price.bill_item_code} {price.kind}"
        number = 1
        while place in found:
            number += 1
            place = f"{name} {number}"
        values = {column.key: getattr(price, column.key) for column in PRICE_TERMS}
        found[place] = _text({**values, **price.names}, (*PRICE_TERMS, *NAME_COLUMNS))
    return found


def _allowances(allowances: Iterable[NewAllowance]) -> dict[str, str]:
    return {one.code: _text(allowance_cells(one), ALLOWANCE_COLUMNS[1:]) for one in allowances}


def _text(values: Mapping[str, Any], columns: Iterable[GridColumn]) -> str:
    """Return the cells of a line that say something, in words of the table."""
    return ", ".join(
        column.write(values[column.key])
        for column in columns
        if column.key in values and values[column.key] is not None and values[column.key] != column.empty
    )


def _lines(was: Mapping[str, str], becomes: Mapping[str, str]) -> list[DiffLine]:
    return [
        DiffLine(place=place, was=was.get(place, ""), becomes=becomes.get(place, ""))
        for place in sorted({*was, *becomes})
        if was.get(place) != becomes.get(place)
    ]
