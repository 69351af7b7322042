"""Ways to turn a quantity into a price, and the tiers that most of them read their prices from."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

# Per cents are kept in millionths: 1.3 % is 1,300,000, and an amount takes 1 / PERCENT_WHOLE of itself for each.
PERCENT_PLACES = 6
PERCENT_WHOLE = 100 * 10**PERCENT_PLACES


class ChargeModel(StrEnum):
    """
    How a rate turns a quantity into a price.

    STANDARD is a price per increment with steps, through the windows of a call. The others price the whole quantity
    by the rate of the window in which it starts: TIERS cut each tier into blocks and charge nothing beyond the last;
    GRADUATED prices every unit in its own tier; GRADUATED_PERCENTAGE does so by a share of the quantity, which is
    money; VOLUME prices all units by the tier that is reached; PACKAGE sells whole packages after free units;
    PERCENTAGE takes a share of each event's money after free events or a free sum.
    """

    STANDARD = "STANDARD"
    TIERS = "TIERS"
    GRADUATED = "GRADUATED"
    GRADUATED_PERCENTAGE = "GRADUATED_PERCENTAGE"
    VOLUME = "VOLUME"
    PACKAGE = "PACKAGE"
    PERCENTAGE = "PERCENTAGE"

    @property
    def is_share_of_money(self) -> bool:
        """Say whether its quantities are money."""
        return self in {ChargeModel.GRADUATED_PERCENTAGE, ChargeModel.PERCENTAGE}

    @property
    def has_one_tier(self) -> bool:
        """Say whether it reads one price only."""
        return self in {ChargeModel.PACKAGE, ChargeModel.PERCENTAGE}


class RateScope(StrEnum):
    """What tiers run over: one usage, or all usage of the holder in the bill period."""

    EVENT = "EVENT"
    PERIOD = "PERIOD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """
    The price of the units in (``from_units``, ``up_to``]; ``up_to`` is ``None`` where the tier has no end.

    ``price_micro`` is due per ``per`` units. Where ``block`` is given the units inside the tier are cut into blocks
    of that size and a started block counts whole; else every unit costs its exact part. ``flat_micro`` is due once
    when the tier is entered. ``percent_millionths`` of a quantity of money is due where the model takes shares.

    :raises ValueError: for negative amounts, a tier without units, or lengths below one
    """

    from_units: int = 0
    up_to: int | None = None
    price_micro: int = 0
    per: int = 1
    block: int | None = None
    flat_micro: int = 0
    percent_millionths: int = 0

    def __post_init__(self) -> None:
        """Refuse impossible tiers."""
        is_empty = self.up_to is not None and self.up_to <= self.from_units
        lengths = (self.per, 1 if self.block is None else self.block)
        if min(self.from_units, self.price_micro, self.flat_micro, self.percent_millionths) < 0 or min(lengths) < 1:
            msg = f"not a tier: {self}"
            raise ValueError(msg)
        if is_empty:
            msg = f"tier {self.from_units} to {self.up_to} holds no unit"
            raise ValueError(msg)

    def units_in(self, quantity: int) -> int:
        """Return how many of the first ``quantity`` units lie inside the tier."""
        end = quantity if self.up_to is None else min(quantity, self.up_to)
        return max(0, end - self.from_units)


def check_tiers(model: ChargeModel, tiers: Sequence[Tier]) -> None:
    """
    Refuse tiers that a model cannot price every quantity with.

    TIERS may leave gaps, where nothing is charged, and end. The tiers of the others begin at 0 and follow one another
    without a gap; the last one has no end. PACKAGE and PERCENTAGE have exactly one.

    :raises ValueError: with what is wrong
    """
    if not tiers:
        msg = f"{model} needs a tier"
        raise ValueError(msg)
    if model.has_one_tier and len(tiers) > 1:
        msg = f"{model} has one price, not {len(tiers)} tiers"
        raise ValueError(msg)
    for earlier, later in pairwise(tiers):
        if earlier.up_to is None or earlier.up_to > later.from_units:
            msg = f"tiers overlap at {later.from_units}"
            raise ValueError(msg)
        if model is not ChargeModel.TIERS and earlier.up_to != later.from_units:
            msg = f"tiers leave a gap from {earlier.up_to} to {later.from_units}"
            raise ValueError(msg)
    if model is not ChargeModel.TIERS and (tiers[0].from_units or tiers[-1].up_to is not None):
        msg = "tiers must begin at 0 and the last one must have no end"
        raise ValueError(msg)
