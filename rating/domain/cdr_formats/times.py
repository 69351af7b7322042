"""Times as exchanges write them, read strictly."""

import re
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rating.domain.cdr_formats.faults import LineFault

_OFFSET = r"(?: ?(Z|[+-][0-9]{2}(?::?[0-9]{2})?))?"
_ISO = re.compile(
    r"([0-9]{4})(?P<mark>[-/.])([0-9]{2})(?P=mark)([0-9]{2})[ T]([0-9]{2}):([0-9]{2})"
    r"(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?" + _OFFSET,
    re.ASCII,
)
_COMPACT = re.compile(
    r"([0-9]{4})(?P<mark>)([0-9]{2})([0-9]{2})[-T ]?([0-9]{2})([0-9]{2})([0-9]{2})(?:\.([0-9]{1,9}))?" + _OFFSET,
    re.ASCII,
)
# Day and month in front, in the order that the source declares; the month may have its English name, and the clock
# twelve hours.
_DAY_IN_FRONT = re.compile(
    r"([0-9]{1,2}|[A-Za-z]{3})([./ -])([0-9]{1,2}|[A-Za-z]{3})\2([0-9]{4})(?:,? |T)"
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r"(?: ?([AaPp])\.?[Mm]\.?)?" + _OFFSET,
    re.ASCII,
)
_EPOCH = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,9}))?", re.ASCII)
_EPOCH_MS = re.compile(r"([0-9]{1,10})([0-9]{3})", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MICROSECOND_DIGITS = 6
_MINUTES_PER_HOUR = 60
_HOURS_PER_DAY = 24
_HOURS_ON_DIAL = 12


class TimeFormat(StrEnum):
    """
    How a source writes times: ``2026-03-05 19:04:10`` or ``2026/03/05 19:04``, ``20260305-190410``,
    ``05.03.2026 19:04`` or ``5-Mar-2026 19:04``, ``3/5/2026 7:04 PM``, or seconds or milliseconds since 1970 UTC.
    """

    ISO = "ISO"
    COMPACT = "COMPACT"
    DAY_FIRST = "DAY_FIRST"
    MONTH_FIRST = "MONTH_FIRST"
    EPOCH = "EPOCH"
    EPOCH_MS = "EPOCH_MS"


class _Written(NamedTuple):
    """A time as it is written: its parts in our order, what follows the second, and the offset where it is told."""

    parts: tuple[int, int, int, int, int, int]
    fraction: str | None
    offset: str | None


def read_time(text: str, *, form: TimeFormat, zone: ZoneInfo) -> datetime | LineFault:
    """
    Read one time and return it in UTC, or say why it is none.

    :param zone: zone of times without an offset; a local time that happened twice or never is refused, not guessed
    """
    if form in {TimeFormat.EPOCH, TimeFormat.EPOCH_MS}:
        epoch = (_EPOCH if form is TimeFormat.EPOCH else _EPOCH_MS).fullmatch(text)
        if epoch is None:
            return LineFault.BAD_TIME
        return datetime.fromtimestamp(int(epoch[1]), tz=UTC) + timedelta(microseconds=_microseconds(epoch[2]))
    if form in {TimeFormat.ISO, TimeFormat.COMPACT}:
        found = _year_in_front(text, _ISO if form is TimeFormat.ISO else _COMPACT)
    else:
        found = _day_in_front(text, is_month_first=form is TimeFormat.MONTH_FIRST)
    if found is None:
        return LineFault.BAD_TIME
    try:
        wall = datetime(*found.parts, _microseconds(found.fraction))  # noqa: DTZ001 - the zone follows
    except ValueError:
        return LineFault.BAD_TIME
    return _with_offset(wall, found.offset) if found.offset else _localised(wall, zone)


def _year_in_front(text: str, pattern: re.Pattern[str]) -> _Written | None:
    found = pattern.fullmatch(text)
    if found is None:
        return None
    year, _mark, month, day, hour, minute, second, fraction, offset = found.groups()
    parts = (int(year), int(month), int(day), int(hour), int(minute), int(second or 0))
    return _Written(parts, fraction, offset)


def _day_in_front(text: str, *, is_month_first: bool) -> _Written | None:
    """Read ``05.03.2026 19:04:10`` and its like; a dial has the hours 1 to 12."""
    found = _DAY_IN_FRONT.fullmatch(text)
    if found is None:
        return None
    day, month = (found[3], found[1]) if is_month_first else (found[1], found[3])
    if not day.isdigit():
        return None
    if not month.isdigit():
        month = str(_MONTHS.index(month.lower()) + 1) if month.lower() in _MONTHS else "0"
    hour = int(found[5])
    if found[9]:
        if not 1 <= hour <= _HOURS_ON_DIAL:
            return None
        hour = hour % _HOURS_ON_DIAL + (_HOURS_ON_DIAL if found[9] in "Pp" else 0)
    parts = (int(found[4]), int(month), int(day), hour, int(found[6]), int(found[7] or 0))
    return _Written(parts, found[8], found[10])


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "0")[:_MICROSECOND_DIGITS].ljust(_MICROSECOND_DIGITS, "0"))


def _with_offset(wall: datetime, offset: str) -> datetime | LineFault:
    if offset == "Z":
        return wall.replace(tzinfo=UTC)
    hours, minutes = int(offset[1:3]), int(offset[3:].removeprefix(":") or 0)
    if hours >= _HOURS_PER_DAY or minutes >= _MINUTES_PER_HOUR:
        return LineFault.BAD_TIME
    shift = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
    try:
        return wall.replace(tzinfo=timezone(shift)).astimezone(UTC)
    except OverflowError:
        return LineFault.BAD_TIME


def _localised(wall: datetime, zone: ZoneInfo) -> datetime | LineFault:
    """Give a local time its zone, unless the clock showed it twice or never."""
    try:
        first = wall.replace(tzinfo=zone).astimezone(UTC)
        second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
        back = first.astimezone(zone).replace(tzinfo=None, fold=0)
    except OverflowError:
        return LineFault.BAD_TIME
    if first == second:
        return first
    return LineFault.AMBIGUOUS_TIME if back == wall else LineFault.NONEXISTENT_TIME
