"""When a bill is to be paid."""

from collections.abc import Set as AbstractSet
from datetime import date, timedelta

SATURDAY = 6
# Longer runs of non-working days do not exist; a calendar that claims one is wrong.
SEARCH_DAYS = 60


def due_on(
    *,
    posted_on: date,
    terms_days: int,
    holidays: AbstractSet[date] = frozenset(),
    worked_days: AbstractSet[date] = frozenset(),
) -> date:
    """
    Return the last day on which a bill can be paid in time: terms counted in calendar days, moved to the next working
    day.

    :param posted_on: day on which the bill became owed
    :param terms_days: zero or more
    :param holidays: days that are not worked although they are no weekend
    :param worked_days: weekend days that are worked instead
    :raises ValueError: for negative terms, or a calendar without any working day
    """
    if terms_days < 0:
        msg = f"terms cannot be {terms_days} days"
        raise ValueError(msg)
    day = posted_on + timedelta(days=terms_days)
    for _ in range(SEARCH_DAYS):
        if day in worked_days or (day not in holidays and day.isoweekday() < SATURDAY):
            return day
        day += timedelta(days=1)
    msg = f"the calendar has no working day after {posted_on}"
    raise ValueError(msg)
