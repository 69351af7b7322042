"""
Usage drawn from allowances first and priced for the rest.

Allowances of units are drawn in order of priority, unit by unit; what is left is priced as usage of its own that
begins where the allowance ended, so its first unit is unit 0 of the rate. Allowances of money then pay for the
rounded price, in order of priority. Events are taken in the order in which they are given: the caller sorts them by
start, file and line; an event that comes late takes what is left. Usage of a free zone draws nothing.

Rates whose tiers run over the bill period read and move a counter of the subscription; it counts what was left to be
priced, and starts anew with each bill period and each plan version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from billing_site.core.quantities import Unit
from rating.domain.charges import Charge, Counter
from rating.domain.pots import Holder, PotKey, PotKind, Pots, PotState
from rating.domain.pricing import NOTHING_BEFORE, counted_rate, price_usage
from tariffs.domain.allowances import Allowance, AllowanceUnit
from tariffs.domain.price_book import PlanPrices

__all__ = [
    "AllowanceUse",
    "AllowedCharge",
    "Holder",
    "PotKey",
    "PotKind",
    "PotState",
    "Pots",
    "charge_with_allowances",
    "price_rest",
    "rest_begins",
]


class AllowanceUse(NamedTuple):
    """What one event took from one pot, in the allowance's unit (micro units for money)."""

    allowance_id: int
    pot: PotKey
    unit: AllowanceUnit
    quantity: int
    carried: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedCharge:
    """
    One event after its allowances: what they took, the price of the rest, and what is to be paid.

    ``charged_units + allowance_units`` is the event's quantity; ``amount_micro`` is the charge less what allowances
    of money paid.
    """

    charge: Charge
    uses: tuple[AllowanceUse, ...]
    allowance_units: int
    charged_units: int
    amount_micro: int


def charge_with_allowances(
    *,
    prices: PlanPrices,
    zone_id: int,
    started_at: datetime,
    quantity: int,
    holder: Holder,
    pots: Pots,
    unit: Unit = Unit.SECONDS,
    continuation: bool = False,
) -> AllowedCharge:
    """
    Draw one event from the holder's allowances and price the rest. The pots are drawn from only if a price was found.

    :param prices: plan version with its allowances
    :param started_at: instant with a zone; its local day decides whether an allowance is valid
    :param quantity: of ``unit``, zero or more
    :raises NoPrice: if a window that the rest touches has no rate
    :raises ValueError: for a negative quantity
    """
    day = started_at.astimezone(prices.scheme.zone).date()
    is_free = prices.is_free(zone_id)
    usable = [] if is_free else [one for one in prices.allowances if one.applies_to(zone_id=zone_id, on=day)]
    draw = _Draw(prices=prices, usable=usable, holder=holder, pots=pots)
    taken = draw.of(quantity, unit=_UNITS.get(unit))
    drawn = sum(use.quantity for use in taken)
    rate = counted_rate(
        prices=prices, zone_id=zone_id, unit=unit, started_at=rest_begins(started_at, unit=unit, drawn=drawn)
    )
    counter = None if rate is None or rate.counter is None else holder.counter_of(rate.counter)
    charge = price_rest(
        prices=prices,
        zone_id=zone_id,
        unit=unit,
        started_at=started_at,
        quantity=quantity,
        drawn=drawn,
        continuation=continuation,
        counter=NOTHING_BEFORE if counter is None else pots.counted(counter),
    )
    paid = draw.of(charge.amount_micro, unit=AllowanceUnit.MONEY)
    for use in (*taken, *paid):
        draw.take(use)
    if counter is not None and charge.period is not None:
        pots.count(counter, charge.period.after)
    return AllowedCharge(
        charge=charge,
        uses=(*taken, *paid),
        allowance_units=drawn,
        charged_units=quantity - drawn,
        amount_micro=charge.amount_micro - sum(use.quantity for use in paid),
    )


def price_rest(
    *,
    prices: PlanPrices,
    zone_id: int,
    unit: Unit,
    started_at: datetime,
    quantity: int,
    drawn: int,
    continuation: bool = False,
    counter: Counter = NOTHING_BEFORE,
) -> Charge:
    """
    Price what allowances of units leave of a usage, as usage of its own that begins where they end.

    Of usage that they cover nothing is left to be priced, not even a tier's flat fee, and no counter moves.

    :param quantity: of ``unit``, with what was drawn
    :param drawn: what allowances gave, at most the quantity
    :raises NoPrice: if a window that the rest touches has no rate
    :raises ValueError: if more was drawn than used
    """
    charge = price_usage(
        prices=prices,
        zone_id=zone_id,
        unit=unit,
        started_at=rest_begins(started_at, unit=unit, drawn=drawn),
        quantity=quantity - drawn,
        continuation=continuation,
        counter=counter,
    )
    if not drawn or drawn < quantity:
        return charge
    return replace(
        charge,
        amount_micro=0,
        exact_numerator=0,
        exact_denominator=1,
        billed_units=0,
        tier_parts=(),
        period=None,
        minimum_micro=None,
        capped_micro=None,
    )


def rest_begins(started_at: datetime, *, unit: Unit, drawn: int) -> datetime:
    """Return the instant in UTC at which the rest of a usage begins: drawn seconds pass, other units do not."""
    return started_at.astimezone(UTC) + timedelta(seconds=drawn if unit is Unit.SECONDS else 0)


_UNITS: Mapping[Unit, AllowanceUnit] = {
    Unit.SECONDS: AllowanceUnit.SECONDS,
    Unit.EVENTS: AllowanceUnit.EVENTS,
    Unit.BYTES: AllowanceUnit.BYTES,
}
"""Which allowance gives units of usage; for money there is none: it pays for the price."""


@dataclass(frozen=True, slots=True)
class _Draw:
    """The allowances that one event may draw from."""

    prices: PlanPrices
    usable: list[Allowance]
    holder: Holder
    pots: Pots

    def of(self, quantity: int, *, unit: AllowanceUnit | None) -> tuple[AllowanceUse, ...]:
        """Say what each allowance of a unit would give, in drawing order, without taking it."""
        uses = []
        for allowance in self.usable:
            if allowance.unit is unit and quantity > 0:
                pot = self.holder.pot_of(allowance)
                before = self.pots.previous_of(pot, allowance, self.holder, self.prices)
                state = self.pots.state_of(pot, allowance, before=before)
                part = min(quantity, state.left(allowance))
                if part:
                    carried = min(part, max(0, state.carried_units - state.used_units))
                    uses.append(AllowanceUse(allowance.allowance_id, pot, allowance.unit, part, carried))
                    quantity -= part
        return tuple(uses)

    def take(self, use: AllowanceUse) -> None:
        """Take what an allowance gives."""
        allowance = next(one for one in self.usable if one.allowance_id == use.allowance_id)
        before = self.pots.previous_of(use.pot, allowance, self.holder, self.prices)
        self.pots.take(use.pot, allowance, use.quantity, before=before)
