"""A rate: what one unit of usage costs to one zone in one window, as whole numbers only."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from billing_site.core.money import MICRO_PLACES, RoundingMode, decimal_to_micro
from billing_site.core.quantities import Unit
from tariffs.domain.charge_models import ChargeModel, RateScope, Tier, check_tiers


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
    its own), for one category of customers (empty = all that have no rate of their own).

    A STANDARD rate has ``steps`` in order of ``from_units``, beginning at 0, and no tiers; a rate of any other model
    has ``tiers`` and no steps. ``connect_fee_micro`` is the access price of every model and the fixed part of each
    event of PERCENTAGE. ``max_cost_micro`` limits the price where the policy is CAP, ``min_charge_micro`` is the least
    that more than 0 units cost; with the scope PERIOD all three hold for the period, not for each usage.
    ``free_units`` are not charged by PACKAGE and are the free sum (micro units) of PERCENTAGE, whose first
    ``free_events`` events are free as well; 0 = none. ``counter_id`` names the counter that a rate of scope PERIOD
    reads and moves; rates with one counter share it. ``weight`` decides between rates loaded for the same place: the
    heavier wins.

    :raises ValueError: if the steps or tiers do not fit the model, or the minimum is above the cap
    """

    rate_id: int
    zone_id: int
    unit: Unit = Unit.SECONDS
    window: int | None = None
    category: str = ""
    model: ChargeModel = ChargeModel.STANDARD
    scope: RateScope = RateScope.EVENT
    connect_fee_micro: int = 0
    steps: tuple[RateStep, ...] = ()
    tiers: tuple[Tier, ...] = ()
    max_cost_micro: int | None = None
    max_cost_policy: MaxCostPolicy = MaxCostPolicy.CAP
    min_charge_micro: int = 0
    surcharge: Surcharge | None = None
    free_units: int = 0
    free_events: int = 0
    counter_id: int | None = None
    weight: int = 0

    def __post_init__(self) -> None:
        """Refuse steps that leave a unit without a price, and a minimum that the cap would undo."""
        if self.model is ChargeModel.STANDARD:
            self._check_standard()
        else:
            self._check_model()
        if self.cap_micro is not None and self.min_charge_micro > self.cap_micro:
            msg = "the minimum charge is above the maximum cost"
            raise ValueError(msg)

    def _check_standard(self) -> None:
        # A price list has tens of thousands of rates, and nearly all have one step.
        if len(self.steps) != 1 or self.steps[0].from_units or self.tiers:
            starts = [step.from_units for step in self.steps]
            if not starts or starts[0] != 0 or starts != sorted(set(starts)) or self.tiers:
                msg = f"steps must begin at 0 and rise: {starts}"
                raise ValueError(msg)
        if self.scope is RateScope.PERIOD or self.free_units or self.free_events:
            msg = "a standard rate prices each usage by itself and has no free units"
            raise ValueError(msg)

    def _check_model(self) -> None:
        check_tiers(self.model, self.tiers)
        if self.steps or self.surcharge is not None:
            msg = f"a rate of model {self.model} has neither steps nor surcharge"
            raise ValueError(msg)
        if self.model.is_share_of_money and self.unit is not Unit.MONEY:
            msg = f"model {self.model} takes a share of money, not of {self.unit}"
            raise ValueError(msg)
        if min(self.free_units, self.free_events) < 0 or not self._may_have_free_units():
            msg = f"free units do not fit model {self.model} for each {self.scope}"
            raise ValueError(msg)

    def _may_have_free_units(self) -> bool:
        """Say whether free units and events, if any, belong to the model; free events are counted over a period."""
        if self.model is ChargeModel.PERCENTAGE:
            return self.scope is RateScope.PERIOD or not (self.free_units or self.free_events)
        return not self.free_events and (self.model is ChargeModel.PACKAGE or not self.free_units)

    @property
    def cap_micro(self) -> int | None:
        """The price at which the usage stops costing more, if there is one."""
        return self.max_cost_micro if self.max_cost_policy is MaxCostPolicy.CAP else None

    @property
    def counter(self) -> int | None:
        """The id of the counter of a rate whose tiers run over the period: its own id where it names none."""
        if self.scope is RateScope.EVENT:
            return None
        return self.rate_id if self.counter_id is None else self.counter_id

    @property
    def unit_price_micro(self) -> int:
        """The price shown beside a record: that of the first step or tier."""
        return self.steps[0].price_micro if self.steps else self.tiers[0].price_micro

    @property
    def is_one_multiplication(self) -> bool:
        """
        Say whether the price before fee and rounding is increments times one price: no steps, cap, minimum or
        surcharge, and no other model.
        """
        return len(self.steps) == 1 and self.cap_micro is None and self.surcharge is None and self.min_charge_micro == 0
