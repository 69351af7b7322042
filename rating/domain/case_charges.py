"""Turns the charges of ``tiered_usage`` cases into our own rates; the arithmetic is the kernel's."""

from collections.abc import Sequence
from dataclasses import dataclass

from billing_site.core.money import MICRO_PER_MAJOR
from billing_site.core.quantities import Unit
from rating.domain.case_tariffs import step_in
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
    scale_of,
    whole_in,
)
from tariffs.domain.charge_models import PERCENT_PLACES, ChargeModel, RateScope, Tier
from tariffs.domain.rates import Rate

_KNOWN = {
    "standard": ("per_unit",),
    "tiers": ("tiers", "block_rounding", "beyond_last_tier", "access_price"),
    "graduated": ("tiers",),
    "graduated_percentage": ("tiers",),
    "volume": ("tiers",),
    "package": ("package_size", "price", "free_units"),
    "percentage": ("percent", "fixed_per_event", "free_events", "free_sum", "min_per_event", "max_per_event"),
}
_QUANTITIES = ("from", "to", "block", "from_unit", "to_unit", "package_size", "free_units")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCharge:
    """The rate of a case and what is charged by it; quantities are multiplied by ``scale``."""

    rate: Rate
    events: tuple[int, ...]
    scale: int


def charge_in(case: JsonObject) -> CaseCharge:
    """
    Read the charge and the quantities of a case.

    :raises CaseNotSupported: if it says something that our rates cannot express
    """
    charge = case["charge"]
    name = str(charge.get("model"))
    if name not in _KNOWN:
        msg = f"charge: model {name!r}"
        raise CaseNotSupported(msg)
    refuse_other_keys(charge, known=("model", *_KNOWN[name]), where="charge")
    model = ChargeModel(name.upper())
    if ("events" in case) == ("quantity" in case):
        msg = "a charge needs either a quantity or events"
        raise CaseNotSupported(msg)
    found = list_in(case["events"], where="events") if "events" in case else [case["quantity"]]
    scale = MICRO_PER_MAJOR if model.is_share_of_money else _scale(charge, found)
    events = tuple(whole_in(value, where="quantity", scale=scale) for value in found)
    return CaseCharge(rate=_rate(charge, model=model, scale=scale), events=events, scale=scale)


def _scale(charge: JsonObject, quantities: Sequence[object]) -> int:
    found = [charge, *charge.get("tiers", ())]
    lengths = [(key, part[key]) for part in found for key in _QUANTITIES if part.get(key) is not None]
    return scale_of([*(("quantity", quantity) for quantity in quantities), *lengths])


def _rate(charge: JsonObject, *, model: ChargeModel, scale: int) -> Rate:
    if model is ChargeModel.STANDARD:
        step = step_in(price=charge["per_unit"], per=scale, increment=1, from_units=0, where="per_unit")
        return Rate(rate_id=1, zone_id=1, unit=Unit.BYTES, steps=(step,))
    if model is ChargeModel.PERCENTAGE:
        return _percentage(charge)
    return Rate(
        rate_id=1,
        zone_id=1,
        unit=Unit.MONEY if model.is_share_of_money else Unit.BYTES,
        model=model,
        tiers=_tiers(charge, model=model, scale=scale),
        connect_fee_micro=micro_in(given(charge.get("access_price"), default="0"), where="access_price"),
        free_units=whole_in(given(charge.get("free_units"), default="0"), where="free_units", scale=scale),
    )


def _percentage(charge: JsonObject) -> Rate:
    """Read a share of each event: free events and the free sum run over the events of the case."""
    greatest = charge.get("max_per_event")
    return Rate(
        rate_id=1,
        zone_id=1,
        unit=Unit.MONEY,
        model=ChargeModel.PERCENTAGE,
        scope=RateScope.PERIOD,
        tiers=(Tier(percent_millionths=_percent(charge["percent"])),),
        connect_fee_micro=micro_in(given(charge.get("fixed_per_event"), default="0"), where="fixed_per_event"),
        min_charge_micro=positive(
            micro_in(given(charge.get("min_per_event"), default="0"), where="min_per_event"), where="min_per_event"
        ),
        max_cost_micro=None if greatest is None else micro_in(greatest, where="max_per_event"),
        free_events=whole_in(given(charge.get("free_events"), default=0), where="free_events"),
        free_units=micro_in(given(charge.get("free_sum"), default="0"), where="free_sum"),
    )


