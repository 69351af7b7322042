"""Turns tariffs written in the form ``telecom-billing-cases/1`` into our own frozen prices."""

import re
from collections.abc import Sequence
from datetime import UTC, date, tzinfo
from decimal import Decimal

from billing_site.core.money import MICRO_PLACES, RoundingMode, decimal_to_micro, round_amount
from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from rating.domain.case_values import (
    CaseNotSupported,
    JsonObject,
    decimal_in,
    given,
    length_in,
    list_in,
    micro_in,
    positive,
    refuse_other_keys,
    whole_in,
)
from tariffs.domain.prefixes import PrefixEntry, PrefixTable
from tariffs.domain.price_book import PlanPrices
from tariffs.domain.rates import MaxCostPolicy, Rate, RateStep, RoundingPolicy, Surcharge
from tariffs.domain.windows import Window, WindowScheme

ALWAYS = DatePeriod(date(1900, 1, 1))
UNITS_OF_MONEY = (None, "cent")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::00)?", re.ASCII)


def step_in(*, price: object, per: int, increment: int, from_units: int, where: str) -> RateStep:
    """
    Build a step; a price of more than six decimals is written as the same price per ten, hundred, ... times the
    units.
    """
    amount = decimal_in(price, where=where)
    finer = 0
    while round_amount(amount.scaleb(finer), places=MICRO_PLACES) != amount.scaleb(finer):
        finer += 1
    return RateStep(
        from_units=from_units,
        price_micro=decimal_to_micro(amount.scaleb(finer)),
        per=per * int(10**finer),
        increment=increment,
    )


def window_in(found: JsonObject) -> Window:
    """
    Read a window.

    :raises CaseNotSupported: if it begins at anything but a whole minute, or says more than days and a beginning
    """
    refuse_other_keys(found, known=("days", "from"), where="window")
    clock = _CLOCK.fullmatch(str(found.get("from", "00:00")))
    if clock is None:
        msg = f"window.from: {found.get('from')!r} is not a time"
        raise CaseNotSupported(msg)
    days = frozenset(whole_in(day, where="days") for day in list_in(found["days"], where="days"))
    return Window(days=days, from_minute=int(clock[1]) * 60 + int(clock[2]))


def scheme_in(windows: Sequence[JsonObject], *, zone: tzinfo = UTC) -> WindowScheme:
    """Read a list of windows that hold in one time zone."""
    return WindowScheme(windows=tuple(window_in(window) for window in windows), zone=zone)


def zones_in(rates: Sequence[JsonObject]) -> PrefixTable:
    """Make one zone of every prefix that a tariff names."""
    prefixes = dict.fromkeys(str(prefix) for rate in rates for prefix in list_in(rate["prefixes"], where="prefixes"))
    return PrefixTable(
        tuple(PrefixEntry(prefix=prefix, zone_id=number) for number, prefix in enumerate(prefixes, start=1))
    )


def prices_in(tariff: JsonObject, *, prefix: str, zone_id: int, unit: Unit, scale: int, zone: tzinfo) -> PlanPrices:
    """
    Read the prices that a tariff has for one prefix.

    Of the rates of that prefix the heaviest count; among these the window decides. Quantities are multiplied by
    ``scale``.

    :raises CaseNotSupported: if the tariff says something that our prices cannot express
    """
    refuse_other_keys(tariff, known=("rates", "rounding", "unit", "currency", "surcharge", "timezone"), where="tariff")
    if tariff.get("unit") not in UNITS_OF_MONEY:
        msg = f"tariff: unit {tariff['unit']!r}"
        raise CaseNotSupported(msg)
    for found in tariff["rates"]:
        # The rates of other numbers are read too: a case that is damaged there is no proof of anything.
        _rate_in(found, rate_id=0, zone_id=zone_id, unit=unit, window=None, scale=scale, surcharge=None)
    matching = [rate for rate in tariff["rates"] if prefix in rate["prefixes"]]
    chosen = [rate for rate in matching if _weight_in(rate) == max(map(_weight_in, matching))]
    windows: list[Window] = []
    rates: dict[int | None, Rate] = {}
    for number, found in enumerate(chosen, start=1):
        position = None
        if found.get("window") is not None:
            window = window_in(found["window"])
            if window not in windows:
                windows.append(window)
            position = windows.index(window)
        rate = _rate_in(
            found,
            rate_id=number,
            zone_id=zone_id,
            unit=unit,
            window=position,
            scale=scale,
            surcharge=tariff.get("surcharge"),
        )
        rates.setdefault(position, rate)
    return PlanPrices.of(
        plan_id=1,
        plan_version_id=1,
        valid=ALWAYS,
        rates=rates.values(),
        scheme=WindowScheme(windows=tuple(windows), zone=zone),
        rounding=rounding_in(tariff),
    )


def rounding_in(tariff: JsonObject) -> RoundingPolicy:
    """
    Read the rounding of a tariff.

    :raises CaseNotSupported: for an unknown mode or more places than rated amounts keep
    """
    found = tariff.get("rounding") or {}
    refuse_other_keys(found, known=("mode", "places"), where="rounding")
    try:
        return RoundingPolicy(
            mode=RoundingMode(str(found.get("mode", "half_up")).upper()),
            places=whole_in(found.get("places", MICRO_PLACES), where="places"),
        )
    except ValueError as error:
        msg = f"rounding: {error}"
        raise CaseNotSupported(msg) from error


def _rate_in(
    found: JsonObject,
    *,
    rate_id: int,
    zone_id: int,
    unit: Unit,
    window: int | None,
    scale: int,
    surcharge: JsonObject | None,
) -> Rate:
    known = ("prefixes", "window", "connect_fee", "steps", "max_cost", "max_cost_policy", "weight")
    refuse_other_keys(found, known=known, where="rate")
    cap = found.get("max_cost")
    _weight_in(found)
    if found.get("window") is not None:
        window_in(found["window"])
    return Rate(
        rate_id=rate_id,
        zone_id=zone_id,
        unit=unit,
        window=window,
        connect_fee_micro=micro_in(given(found.get("connect_fee"), default="0"), where="connect_fee"),
        steps=tuple(_step_in(step, scale=scale) for step in found["steps"]),
        max_cost_micro=None if cap is None else micro_in(cap, where="max_cost"),
        max_cost_policy=_policy_in(found.get("max_cost_policy")),
        surcharge=None if surcharge is None else _surcharge_in(surcharge, scale=scale),
    )


def _weight_in(found: JsonObject) -> Decimal:
    return decimal_in(given(found.get("weight"), default=0), where="weight")


def _step_in(found: JsonObject, *, scale: int) -> RateStep:
    refuse_other_keys(found, known=("from", "price", "per", "increment"), where="step")
    return step_in(
        price=found["price"],
        per=length_in(found.get("per", 1), where="per", scale=scale),
        increment=length_in(found.get("increment", 1), where="increment", scale=scale),
        from_units=whole_in(found.get("from", 0), where="from", scale=scale),
        where="price",
    )


def _policy_in(value: object) -> MaxCostPolicy:
    try:
        return MaxCostPolicy(str(given(value, default="cap")).upper())
    except ValueError as error:
        msg = f"max_cost_policy: {value!r}"
        raise CaseNotSupported(msg) from error


def _surcharge_in(found: JsonObject, *, scale: int) -> Surcharge:
    refuse_other_keys(found, known=("after_s", "amount"), where="surcharge")
    return Surcharge(
        after_units=positive(whole_in(found["after_s"], where="after_s", scale=scale), where="after_s"),
        amount_micro=micro_in(found["amount"], where="surcharge"),
    )
