"""A rate: what one unit of usage costs to one zone in one window, as whole numbers only."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from billing_site.core.money import MICRO_PLACES, RoundingMode, decimal_to_micro
from billing_site.core.quantities import Unit


class MaxCostPolicy(StrEnum):
    """What a maximum cost means: the price stops there, or calls are ended there and the price is not capped."""

    CAP = "CAP"
    DISCONNECT = "DISCONNECT"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundingPolicy:
    """
    How the total of one record is rounded, once: the mode and the decimals of the major unit kept.

    :raises ValueError: for places outside 0..6, the precision of rated amounts
    """

    mode: RoundingMode = RoundingMode.HALF_UP
    places: int = MICRO_PLACES

    def __post_init__(self) -> None:
        """Refuse a precision that rated amounts cannot hold."""
        if not 0 <= self.places <= MICRO_PLACES:
            msg = f"rated amounts keep 0..{MICRO_PLACES} decimals, got {self.places}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateStep:
    """
    From unit ``from_units`` of the usage on, ``price_micro`` per ``per`` units, counted in whole increments.

    An increment that is started counts whole and belongs to the step in which it starts; it costs ``increment x price
    / per``.

    :raises ValueError: for a negative start or price, or a ``per`` or increment below one
    """

    from_units: int = 0
    price_micro: int
    per: int = 1
    increment: int = 1

    def __post_init__(self) -> None:
        """Refuse impossible steps."""
        if self.from_units < 0 or self.price_micro < 0 or self.per < 1 or self.increment < 1:
            msg = f"not a rate step: {self}"
            raise ValueError(msg)


def rate_step(*, price: Decimal, per: int = 1, increment: int = 1, from_units: int = 0) -> RateStep:
    """
    Build a step from a decimal price of the major unit.

    :raises AmountNotExact: if the price has more than six decimals
    :raises ValueError: for impossible numbers
    """
    return RateStep(from_units=from_units, price_micro=decimal_to_micro(price), per=per, increment=increment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surcharge:
    """A single addition of ``amount_micro`` to usage that lasts longer than ``after_units``."""

    after_units: int
    amount_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """
    The price of usage of one unit to one zone in one window (``None`` = any window of the plan that has no rate of
    its own).

    ``steps`` are in order of ``from_units`` and begin at 0. ``max_cost_micro`` limits the price where the policy is
    CAP. ``min_charge_micro`` is the least a usage of more than 0 units costs. ``weight`` decides between rates loaded
    for the same place: the heavier wins.

    :raises ValueError: if the steps are out of order or the minimum is above the cap
    """

    rate_id: int
    zone_id: int
    unit: Unit = Unit.SECONDS
    window: int | None = None
    connect_fee_micro: int = 0
    steps: tuple[RateStep, ...]
    max_cost_micro: int | None = None
    max_cost_policy: MaxCostPolicy = MaxCostPolicy.CAP
    min_charge_micro: int = 0
    surcharge: Surcharge | None = None
    weight: int = 0

    def __post_init__(self) -> None:
        """Refuse steps that leave a unit without a price, and a minimum that the cap would undo."""
        starts = [step.from_units for step in self.steps]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            msg = f"steps must begin at 0 and rise: {starts}"
            raise ValueError(msg)
        if self.cap_micro is not None and self.min_charge_micro > self.cap_micro:
            msg = "the minimum charge is above the maximum cost"
            raise ValueError(msg)

    @property
    def cap_micro(self) -> int | None:
        """The price at which the usage stops costing more, if there is one."""
        return self.max_cost_micro if self.max_cost_policy is MaxCostPolicy.CAP else None

    @property
    def is_one_multiplication(self) -> bool:
        """
        Say whether the price before fee and rounding is increments times one price: no steps, cap, minimum or
        surcharge.
        """
        return len(self.steps) == 1 and self.cap_micro is None and self.surcharge is None and self.min_charge_micro == 0
