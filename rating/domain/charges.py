"""What the price of one usage consists of: the value that is kept, shown and explained."""

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple, Self

from billing_site.core.quantities import Unit
from tariffs.domain.charge_models import ChargeModel
from tariffs.domain.rates import RoundingPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeSegment:
    """
    A run of equal increments: one rate, one window, one step.

    ``units`` were used, ``billed_units`` are counted after rounding up to whole increments, and cost ``billed_units x
    price_micro / per`` micro units. ``from_units`` is where the run begins, counted from the first charged unit.
    """

    rate_id: int
    window: int | None
    step: int
    from_units: int
    units: int
    billed_units: int
    increment: int
    price_micro: int
    per: int

    @property
    def amount_numerator(self) -> int:
        """The exact amount in micro units is ``amount_numerator / amount_denominator``."""
        return self.billed_units * self.price_micro

    @property
    def amount_denominator(self) -> int:
        """The divisor of the exact amount."""
        return self.per


class Counter(NamedTuple):
    """What a holder has used in a bill period under one counter: units that were charged for, and how many usages."""

    units: int = 0
    events: int = 0

    def after(self, units: int) -> "Counter":
        """Return the counter after one more usage."""
        return Counter(self.units + units, self.events + 1)

    def before(self, units: int) -> "Counter":
        """Return the counter as it was before a usage that is taken back; it does not fall below 0."""
        return Counter(max(0, self.units - units), max(0, self.events - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPart:
    """
    What one tier of a rate gives: ``units`` inside it, counted as ``billed_units``, at ``price_micro / per`` each, with
    a flat fee and a share of money; ``amount`` is exact, in micro units.
    """

    tier: int
    units: int
    billed_units: int
    price_micro: int
    per: int
    flat_micro: int
    percent_millionths: int
    amount: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodChange:
    """
    How a usage moved a counter: its id, what it said before and after, and what the period cost (rounded, micro units)
    before and after. The usage costs the difference.
    """

    counter_id: int
    before: Counter
    after: Counter
    before_micro: int
    after_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """
    The price of one usage in micro units, with everything that explains it.

    ``exact_numerator / exact_denominator`` is the amount in micro units before the one rounding (after cap and
    minimum); ``rate_id`` is the rate of the first window, ``None`` where the zone is free, or 0 units were used and no
    rate was found. ``capped_micro`` is the cap that was reached. A STANDARD rate gives ``segments``, another model
    ``tier_parts`` (of the period's total where ``period`` says how the counter moved). ``category`` is that of the
    rates that were looked in. ``free_units`` is the part of an event's money that is free. A reversal has the amounts
    of what it takes back with the sign turned.
    """

    amount_micro: int
    exact_numerator: int
    exact_denominator: int
    plan_version_id: int
    zone_id: int
    rate_id: int | None
    unit: Unit
    started_at: datetime
    units: int
    billed_units: int
    segments: tuple[ChargeSegment, ...]
    rounding: RoundingPolicy
    connect_fee_micro: int = 0
    surcharge_micro: int = 0
    capped_micro: int | None = None
    minimum_micro: int | None = None
    model: ChargeModel = ChargeModel.STANDARD
    category: str = ""
    tier_parts: tuple[TierPart, ...] = ()
    period: PeriodChange | None = None
    free_units: int = 0
    is_free: bool = False
    is_reversal: bool = False

    def reversed(self) -> Self:
        """Return the charge that takes this one back: the same to the last digit, with the sign turned."""
        return replace(
            self,
            amount_micro=-self.amount_micro,
            exact_numerator=-self.exact_numerator,
            is_reversal=not self.is_reversal,
        )
