"""Everything that prices usage, read once and frozen."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from billing_site.core import clock
from billing_site.core.money import RoundingMode, decimal_to_micro
from billing_site.core.periods import DatePeriod
from tariffs.domain.allowances import Allowance, AllowanceUnit
from tariffs.domain.prefixes import PrefixEntry, PrefixTable
from tariffs.domain.price_book import PlanPrices, PriceBook
from tariffs.domain.rates import MaxCostPolicy, Rate, RateStep, RoundingPolicy, Surcharge, rate_step
from tariffs.domain.windows import Window, WindowScheme
from tariffs.models import (
    Allowance as AllowanceRow,
    PlanVersion,
    Rate as RateRow,
    RateStep as RateStepRow,
    SpecialDay,
    Window as WindowRow,
    Zone,
    ZonePrefix,
)

_ROUNDING = {
    PlanVersion.Rounding.HALF_UP: RoundingMode.HALF_UP,
    PlanVersion.Rounding.UP: RoundingMode.UP,
}

_RATE_COLUMNS = (
    "id",
    "plan_version_id",
    "zone_id",
    "window_id",
    "connect_fee",
    "minimum_charge",
    "maximum_charge",
    "cap_policy",
    "surcharge_after_seconds",
    "surcharge_amount",
)


def get_price_book() -> PriceBook:
    """
    Return every published plan version and every prefix as one frozen value.

    Eight queries, whatever the number of plans. Days are the operator's; amounts are micro units of the plan's
    currency.

    :raises ValueError: if the tables contradict themselves (two versions of a plan on one day); their constraints
        forbid it
    """
    windows = {row.pk: row for row in WindowRow.objects.order_by("scheme_id", "pk")}
    schemes = _schemes(windows.values())
    rates = _rates(_steps(), windows)
    allowances = _allowances()
    plans = tuple(
        PlanPrices.of(
            plan_id=version.plan_id,
            plan_version_id=version.pk,
            version=version.number,
            valid=period_of(version.during),
            scheme=schemes.get(version.window_scheme_id),
            rounding=RoundingPolicy(
                mode=_ROUNDING[PlanVersion.Rounding(version.rounding_mode)], places=version.rounding_places
            ),
            rates=rates.get(version.pk, ()),
            allowances=allowances.get(version.pk, ()),
        )
        for version in PlanVersion.objects.filter(state=PlanVersion.State.PUBLISHED)
    )
    return PriceBook(prefixes=get_prefix_table(), plans=plans)


def get_prefix_table() -> PrefixTable:
    """Return the zones of numbers by prefix and day."""
    rows = ZonePrefix.objects.values_list("prefix", "zone_id", "during")
    return PrefixTable(
        tuple(PrefixEntry(prefix=prefix, zone_id=zone_id, valid=period_of(during)) for prefix, zone_id, during in rows)
    )


def bill_items_by_zone() -> dict[int, int | None]:
    """Return for each zone the bill item that its usage goes into; ``None`` where its category has no item yet."""
    return dict(Zone.objects.values_list("pk", "usage_category__bill_item_id"))


def period_of(during: Any) -> DatePeriod:
    """Return a range column as a period of days; an open beginning is the first day there is."""
    return DatePeriod(during.lower or date.min, during.upper)


def _schemes(windows: Iterable[WindowRow]) -> dict[int, WindowScheme]:
    """Return the window schemes; the position of a window is its place in the order of ids."""
    holidays = dict(SpecialDay.objects.values_list("day", "counts_as_weekday"))
    rows: defaultdict[int, list[Window]] = defaultdict(list)
    for row in windows:
        rows[row.scheme_id].append(Window(days=frozenset(row.weekdays), from_minute=row.opens_at_minute))
    return {
        scheme_id: WindowScheme(windows=tuple(found), zone=clock.operator_zone(), holidays=holidays)
        for scheme_id, found in rows.items()
    }


def _steps() -> dict[int, tuple[RateStep, ...]]:
    """Return the steps of every rate, in order."""
    steps: defaultdict[int, list[RateStep]] = defaultdict(list)
    rows = RateStepRow.objects.order_by("rate_id", "from_second").values_list(
        "rate_id", "price", "per_seconds", "increment_seconds", "from_second", named=True
    )
    for row in rows:
        steps[row.rate_id].append(
            rate_step(
                price=row.price,
                per=row.per_seconds,
                increment=row.increment_seconds,
                from_units=row.from_second,
            )
        )
    return {rate_id: tuple(found) for rate_id, found in steps.items()}


def _rates(steps: dict[int, tuple[RateStep, ...]], windows: dict[int, WindowRow]) -> dict[int, list[Rate]]:
    """Return the rates of every plan version; a rate of a window holds in every opening that has the window's name."""
    places = _positions(windows.values())
    rates: defaultdict[int, list[Rate]] = defaultdict(list)
    published = RateRow.objects.filter(plan_version__state=PlanVersion.State.PUBLISHED).order_by("pk")
    for row in published.values_list(*_RATE_COLUMNS, named=True):
        if row.id not in steps:
            continue
        for weight, position in _openings(row.window_id, windows, places):
            rates[row.plan_version_id].append(_rate(row, steps[row.id], window=position, weight=weight))
    return rates


