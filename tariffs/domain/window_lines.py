"""Windows of the week as people write them: one opening a line, ``PEAK 1-5 08:00 Day``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from billing_site.core.digits import to_ascii_digits

# Code, weekdays from 1 (Monday) to 7, the time of the day; behind them the name, if it is not the code.
_LINE = re.compile(
    r"([A-Z0-9][A-Z0-9-]{0,31})\s+([1-7](?:[-,][1-7])*)\s+([0-9]{1,2}):([0-9]{2})(?:\s+(\S.*))?", re.ASCII
)
_RUN = re.compile(r"([1-7])-([1-7])", re.ASCII)
HOURS, MINUTES = 24, 60


class WindowLineUnsound(ValueError):
    """A line that is no opening: its number from 1, and its text."""

    def __init__(self, number: int, text: str) -> None:
        """Keep which."""
        super().__init__(number, text)
        self.number, self.text = number, text


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowLine:
    """One opening of a window: ISO weekdays, the minute after midnight, and its name in English."""

    code: str
    weekdays: tuple[int, ...]
    opens_at_minute: int
    name: str


def read_window_lines(text: str) -> tuple[WindowLine, ...]:
    """
    Return the openings; empty lines are passed over, digits may be of any script.

    :raises WindowLineUnsound: for a line that is none
    """
    return tuple(_read(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip())


def write_weekdays(weekdays: Sequence[int]) -> str:
    """Return weekdays as they are typed: runs of three and more with a dash."""
    return ",".join(_runs(sorted(set(weekdays))))


def _read(number: int, line: str) -> WindowLine:
    found = _LINE.fullmatch(to_ascii_digits(line))
    if found is None or int(found[3]) >= HOURS or int(found[4]) >= MINUTES:
        raise WindowLineUnsound(number, line)
    weekdays: set[int] = set()
    for part in found[2].split(","):
        run = _RUN.fullmatch(part)
        if (run is None and "-" in part) or (run is not None and run[1] > run[2]):
            raise WindowLineUnsound(number, line)
        weekdays |= set(range(int(run[1]), int(run[2]) + 1)) if run is not None else {int(part)}
    return WindowLine(
        code=found[1],
        weekdays=tuple(sorted(weekdays)),
        opens_at_minute=int(found[3]) * MINUTES + int(found[4]),
        # Digits of a name stay in the script in which they were typed.
        name=line[found.start(5) :].strip() if found[5] else found[1],
    )


def _runs(days: Sequence[int]) -> Iterator[str]:
    at = 0
    while at < len(days):
        end = at
        while end + 1 < len(days) and days[end + 1] == days[end] + 1:
            end += 1
        if end - at > 1:
            yield f"{days[at]}-{days[end]}"
        else:
            yield from map(str, days[at : end + 1])
        at = end + 1