def _tiers(charge: JsonObject, *, model: ChargeModel, scale: int) -> tuple[Tier, ...]:
    if model is ChargeModel.TIERS:
        if charge.get("beyond_last_tier", "not charged") != "not charged":
            msg = f"beyond_last_tier: {charge['beyond_last_tier']!r}"
            raise CaseNotSupported(msg)
        return block_tiers(charge["tiers"], is_rounded=_is_rounded(charge.get("block_rounding", "up")), scale=scale)
    if model is ChargeModel.PACKAGE:
        size = length_in(charge["package_size"], where="package_size", scale=scale)
        return (_priced(charge["price"], per=size, block=size, where="price"),)
    ends = [whole_in(found["to_unit"], where="to_unit", scale=scale) for found in charge["tiers"][:-1]]
    starts = (0, *ends)
    tiers = zip(charge["tiers"], starts, strict=True)
    return tuple(_own_tier(found, from_units=start, model=model, scale=scale) for found, start in tiers)


def _is_rounded(value: object) -> bool:
    if value not in ("up", "none"):
        msg = f"block_rounding: {value!r}"
        raise CaseNotSupported(msg)
    return value == "up"


def block_tiers(found: Sequence[JsonObject], *, is_rounded: bool, scale: int) -> tuple[Tier, ...]:
    """
    Read tiers that are cut into blocks: each begins where it says, or where the one before it ends; one that holds no
    unit charges nothing.

    :raises CaseNotSupported: if they say something that our tiers cannot express
    """
    tiers: list[Tier] = []
    start: object = "0"
    for part in found:
        start = part.get("from", start)
        is_empty = part.get("to") is not None and decimal_in(part["to"], where="to") == decimal_in(start, where="from")
        if not is_empty:
            tiers.append(_block_tier({**part, "from": start}, is_rounded=is_rounded, scale=scale))
        start = part.get("to") or start
    return tuple(tiers)


def _block_tier(found: JsonObject, *, is_rounded: bool, scale: int) -> Tier:
    refuse_other_keys(found, known=("from", "to", "price", "block"), where="tier")
    block = length_in(found.get("block", 1), where="block", scale=scale)
    end = found.get("to")
    return _priced(
        found["price"],
        per=block,
        block=block if is_rounded else None,
        from_units=whole_in(found["from"], where="from", scale=scale),
        up_to=None if end is None else whole_in(end, where="to", scale=scale),
        where="price",
    )


def _own_tier(found: JsonObject, *, from_units: int, model: ChargeModel, scale: int) -> Tier:
    """Read a tier that begins where the one before it ends: ``from_unit`` names its first whole unit."""
    known = ("from_unit", "to_unit", "flat", "percent" if model.is_share_of_money else "per_unit")
    refuse_other_keys(found, known=known, where="tier")
    first = found.get("from_unit")
    if first is not None and whole_in(first, where="from_unit", scale=scale) not in {from_units, from_units + scale}:
        msg = f"from_unit: {first!r} does not follow the tier before"
        raise CaseNotSupported(msg)
    end = found.get("to_unit")
    return _priced(
        found.get("per_unit", "0"),
        per=1 if model.is_share_of_money else scale,
        block=None,
        from_units=from_units,
        up_to=None if end is None else whole_in(end, where="to_unit", scale=scale),
        flat_micro=micro_in(given(found.get("flat"), default="0"), where="flat"),
        percent_millionths=_percent(given(found.get("percent"), default="0")),
        where="per_unit",
    )


def _priced(
    price: object,
    *,
    per: int,
    block: int | None,
    where: str,
    from_units: int = 0,
    up_to: int | None = None,
    flat_micro: int = 0,
    percent_millionths: int = 0,
) -> Tier:
    """Build a tier; a price finer than micro units is written per ten, hundred, ... times the units."""
    step = step_in(price=price, per=per, increment=1, from_units=0, where=where)
    return Tier(
        from_units=from_units,
        up_to=up_to,
        price_micro=step.price_micro,
        per=step.per,
        block=block,
        flat_micro=flat_micro,
        percent_millionths=percent_millionths,
    )


def _percent(value: object) -> int:
    number = decimal_in(value, where="percent").scaleb(PERCENT_PLACES)
    if number != int(number):
        msg = f"percent: {value!r} has more than {PERCENT_PLACES} decimals"
        raise CaseNotSupported(msg)
    return int(number)
