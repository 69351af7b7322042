"""The day of business that a usage file counts for."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


def own_day_of_file(*, named: date | None, last_at: datetime | None, arrived_at: datetime, zone: ZoneInfo) -> date:
    """
    Return the day that a file names, else that on which its last call began, and before it is read that before it came.

    :param named: the day in its name or header, ``None`` if it names none
    :param last_at: when its last call began, ``None`` while it was not read or if it has no call
    :param zone: whose days are meant
    """
    if named is not None:
        return named
    return (last_at or arrived_at - ONE_DAY).astimezone(zone).date()