def _positions(windows: Iterable[WindowRow]) -> dict[int, int]:
    """Return the position of each window in its scheme."""
    by_scheme: defaultdict[int, list[int]] = defaultdict(list)
    for row in windows:
        by_scheme[row.scheme_id].append(row.pk)
    return {pk: index for ids in by_scheme.values() for index, pk in enumerate(sorted(ids))}


def _openings(
    window_id: int | None, windows: dict[int, WindowRow], places: dict[int, int]
) -> list[tuple[int, int | None]]:
    """Return (weight, position) of every opening in which a rate holds; its own opening weighs more than namesakes."""
    if window_id is None:
        return [(0, None)]
    own = windows[window_id]
    alike = [row.pk for row in windows.values() if (row.scheme_id, row.code) == (own.scheme_id, own.code)]
    return [(1 if pk == window_id else 0, places[pk]) for pk in alike]


def _rate(row: Any, steps: tuple[RateStep, ...], *, window: int | None, weight: int) -> Rate:
    surcharge = None
    if row.surcharge_after_seconds is not None and row.surcharge_amount:
        surcharge = Surcharge(
            after_units=row.surcharge_after_seconds, amount_micro=decimal_to_micro(row.surcharge_amount)
        )
    return Rate(
        rate_id=row.id,
        zone_id=row.zone_id,
        window=window,
        connect_fee_micro=decimal_to_micro(row.connect_fee),
        steps=steps,
        max_cost_micro=None if row.maximum_charge is None else decimal_to_micro(row.maximum_charge),
        max_cost_policy=MaxCostPolicy(row.cap_policy),
        min_charge_micro=decimal_to_micro(row.minimum_charge),
        surcharge=surcharge,
        weight=weight,
    )


def _allowances() -> dict[int, list[Allowance]]:
    """Return the allowances of every plan version."""
    zones: defaultdict[int, set[int]] = defaultdict(set)
    for allowance_id, zone_id in AllowanceRow.zones.through.objects.values_list("allowance_id", "zone_id"):
        zones[allowance_id].add(zone_id)
    allowances: defaultdict[int, list[Allowance]] = defaultdict(list)
    for row in AllowanceRow.objects.order_by("pk"):
        allowances[row.plan_version_id].append(
            Allowance(
                allowance_id=row.pk,
                unit=AllowanceUnit(row.unit),
                quantity=row.quantity,
                zone_ids=frozenset(zones[row.pk]),
                priority=row.priority,
                shared_by_account=row.shared_by_account,
            )
        )
    return allowances
