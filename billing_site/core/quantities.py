"""
What usage is counted in. Quantities are whole numbers of the base unit: seconds, bytes, events, millionths of money.
"""

from enum import StrEnum

SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3600
SECONDS_PER_DAY = 86400


class Unit(StrEnum):
    """The base unit of a quantity. MONEY is what a third party asks for its content, in micro units."""

    SECONDS = "SECONDS"
    BYTES = "BYTES"
    EVENTS = "EVENTS"
    MONEY = "MONEY"


def round_up_to(units: int, increment: int) -> int:
    """
    Return the quantity rounded up to whole increments; a started increment counts whole.

    :param units: quantity of zero or more
    :param increment: size of one increment, one or more
    :raises ValueError: for a negative quantity or an increment below one
    """
    return increments_in(units, increment) * increment


def increments_in(units: int, increment: int) -> int:
    """
    Return how many increments a quantity starts.

    :raises ValueError: for a negative quantity or an increment below one
    """
    if units < 0 or increment < 1:
        msg = f"cannot count {units} units in increments of {increment}"
        raise ValueError(msg)
    return -(-units // increment)
