"""
Usage drawn from allowances first and priced for the rest.

Allowances of units are drawn in order of priority, unit by unit; what is left is priced as usage of its own that
begins where the allowance ended, so its first unit is unit 0 of the rate. Allowances of money then pay for the
rounded price, in order of priority. Events are taken in the order in which they are given: the caller sorts them by
start, file and line; an event that comes late takes what is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from billing_site.core.quantities import Unit
from rating.domain.charges import Charge
from rating.domain.pricing import price_usage
from tariffs.domain.allowances import Allowance, AllowanceUnit
from tariffs.domain.price_book import PlanPrices


class PotKey(NamedTuple):
    """
    Whose pot of which allowance in which period: ``holder_id`` is the account where the allowance is shared, else the
    subscription.
    """

    allowance_id: int
    shared: bool
    holder_id: int
    period_start: date


class AllowanceUse(NamedTuple):
    """What one event took from one pot, in the allowance's unit (micro units for money)."""

    allowance_id: int
    pot: PotKey
    unit: AllowanceUnit
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who draws: the subscription, its account and the first day of the bill period to which the usage belongs."""

    subscription_id: int
    account_id: int
    period_start: date

    def pot_of(self, allowance: Allowance) -> PotKey:
        """Return the pot of an allowance that this holder draws from."""
        shared = allowance.shared_by_account
        return PotKey(
            allowance.allowance_id, shared, self.account_id if shared else self.subscription_id, self.period_start
        )


class Pots:
    """
    What is left in the pots of the holders under work; a pot that was never drawn from is full.

    The one mutable thing of rating: made from what the books say, drawn from in order of time, and read out again at
    the end.
    """

    def __init__(self, left: Mapping[PotKey, int] | None = None) -> None:
        """Begin with what is left in the pots that have been drawn from before."""
        self._left: dict[PotKey, int] = dict(left or {})
        self._touched: set[PotKey] = set()

    def left_in(self, pot: PotKey, allowance: Allowance) -> int:
        """Return what is left of an allowance in a pot."""
        return self._left.get(pot, allowance.quantity)

    def take(self, pot: PotKey, allowance: Allowance, quantity: int) -> None:
        """
        Take a quantity out.

        :raises ValueError: if it is negative or more than is left
        """
        left = self.left_in(pot, allowance)
        if not 0 <= quantity <= left:
            msg = f"cannot take {quantity} of {left} from {pot}"
            raise ValueError(msg)
        self._left[pot] = left - quantity
        self._touched.add(pot)

    def changed(self) -> dict[PotKey, int]:
        """Return what is left in each pot that was drawn from, in a stable order."""
        return {pot: self._left[pot] for pot in sorted(self._touched)}


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
    usable = [allowance for allowance in prices.allowances if allowance.applies_to(zone_id=zone_id, on=day)]
    taken = _draw(usable, unit=AllowanceUnit(unit.value), quantity=quantity, holder=holder, pots=pots)
    drawn = sum(use.quantity for use in taken)
    charge = price_usage(
        prices=prices,
        zone_id=zone_id,
        unit=unit,
        started_at=started_at.astimezone(UTC) + timedelta(seconds=drawn if unit is Unit.SECONDS else 0),
        quantity=quantity - drawn,
        continuation=continuation,
    )
    paid = _draw(usable, unit=AllowanceUnit.MONEY, quantity=charge.amount_micro, holder=holder, pots=pots)
    uses = (*taken, *paid)
    by_id = {allowance.allowance_id: allowance for allowance in usable}
    for use in uses:
        pots.take(use.pot, by_id[use.allowance_id], use.quantity)
    return AllowedCharge(
        charge=charge,
        uses=uses,
        allowance_units=drawn,
        charged_units=quantity - drawn,
        amount_micro=charge.amount_micro - sum(use.quantity for use in paid),
    )


def _draw(
    usable: list[Allowance], *, unit: AllowanceUnit, quantity: int, holder: Holder, pots: Pots
) -> tuple[AllowanceUse, ...]:
    """Say what each allowance of a unit would give, in drawing order, without taking it."""
    uses = []
    for allowance in usable:
        if allowance.unit is unit and quantity > 0:
            pot = holder.pot_of(allowance)
            part = min(quantity, pots.left_in(pot, allowance))
            if part:
                uses.append(AllowanceUse(allowance.allowance_id, pot, unit, part))
                quantity -= part
    return tuple(uses)
