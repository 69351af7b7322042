"""The clock's offset: kept in the database, the same for every process, never in production."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError

from billing_site.core import clock
from billing_site.db.models import ClockOffset

# A moved clock reaches every process within this many seconds.
REFRESH_SECONDS = 5.0

_cached: tuple[float, timedelta] | None = None


def install_clock() -> None:
    """Tell ``core.clock`` the operator's zone and, outside production, where the offset is kept."""
    source = read_offset if settings.SALDO_CLOCK_MOVABLE else None
    clock.configure(zone=ZoneInfo(settings.SALDO_TIME_ZONE), offset_source=source)


def read_offset() -> timedelta:
    """Return the offset, read from the database at most every few seconds."""
    global _cached  # noqa: PLW0603 - one value per process, refreshed by age
    now = time.monotonic()
    if _cached is None or now - _cached[0] > REFRESH_SECONDS:
        _cached = (now, _stored_offset())
    return _cached[1]


def move_clock(*, to: datetime) -> None:
    """
    Move the clock of every process so that it shows ``to`` now.

    :raises RuntimeError: in production mode
    """
    global _cached  # noqa: PLW0603 - this process sees its own change at once
    if not settings.SALDO_CLOCK_MOVABLE:
        message = "The clock cannot be moved in production."
        raise RuntimeError(message)
    seconds = round_down_seconds(to - clock.machine_now())
    ClockOffset.objects.update_or_create(one=True, defaults={"offset_seconds": seconds})
    _cached = None


def round_down_seconds(difference: timedelta) -> int:
    """Return whole seconds of a difference, towards minus infinity."""
    return difference // timedelta(seconds=1)


def _stored_offset() -> timedelta:
    try:
        seconds = ClockOffset.objects.filter(one=True).values_list("offset_seconds", flat=True).first()
    except DatabaseError:
        # Before the first migration there is no table, and no moved clock either.
        return timedelta(0)
    return timedelta(seconds=seconds or 0)
