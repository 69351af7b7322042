"""What a bill must look like to go on by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class OutOfBounds(StrEnum):
    """Why a bill is set aside."""

    ZERO_BILL = "ZERO_BILL"
    NEGATIVE_BILL = "NEGATIVE_BILL"
    UNUSUALLY_HIGH = "UNUSUALLY_HIGH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """
    The bounds of a customer category; amounts in minor units.

    A bill over ``floor_minor`` must be at most ``times`` the middle one of the account's own last bills.
    """

    parks_zero: bool = False
    parks_negative: bool = False
    times: int | None = None
    floor_minor: int = 0

    def asks_for_usual(self, *, gross_minor: int) -> bool:
        """Return whether the account's own last bills decide about an amount."""
        return self.times is not None and gross_minor > max(self.floor_minor, 0)

    def find_fault(self, *, gross_minor: int, usual_minor: int | None) -> OutOfBounds | None:
        """
        Return why a bill cannot go on by itself, or ``None``.

        :param usual_minor: the middle of the account's own last bills; ``None``: it had none, and nothing is unusual
        """
        if gross_minor == 0:
            return OutOfBounds.ZERO_BILL if self.parks_zero else None
        if gross_minor < 0:
            return OutOfBounds.NEGATIVE_BILL if self.parks_negative else None
        if self.times is None or usual_minor is None or not self.asks_for_usual(gross_minor=gross_minor):
            return None
        return OutOfBounds.UNUSUALLY_HIGH if gross_minor > self.times * max(usual_minor, 1) else None


def bounds_from(values: Mapping[str, Mapping[str, Any]]) -> dict[str, Bounds]:
    """Return the bounds by customer category, as a run froze them."""
    return {category: Bounds(**bounds) for category, bounds in values.items()}


def middle_of(amounts: Sequence[int]) -> int | None:
    """Return the middle amount (the lower one of two), or ``None`` of none."""
    return sorted(amounts)[(len(amounts) - 1) // 2] if amounts else None
