"""Times as exchanges write them, read strictly."""

import re
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

from rating.domain.cdr_formats.faults import LineFault

_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,6}))?(Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.ASCII,
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})-?([0-9]{2})([0-9]{2})([0-9]{2})", re.ASCII)
_EPOCH = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,6}))?", re.ASCII)
_MICROSECOND_DIGITS = 6
_MINUTES_PER_HOUR = 60
_HOURS_PER_DAY = 24


class TimeFormat(StrEnum):
    """How a source writes times: ``2026-03-05 19:04:10``, ``20260305-190410``, or seconds since 1970 UTC."""

    ISO = "ISO"
    COMPACT = "COMPACT"
    EPOCH = "EPOCH"


def read_time(text: str, *, form: TimeFormat, zone: ZoneInfo) -> datetime | LineFault:
    """
    Read one time and return it in UTC, or say why it is none.

    :param zone: zone of times without an offset; a local time that happened twice or never is refused, not guessed
    """
    if form is TimeFormat.EPOCH:
        epoch = _EPOCH.fullmatch(text)
        if epoch is None:
            return LineFault.BAD_TIME
        return datetime.fromtimestamp(int(epoch[1]), tz=UTC) + timedelta(microseconds=_microseconds(epoch[2]))
    found = (_ISO if form is TimeFormat.ISO else _COMPACT).fullmatch(text)
    if found is None:
        return LineFault.BAD_TIME
    fraction, offset = (found[7], found[8]) if form is TimeFormat.ISO else (None, None)
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    try:
        wall = datetime(year, month, day, hour, minute, second, _microseconds(fraction))  # noqa: DTZ001 - the zone follows
    except ValueError:
        return LineFault.BAD_TIME
    return _with_offset(wall, offset) if offset else _localised(wall, zone)


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "0").ljust(_MICROSECOND_DIGITS, "0"))


def _with_offset(wall: datetime, offset: str) -> datetime | LineFault:
    if offset == "Z":
        return wall.replace(tzinfo=UTC)
    hours, minutes = int(offset[1:3]), int(offset[-2:])
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
