"""
The only reader of the system clock.

Faces ask it and pass the answer down; operations and domain take instants and days as arguments. The clock can be
moved by an offset that is the same for every process (demo, rehearsal, training). Where the offset comes from is the
caller's affair: it is a callable, and production never installs one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

OffsetSource = Callable[[], timedelta]


def _no_offset() -> timedelta:
    return timedelta()


@dataclass(slots=True)
class _Settings:
    zone: ZoneInfo
    offset_source: OffsetSource


_settings = _Settings(zone=ZoneInfo("UTC"), offset_source=_no_offset)


def configure(*, zone: str | ZoneInfo | None = None, offset_source: OffsetSource | None = None) -> None:
    """
    Set the operator's time zone and, outside production, the source of the clock's offset.

    :param zone: zone name or zone; left as it was when ``None``
    :param offset_source: called at every reading; left as it was when ``None``
    """
    if zone is not None:
        _settings.zone = zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)
    if offset_source is not None:
        _settings.offset_source = offset_source


def remove_offset() -> None:
    """Let the clock show the machine's own time again."""
    _settings.offset_source = _no_offset


def now() -> datetime:
    """Return the present instant, in UTC, moved by the configured offset."""
    return machine_now() + _settings.offset_source()


def machine_now() -> datetime:
    """
    Return the machine's own instant, in UTC, without any offset: for leases, time-outs and measuring, never for
    business dates.
    """
    return datetime.now(tz=UTC)


def moved(stamp: datetime) -> datetime:
    """
    Return what the clock shows at an instant that the database stamped by the machine's time.

    Leases, jobs and the journal are stamped so that nobody can move them; people read them beside business dates.
    """
    return stamp + _settings.offset_source()


def unmoved(instant: datetime) -> datetime:
    """Return what the machine's own time was when the clock showed an instant: the reverse of ``moved``."""
    return instant - _settings.offset_source()


def today() -> date:
    """Return the present day in the operator's time zone."""
    return now().astimezone(_settings.zone).date()


def operator_zone() -> ZoneInfo:
    """Return the operator's time zone: days, bill periods and rate windows are counted in it."""
    return _settings.zone
