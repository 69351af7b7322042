"""Windows of the week as cells that people type: weekdays ``1-5`` or ``6,7``, the time ``08:00``."""

import re
from collections.abc import Iterator, Sequence

from billing_site.core.digits import to_ascii_digits
from billing_site.core.messages import gettext_noop
from tariffs.domain.grids import CellUnreadable

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,31}", re.ASCII)
# Weekdays from 1 (Monday) to 7, alone or from one to another.
_DAYS = re.compile(r"([1-7])(?:-([1-7]))?", re.ASCII)
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?", re.ASCII)
HOURS, MINUTES = 24, 60


def read_window_code(text: str) -> str:
    """
    Return the code of a window.

    :raises CellUnreadable: for signs that no code has
    """
    if _CODE.fullmatch(text) is None:
        raise CellUnreadable(
            gettext_noop("“%(text)s” is no code: write capital letters, digits and dashes."), context={"text": text}
        )
    return text


def read_weekdays(text: str) -> tuple[int, ...]:
    """
    Return ISO weekdays in their order; digits may be of any script.

    :raises CellUnreadable: for what names no weekday, and for a run that goes backwards
    """
    weekdays: set[int] = set()
    for part in to_ascii_digits(text).replace(" ", "").replace("،", ",").replace("，", ",").split(","):
        found = _DAYS.fullmatch(part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if first > last:
            raise CellUnreadable(
                gettext_noop("“%(text)s” names no weekdays: write 1-5 or 6,7, where 1 is Monday."),
                context={"text": text},
            )
        weekdays |= set(range(first, last + 1))
    return tuple(sorted(weekdays))


def write_weekdays(weekdays: Sequence[int]) -> str:
    """Return weekdays as they are typed: runs of three and more with a dash."""
    return ",".join(_runs(sorted(set(weekdays))))


def read_opening(text: str) -> int:
    """
    Return the minute after midnight at which a window opens; seconds, which a workbook adds, must be none.

    :raises CellUnreadable: for what is no time of the day
    """
    found = _TIME.fullmatch(to_ascii_digits(text).replace("：", ":").strip())
    if found is None or int(found[1]) >= HOURS or int(found[2]) >= MINUTES:
        raise CellUnreadable(gettext_noop("“%(text)s” is no time of the day: write 08:00."), context={"text": text})
    return int(found[1]) * MINUTES + int(found[2])


def write_opening(minute: int) -> str:
    """Return the minute after midnight as a time of the day."""
    return f"{minute // MINUTES:02d}:{minute % MINUTES:02d}"


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
