"""
The price of a quantity by a rate that is not STANDARD.

Rule of the calculation. ``total(n)`` is what n units cost together:

- TIERS: the units inside (from, up to] of each tier, cut into blocks; beyond the last tier nothing is charged.
- GRADUATED: every unit in its own tier, plus the flat fee of each tier entered. The first tier counts as entered at
  0 units.
- GRADUATED_PERCENTAGE: the same with a share of the money in each tier.
- VOLUME: all units at the price of the tier reached, plus its flat fee.
- PACKAGE: started packages after the free units.

For more than 0 units the access price comes on top; then the least charge and the cap hold, in this order.

With the scope EVENT a usage costs ``total(quantity)``. With the scope PERIOD it costs what it adds to the period:
``total(before + quantity) - total(before)``, each rounded to the plan's places, so that the usages of a period sum
exactly to the rounded total of the period; before the first usage nothing is due, not even a flat fee. Usage that
lowers the total (a cheaper tier of VOLUME) costs less than nothing.

PERCENTAGE prices each event by itself: fixed part plus share, within least and greatest charge. The first
``free_events`` events are free as long as they stay within the free sum; the part of an event above the free sum is
charged, and an event that comes after the free ones is charged as a whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from billing_site.core.money import round_micro
from billing_site.core.quantities import increments_in
from rating.domain.charges import Counter, TierPart
from tariffs.domain.charge_models import PERCENT_WHOLE, ChargeModel, RateScope, Tier
from tariffs.domain.rates import Rate, RoundingPolicy

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPrice:
    """
    What a usage costs by its model: exact and rounded (micro units), the parts of the total that it leads to, and
    what the period cost before and after (rounded; 0 and the amount itself where each usage stands alone).
    ``billed_units`` are those that this usage adds after rounding up to blocks.
    """

    exact: Fraction
    amount_micro: int
    parts: tuple[TierPart, ...]
    billed_units: int = 0
    fee_micro: int = 0
    free_units: int = 0
    before_micro: int = 0
    after_micro: int = 0
    capped_micro: int | None = None
    minimum_micro: int | None = None


def price_by_model(
    *, rate: Rate, quantity: int, before: Counter, rounding: RoundingPolicy, continuation: bool = False
) -> ModelPrice:
    """
    Price a quantity by a rate that is not STANDARD.

    :param quantity: zero or more
    :param before: what the holder's counter says; looked at only by rates of scope PERIOD
    :param continuation: the access price and the least charge have been paid by an earlier part; a rate of scope
        PERIOD charges them once a period anyway
    """
    if rate.model is ChargeModel.PERCENTAGE:
        return _one_event(rate, quantity=quantity, before=before, rounding=rounding, continuation=continuation)
    if rate.scope is RateScope.EVENT:
        total = _total(rate, quantity, continuation=continuation)
        amount = _rounded(total.exact, rounding)
        return _price(total, exact=total.exact, amount_micro=amount, after_micro=amount)
    total = _total(rate, before.units + quantity)
    earlier = _total(rate, before.units) if before.events else _NOTHING_YET
    after_micro, before_micro = _rounded(total.exact, rounding), _rounded(earlier.exact, rounding)
    return _price(
        total,
        exact=total.exact - earlier.exact,
        amount_micro=after_micro - before_micro,
        before_micro=before_micro,
        after_micro=after_micro,
        billed_before=earlier.billed_units,
    )


@dataclass(frozen=True, slots=True)
class _Total:
    """What so many units cost together, and of what that consists."""

    exact: Fraction
    parts: tuple[TierPart, ...]
    fee_micro: int
    capped_micro: int | None
    minimum_micro: int | None

    @property
    def billed_units(self) -> int:
        return sum(part.billed_units for part in self.parts)


_NOTHING_YET = _Total(NOTHING, (), 0, None, None)


def _price(
    total: _Total,
    *,
    exact: Fraction,
    amount_micro: int,
    after_micro: int,
    before_micro: int = 0,
    billed_before: int = 0,
    free_units: int = 0,
) -> ModelPrice:
    return ModelPrice(
        exact=exact,
        amount_micro=amount_micro,
        parts=total.parts,
        billed_units=total.billed_units - billed_before,
        free_units=free_units,
        fee_micro=total.fee_micro,
        before_micro=before_micro,
        after_micro=after_micro,
        capped_micro=total.capped_micro,
        minimum_micro=total.minimum_micro,
    )


def _total(rate: Rate, units: int, *, continuation: bool = False) -> _Total:
    parts = _PARTS[rate.model](rate, units)
    fee = rate.connect_fee_micro if units and not continuation else 0
    least = rate.min_charge_micro if units and not continuation else 0
    return _within(sum((part.amount for part in parts), Fraction(fee)), rate, parts=parts, fee_micro=fee, least=least)


def _within(exact: Fraction, rate: Rate, *, parts: tuple[TierPart, ...], fee_micro: int, least: int) -> _Total:
    """Hold an amount between the least charge and the cap."""
    minimum = least if exact < least else None
    exact = max(exact, Fraction(least))
    cap = rate.cap_micro
    capped = cap if cap is not None and exact > cap else None
    return _Total(exact if capped is None else Fraction(capped), parts, fee_micro, capped, minimum)


def _in_blocks(rate: Rate, units: int) -> tuple[TierPart, ...]:
    return tuple(
        _part(tier, number, tier.units_in(units)) for number, tier in enumerate(rate.tiers) if tier.units_in(units)
    )


def _graduated(rate: Rate, units: int) -> tuple[TierPart, ...]:
    entered = ((number, tier) for number, tier in enumerate(rate.tiers) if not number or units > tier.from_units)
    return tuple(_part(tier, number, tier.units_in(units)) for number, tier in entered)


def _volume(rate: Rate, units: int) -> tuple[TierPart, ...]:
    reached = next(number for number, tier in enumerate(rate.tiers) if tier.up_to is None or units <= tier.up_to)
    return (_part(rate.tiers[reached], reached, units),)


def _packages(rate: Rate, units: int) -> tuple[TierPart, ...]:
    charged = max(0, units - rate.free_units)
    return (_part(rate.tiers[0], 0, charged),) if charged else ()


_PARTS: Mapping[ChargeModel, Callable[[Rate, int], tuple[TierPart, ...]]] = {
    ChargeModel.TIERS: _in_blocks,
    ChargeModel.GRADUATED: _graduated,
    ChargeModel.GRADUATED_PERCENTAGE: _graduated,
    ChargeModel.VOLUME: _volume,
    ChargeModel.PACKAGE: _packages,
}


def _part(tier: Tier, number: int, units: int) -> TierPart:
    """Price units inside one tier: by the price per units, or by a share where the quantity is money."""
    billed = units if tier.block is None else increments_in(units, tier.block) * tier.block
    exact = Fraction(billed * tier.price_micro, tier.per) + Fraction(units * tier.percent_millionths, PERCENT_WHOLE)
    return TierPart(
        tier=number,
        units=units,
        billed_units=billed,
        price_micro=tier.price_micro,
        per=tier.per,
        flat_micro=tier.flat_micro,
        percent_millionths=tier.percent_millionths,
        amount=exact + tier.flat_micro,
    )


def _one_event(
    rate: Rate, *, quantity: int, before: Counter, rounding: RoundingPolicy, continuation: bool
) -> ModelPrice:
    free = _free_part(rate, quantity=quantity, before=before)
    if quantity == free:
        return ModelPrice(exact=NOTHING, amount_micro=0, parts=(), free_units=free)
    part = _part(rate.tiers[0], 0, quantity - free)
    fee = 0 if continuation else rate.connect_fee_micro
    least = 0 if continuation else rate.min_charge_micro
    total = _within(part.amount + fee, rate, parts=(part,), fee_micro=fee, least=least)
    amount = _rounded(total.exact, rounding)
    return _price(total, exact=total.exact, amount_micro=amount, after_micro=amount, free_units=free)


def _free_part(rate: Rate, *, quantity: int, before: Counter) -> int:
    """Return how much of an event is free: nothing after the free events, else what the free sum has left."""
    if not rate.free_events and not rate.free_units:
        return 0
    if rate.free_events and before.events >= rate.free_events:
        return 0
    if not rate.free_units:
        return quantity
    return min(quantity, max(0, rate.free_units - before.units))


def _rounded(exact: Fraction, rounding: RoundingPolicy) -> int:
    return round_micro(
        numerator=exact.numerator, denominator=exact.denominator, places=rounding.places, mode=rounding.mode
    )
