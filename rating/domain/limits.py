"""Money thresholds: which limit holds, and which notices a total is due. Amounts are millionths of the major unit."""

from collections.abc import Collection

PERCENTS = (50, 80, 100)
WHOLE = 100


def lower_limit(*, operator_micro: int | None, subscriber_micro: int | None, once_micro: int | None) -> int | None:
    """Return the limit that holds: the one lifted once, else the lower of the others; ``None`` where there is none."""
    if once_micro is not None:
        return once_micro
    return min((one for one in (operator_micro, subscriber_micro) if one is not None), default=None)


def due_percents(*, used_micro: int, limit_micro: int, given: Collection[int] = ()) -> tuple[int, ...]:
    """
    Return the shares of a limit that a total has reached and of which no notice was given; several after a jump.

    :param limit_micro: above zero
    :param given: shares of which a notice was given in this bill period
    """
    assert limit_micro > 0
    return tuple(
        percent for percent in PERCENTS if used_micro * WHOLE >= limit_micro * percent and percent not in given
    )
