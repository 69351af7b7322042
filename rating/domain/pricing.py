"""
The price of one usage. This module is the specification of rating: whatever prices in bulk must agree with it to the
last digit.

Usage of a free zone costs nothing, whatever the rates say. Where the rates of a zone are of another model than
STANDARD the rate of the window of the start prices the whole usage by the rule of ``model_pricing``.

Rule of the calculation for STANDARD rates:

1. Usage of 0 units costs 0.
2. Otherwise the connect fee of the window in which it starts is due, unless it continues a call that has paid it.
3. Then increment by increment: an increment belongs to the window in which it starts and to the price step in which
   it starts, and counts whole. Only seconds run through windows; bytes and events stay in the window of their start.
4. A cap stops the price while its rate applies; a limit that ends calls does not.
5. A surcharge is added once, within the cap, when more units were used than it tolerates; then the minimum charge
   holds.
6. The total is rounded once, by the tariff's mode and places, and kept in micro units.

All arithmetic is exact (integers over a common denominator), and a run of equal increments is one multiplication, so
a day costs what a minute costs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import lcm
from typing import Any

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import round_micro
from billing_site.core.quantities import Unit, increments_in
from rating.domain.charges import Charge, ChargeSegment, Counter, PeriodChange
from rating.domain.model_pricing import price_by_model
from tariffs.domain.price_book import PlanPrices
from tariffs.domain.rates import Rate

NOTHING_BEFORE = Counter()
_SECOND = timedelta(seconds=1)
# A billion of the major unit: nine thousand such records still sum up in 64 bits.
LARGEST_AMOUNT_MICRO = 10**15


class NoPrice(BillingError):
    """The plan has no rate for the zone in the window: the usage waits in quarantine, it is never priced at 0."""

    default_code = "NO_PRICE"


class PriceTooLarge(NoPrice):
    """No usage costs so much: a price or a quantity is wrong, and books could not hold many such amounts."""

    default_message = gettext_noop("By plan version %(plan_version)s this usage to zone %(zone)s costs more than any.")
    default_code = "PRICE_TOO_LARGE"


def price_call(
    *, prices: PlanPrices, zone_id: int, started_at: datetime, duration_seconds: int, continuation: bool = False
) -> Charge:
    """
    Price one call.

    :param prices: the plan version that holds on the day of the start
    :param started_at: start of the conversation, with a zone
    :param duration_seconds: conversation, zero or more
    :param continuation: a further part of a call that has paid its connect fee (and is under its minimum already)
    :raises NoPrice: if a window that the call touches has no rate
    :raises ValueError: for a negative duration
    """
    return price_usage(
        prices=prices,
        zone_id=zone_id,
        unit=Unit.SECONDS,
        started_at=started_at,
        quantity=duration_seconds,
        continuation=continuation,
    )


def price_usage(
    *,
    prices: PlanPrices,
    zone_id: int,
    unit: Unit,
    started_at: datetime,
    quantity: int,
    continuation: bool = False,
    counter: Counter = NOTHING_BEFORE,
) -> Charge:
    """
    Price a quantity of seconds, bytes, events or money.

    :param prices: the plan version that holds on the day of the start
    :param unit: what ``quantity`` counts
    :param started_at: instant with a zone
    :param quantity: zero or more
    :param continuation: the connect fee has been paid by an earlier part
    :param counter: what the holder has used before in the bill period under the counter of the rate that
        ``counted_rate`` names
    :raises NoPrice: if a window that the usage touches has no rate
    :raises PriceTooLarge: for more than a billion of the major unit
    :raises ValueError: for a negative quantity
    """
    if quantity < 0:
        msg = f"usage cannot be {quantity} {unit}"
        raise ValueError(msg)
    started_at = started_at.astimezone(UTC)
    usage = _Usage(prices=prices, zone_id=zone_id, unit=unit, started_at=started_at, quantity=quantity)
    if prices.is_free(zone_id):
        return usage.charge(is_free=True)
    if prices.is_standard(zone_id=zone_id, unit=unit):
        charge = _by_steps(usage, continuation=continuation)
    else:
        charge = _by_model(usage, counter=counter, continuation=continuation)
    if charge.amount_micro > LARGEST_AMOUNT_MICRO:
        raise PriceTooLarge(context={"plan_version": prices.plan_version_id, "zone": zone_id})
    return charge


def price_reversal(
    *,
    prices: PlanPrices,
    zone_id: int,
    unit: Unit,
    started_at: datetime,
    quantity: int,
    counter: Counter = NOTHING_BEFORE,
) -> Charge:
    """
    Price usage that is taken back: what the same usage costs, with the sign turned.

    :param quantity: what is taken back, zero or more
    :param counter: what the counter says before; the usage is priced as the last one that it contains
    :raises NoPrice: if a window that the usage touches has no rate
    :raises ValueError: for a negative quantity
    """
    charge = price_usage(
        prices=prices,
        zone_id=zone_id,
        unit=unit,
        started_at=started_at,
        quantity=quantity,
        counter=counter.before(quantity),
    )
    return charge.reversed()


def counted_rate(*, prices: PlanPrices, zone_id: int, unit: Unit, started_at: datetime) -> Rate | None:
    """Return the rate whose counter a usage reads and moves, or ``None`` where each usage stands alone."""
    if prices.is_free(zone_id) or prices.is_standard(zone_id=zone_id, unit=unit):
        return None
    rate = prices.rate_for(zone_id=zone_id, window=prices.scheme.window_at(started_at), unit=unit)
    return None if rate is None or rate.counter is None else rate


@dataclass(frozen=True, slots=True, kw_only=True)
class _Usage:
    """What is to be priced, and by what."""

    prices: PlanPrices
    zone_id: int
    unit: Unit
    started_at: datetime
    quantity: int

    def charge(self, **priced: Any) -> Charge:
        """Return the charge of it: nothing, but for what is given."""
        nothing = {"amount_micro": 0, "exact_numerator": 0, "exact_denominator": 1}
        found = {"rate_id": None, "billed_units": 0, "segments": ()}
        return Charge(
            plan_version_id=self.prices.plan_version_id,
            category=self.prices.category,
            zone_id=self.zone_id,
            unit=self.unit,
            started_at=self.started_at,
            units=self.quantity,
            rounding=self.prices.rounding,
            **(nothing | found | priced),
        )


def _by_model(usage: _Usage, *, counter: Counter, continuation: bool) -> Charge:
    """Price the whole usage by the rate of the window in which it starts."""
    prices, unit = usage.prices, usage.unit
    window = prices.scheme.window_at(usage.started_at)
    rate = prices.rate_for(zone_id=usage.zone_id, window=window, unit=unit)
    if rate is None and not usage.quantity:
        return usage.charge()
    rate = rate or _rate(prices, zone_id=usage.zone_id, window=window, unit=unit)
    found = price_by_model(
        rate=rate, quantity=usage.quantity, before=counter, rounding=prices.rounding, continuation=continuation
    )
    period = None
    if rate.counter is not None:
        period = PeriodChange(
            counter_id=rate.counter,
            before=counter,
            after=counter.after(usage.quantity),
            before_micro=found.before_micro,
            after_micro=found.after_micro,
        )
    return usage.charge(
        amount_micro=found.amount_micro,
        exact_numerator=found.exact.numerator,
        exact_denominator=found.exact.denominator,
        rate_id=rate.rate_id,
        billed_units=found.billed_units,
        connect_fee_micro=found.fee_micro,
        capped_micro=found.capped_micro,
        minimum_micro=found.minimum_micro,
        model=rate.model,
        tier_parts=found.parts,
        period=period,
        free_units=found.free_units,
    )


def _by_steps(usage: _Usage, *, continuation: bool) -> Charge:
    prices, zone_id, unit = usage.prices, usage.zone_id, usage.unit
    started_at, quantity = usage.started_at, usage.quantity
    tally = _Tally()
    first: Rate | None = None
    for rate, window, step, offset, until in _runs(
        prices=prices, zone_id=zone_id, unit=unit, started_at=started_at, quantity=quantity
    ):
        if first is None:
            first = rate
            if not continuation:
                tally.add_fee(rate)
        tally.add_run(rate=rate, window=window, step=step, offset=offset, until=until, quantity=quantity)
    if first is None:
        first = prices.rate_for(zone_id=zone_id, window=prices.scheme.window_at(started_at), unit=unit)
    else:
        tally.finish(rate=first, quantity=quantity, continuation=continuation)
    return tally.charge(usage, rate=first)


def _runs(
    *, prices: PlanPrices, zone_id: int, unit: Unit, started_at: datetime, quantity: int
) -> Iterator[tuple[Rate, int | None, int, int, int]]:
    """
    Yield (rate, window, step, offset, until) for runs in which neither window nor step changes; ``until`` is where
    the quantity or the run ends.
    """
    scheme = prices.scheme
    window, upcoming = scheme.window_and_next(started_at) if quantity else (None, None)
    if unit is not Unit.SECONDS:
        upcoming = None
    offset = 0
    while offset < quantity:
        rate = _rate(prices, zone_id=zone_id, window=window, unit=unit)
        step = sum(1 for known in rate.steps if known.from_units <= offset) - 1
        until = quantity
        if step + 1 < len(rate.steps):
            until = min(until, rate.steps[step + 1].from_units)
        if upcoming is not None:
            until = min(until, _seconds_until(upcoming[0], since=started_at))
        yield rate, window, step, offset, until
        increment = rate.steps[step].increment
        offset += increments_in(until - offset, increment) * increment
        while upcoming is not None and _seconds_until(upcoming[0], since=started_at) <= offset:
            window = upcoming[1]
            upcoming = scheme.next_start_after(upcoming[0])


def _rate(prices: PlanPrices, *, zone_id: int, window: int | None, unit: Unit) -> Rate:
    rate = prices.rate_for(zone_id=zone_id, window=window, unit=unit)
    if rate is None:
        raise NoPrice(
            gettext_noop("Plan version %(plan_version)s has no price for zone %(zone)s (%(unit)s, window %(window)s)."),
            context={"plan_version": prices.plan_version_id, "zone": zone_id, "unit": str(unit), "window": window},
        )
    return rate


def _seconds_until(moment: datetime, *, since: datetime) -> int:
    """Return the first whole second counted from ``since`` that is not before the moment."""
    return -((since - moment) // _SECOND)


@dataclass(slots=True)
class _Tally:
    """The sum under way: a fraction of micro units, its segments, and whether a cap has stopped it."""

    numerator: int = 0
    denominator: int = 1
    billed_units: int = 0
    segments: list[ChargeSegment] = field(default_factory=list)
    connect_fee_micro: int = 0
    surcharge_micro: int = 0
    capped_micro: int | None = None
    minimum_micro: int | None = None

    def add_fee(self, rate: Rate) -> None:
        self.connect_fee_micro = rate.connect_fee_micro
        self._add(rate.connect_fee_micro, 1, cap=rate.cap_micro)

    def add_run(self, *, rate: Rate, window: int | None, step: int, offset: int, until: int, quantity: int) -> None:
        price = rate.steps[step]
        billed = increments_in(until - offset, price.increment) * price.increment
        self.billed_units += billed
        self._keep(
            ChargeSegment(
                rate_id=rate.rate_id,
                window=window,
                step=step,
                from_units=offset,
                units=min(offset + billed, quantity) - offset,
                billed_units=billed,
                increment=price.increment,
                price_micro=price.price_micro,
                per=price.per,
            )
        )
        self._add(billed * price.price_micro, price.per, cap=rate.cap_micro)

    def finish(self, *, rate: Rate, quantity: int, continuation: bool) -> None:
        if rate.surcharge is not None and quantity > rate.surcharge.after_units:
            self.surcharge_micro = rate.surcharge.amount_micro
            self._add(rate.surcharge.amount_micro, 1, cap=rate.cap_micro)
        if not continuation and self.numerator < rate.min_charge_micro * self.denominator:
            self.minimum_micro = rate.min_charge_micro
            self.numerator, self.denominator = rate.min_charge_micro, 1

    def _add(self, numerator: int, denominator: int, *, cap: int | None) -> None:
        """Add a fraction; under a cap the sum stops there, but what was due before is not taken back."""
        if self.denominator % denominator:
            common = lcm(self.denominator, denominator)
            self.numerator *= common // self.denominator
            self.denominator = common
        before = self.numerator
        self.numerator += numerator * (self.denominator // denominator)
        if cap is not None and self.numerator > cap * self.denominator:
            self.numerator = max(before, cap * self.denominator)
            self.capped_micro = cap

    def _keep(self, segment: ChargeSegment) -> None:
        """Append a segment, or lengthen the last one where the same rate, window and step simply went on."""
        last = self.segments[-1] if self.segments else None
        if last is None or (last.rate_id, last.window, last.step) != (segment.rate_id, segment.window, segment.step):
            self.segments.append(segment)
            return
        self.segments[-1] = ChargeSegment(
            rate_id=last.rate_id,
            window=last.window,
            step=last.step,
            from_units=last.from_units,
            units=segment.from_units + segment.units - last.from_units,
            billed_units=last.billed_units + segment.billed_units,
            increment=last.increment,
            price_micro=last.price_micro,
            per=last.per,
        )

    def charge(self, usage: _Usage, *, rate: Rate | None) -> Charge:
        rounding = usage.prices.rounding
        return usage.charge(
            amount_micro=round_micro(
                numerator=self.numerator, denominator=self.denominator, places=rounding.places, mode=rounding.mode
            ),
            exact_numerator=self.numerator,
            exact_denominator=self.denominator,
            rate_id=None if rate is None else rate.rate_id,
            billed_units=self.billed_units,
            segments=tuple(self.segments),
            connect_fee_micro=self.connect_fee_micro,
            surcharge_micro=self.surcharge_micro,
            capped_micro=self.capped_micro,
            minimum_micro=self.minimum_micro,
        )
