"""Rates and allowances of plan versions, from rows to frozen values: read in a few statements, built with little."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from billing_site.db.sql import fetch_sql
from tariffs.domain.allowances import Allowance, AllowanceUnit
from tariffs.domain.charge_models import ChargeModel, RateScope, Tier
from tariffs.domain.rates import MaxCostPolicy, Rate, RateStep, Surcharge
from tariffs.models import Window

# Looked up by what the rows say: members of an enumeration are found by a call each time.
_UNITS = {unit.value: unit for unit in Unit}
_MODELS = {model.value: model for model in ChargeModel}
_SCOPES = {scope.value: scope for scope in RateScope}
_POLICIES = {policy.value: policy for policy in MaxCostPolicy}

# (weight, position of the window); the position is None for any window.
Opening = tuple[int, int | None]
StepRow = tuple[Any, ...]
Steps = tuple[StepRow, ...]


def rates_of_versions(versions: Iterable[int]) -> dict[int, list[Rate]]:
    """
    Return the rates of plan versions by version; a rate of a window holds in every opening that has the window's name.

    Amounts are micro units.

    :raises ValueError: if a rate contradicts itself
    """
    wanted = {"versions": list(versions)}
    openings = _openings()
    steps = _steps(wanted)
    price_of = _Prices()
    rates: defaultdict[int, list[Rate]] = defaultdict(list)
    for row in fetch_sql("tariffs", "price_book_rates", wanted):
        known = steps.get(row[0])
        if known is not None:
            for weight, position in openings[row[3]]:
                rates[row[1]].append(_rate(row, price_of, known, window=position, weight=weight))
    return rates


def allowances_of_versions(versions: Iterable[int]) -> dict[int, list[Allowance]]:
    """Return the allowances of plan versions by version."""
    allowances: defaultdict[int, list[Allowance]] = defaultdict(list)
    for row in fetch_sql("tariffs", "price_book_allowances", {"versions": list(versions)}):
        version, allowance_id, unit, quantity, zones, priority, shared, first_day, until, *rolling = row
        rolls_over, limit = rolling
        is_dated = first_day is not None or until is not None
        allowances[version].append(
            Allowance(
                allowance_id=allowance_id,
                unit=AllowanceUnit(unit),
                quantity=quantity,
                zone_ids=frozenset(zones),
                priority=priority,
                shared_by_account=shared,
                valid=DatePeriod(first_day or date.min, until) if is_dated else None,
                rolls_over=rolls_over,
                rollover_limit=limit,
            )
        )
    return allowances


def _openings() -> dict[int | None, list[Opening]]:
    """
    Return where a rate of each window holds: its own opening weighs more than those of its namesakes.

    The position of a window is its place in its scheme in the order of ids.
    """
    by_scheme: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for scheme_id, pk, code in Window.objects.order_by("scheme_id", "pk").values_list("scheme_id", "pk", "code"):
        by_scheme[scheme_id].append((pk, code))
    openings: dict[int | None, list[Opening]] = {None: [(0, None)]}
    for windows in by_scheme.values():
        for own, name in windows:
            openings[own] = [
                (1 if pk == own else 0, position) for position, (pk, code) in enumerate(windows) if code == name
            ]
    return openings


def _steps(wanted: Mapping[str, Any]) -> dict[int, Steps]:
    """Return the rows of the steps of every rate, in order, without the rate's id."""
    steps: dict[int, Steps] = {}
    for row in fetch_sql("tariffs", "price_book_steps", wanted):
        known = steps.get(row[0])
        steps[row[0]] = (row[1:],) if known is None else (*known, row[1:])
    return steps


class _Prices:
    """Steps and tiers by what their rows say: a price list repeats itself, equal ones are built once."""

    def __init__(self) -> None:
        self._steps: dict[Steps, tuple[RateStep, ...]] = {}
        self._tiers: dict[Steps, tuple[Tier, ...]] = {}

    def steps(self, rows: Steps) -> tuple[RateStep, ...]:
        known = self._steps.get(rows)
        if known is None:
            known = self._steps[rows] = tuple(
                RateStep(from_units=start, price_micro=price, per=per, increment=increment or 1)
                for start, _, price, per, increment, *_ in rows
            )
        return known

    def tiers(self, rows: Steps) -> tuple[Tier, ...]:
        known = self._tiers.get(rows)
        if known is None:
            known = self._tiers[rows] = tuple(
                Tier(
                    from_units=start,
                    up_to=up_to,
                    price_micro=price,
                    per=per,
                    block=block,
                    flat_micro=flat,
                    percent_millionths=percent,
                )
                for start, up_to, price, per, block, flat, percent in rows
            )
        return known


def _rate(row: StepRow, price_of: _Prices, steps: Steps, *, window: int | None, weight: int) -> Rate:
    rate_id, _, zone_id, _, unit, category, model, scope, fee, least, most, policy, after, extra, *free = row
    free_units, free_events, counter_id = free
    known_model = _MODELS[model]
    is_standard = known_model is ChargeModel.STANDARD
    return Rate(
        rate_id=rate_id,
        zone_id=zone_id,
        unit=_UNITS[unit],
        window=window,
        category=category,
        model=known_model,
        scope=_SCOPES[scope],
        connect_fee_micro=fee,
        steps=price_of.steps(steps) if is_standard else (),
        tiers=() if is_standard else price_of.tiers(steps),
        max_cost_micro=most,
        max_cost_policy=_POLICIES[policy],
        min_charge_micro=least,
        surcharge=Surcharge(after_units=after, amount_micro=extra) if after is not None and extra else None,
        free_units=free_units,
        free_events=free_events,
        counter_id=counter_id,
        weight=weight,
    )
