"""
Ceilings of prices: what the state or the head office allows at most for so many units.

A plan breaks a ceiling if the first ``units`` units of any step or tier could cost more than the ceiling says: as if
the use began there, started increments counted whole, with the connect fee where the ceiling includes it, between the
least charge and the cap. A cheap step does not make up for a dear one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit, increments_in
from tariffs.domain.charge_models import PERCENT_WHOLE
from tariffs.domain.price_book import PlanPrices
from tariffs.domain.rates import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """
    ``units`` of use to any of these zones cost at most ``maximum_micro`` on the days of ``valid``, says a document.

    :raises ValueError: for less than one unit or a negative maximum
    """

    code: str
    document: str
    zone_ids: frozenset[int]
    unit: Unit
    units: int
    maximum_micro: int
    with_connect_fee: bool
    valid: DatePeriod

    def __post_init__(self) -> None:
        """Refuse impossible ceilings."""
        if self.units < 1 or self.maximum_micro < 0:
            msg = f"not a ceiling: {self}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenCeiling:
    """A rate that costs more than a ceiling allows, and from which day on; ``found_micro`` is exact."""

    ceiling: Ceiling
    rate: Rate
    found_micro: Fraction
    since: DatePeriod


def ceilings_broken(prices: PlanPrices, ceilings: Iterable[Ceiling]) -> tuple[BrokenCeiling, ...]:
    """
    Return the ceilings that a plan version breaks on any of its days, with the rate that does: at most one for each
    ceiling and rate.

    Rates of every category of customers count. ``since`` is what the days of version and ceiling have in common.
    """
    return tuple(broken for ceiling in ceilings for broken in _broken_by(prices, ceiling))


def dearest(rate: Rate, ceiling: Ceiling) -> Fraction:
    """Return the most that the ceiling's units can cost by a rate, in micro units, exactly."""
    fee = rate.connect_fee_micro if ceiling.with_connect_fee else 0
    found = max(_beginnings(rate, ceiling.units)) + fee
    if ceiling.with_connect_fee:
        found = max(found, Fraction(rate.min_charge_micro))
    return found if rate.cap_micro is None else min(found, Fraction(rate.cap_micro))


def _broken_by(prices: PlanPrices, ceiling: Ceiling) -> Iterator[BrokenCeiling]:
    since = prices.valid & ceiling.valid
    if since is None:
        return
    seen: set[int] = set()
    for variant in prices.variants():
        for rate in variant.rates.values():
            is_meant = rate.unit is ceiling.unit and rate.zone_id in ceiling.zone_ids
            if not is_meant or rate.rate_id in seen or prices.is_free(rate.zone_id):
                continue
            seen.add(rate.rate_id)
            found = dearest(rate, ceiling)
            if found > ceiling.maximum_micro:
                yield BrokenCeiling(ceiling=ceiling, rate=rate, found_micro=found, since=since)


def _beginnings(rate: Rate, units: int) -> Iterator[Fraction]:
    """Yield what the units cost in each step or tier."""
    for step in rate.steps:
        yield Fraction(increments_in(units, step.increment) * step.increment * step.price_micro, step.per)
    for tier in rate.tiers:
        inside = units if tier.up_to is None else min(units, tier.up_to - tier.from_units)
        billed = inside if tier.block is None else increments_in(inside, tier.block) * tier.block
        priced = Fraction(billed * tier.price_micro, tier.per) + Fraction(
            inside * tier.percent_millionths, PERCENT_WHOLE
        )
        yield priced + tier.flat_micro
