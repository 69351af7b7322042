"""How amounts are spread: round limits for the bars of a picture."""

BARS = 10
# No bar is narrower than a hundredth of the currency.
NARROWEST_MICRO = 10_000
_ROUND = (1, 2, 5, 10)


def round_limits(*, low: int, high: int, bars: int = BARS, narrowest: int = NARROWEST_MICRO) -> list[int]:
    """
    Return the limits of bars of one round width (1, 2 or 5 times a power of ten) that hold everything from ``low`` to
    ``high``, both included; zero is always a limit if it lies between them.

    A bar holds its lower limit and not its upper one. There are at most ``bars`` + 2 bars.

    :raises ValueError: if ``low`` is above ``high``, or no bar is asked for
    """
    if low > high or bars < 1:
        msg = f"no {bars} bars from {low} to {high}"
        raise ValueError(msg)
    width = _round_width(max(-(-(high - low) // bars), narrowest))
    first, last = low // width, high // width + 1
    return [width * number for number in range(first, last + 1)]


def _round_width(least: int) -> int:
    power = 1
    while power * 10 <= least:
        power *= 10
    return next(power * times for times in _ROUND if power * times >= least)
