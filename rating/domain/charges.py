"""What the price of one usage consists of: the value that is kept, shown and explained."""

from dataclasses import dataclass
from datetime import datetime

from billing_site.core.quantities import Unit
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """
    The price of one usage in micro units, with everything that explains it.

    ``exact_numerator / exact_denominator`` is the amount in micro units before the one rounding (after cap and
    minimum); ``rate_id`` is the rate of the first window, ``None`` only where 0 units were used and no rate was
    found. ``capped_micro`` is the cap that was reached.
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
