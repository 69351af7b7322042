"""
Half-open periods of days and of instants: the start belongs to them, ``until`` does not.

An empty period does not exist: ``&`` gives ``None`` where nothing is common, ``-`` gives as many pieces as are left.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, Self, TypeVar
from zoneinfo import ZoneInfo

MONTHS_PER_YEAR = 12
LAST_BILL_DAY = 31

MomentT = TypeVar("MomentT", date, datetime)


@dataclass(frozen=True, slots=True)
class _Period(Generic[MomentT]):
    """What both kinds of period share. ``until`` is ``None`` while no end is known."""

    start: MomentT
    until: MomentT | None = None

    def __post_init__(self) -> None:
        """Refuse an empty or backward period."""
        if self.until is not None and self.until <= self.start:
            msg = f"a period must end after its start: {self.start} to {self.until}"
            raise ValueError(msg)

    def contains(self, moment: MomentT) -> bool:
        """Say whether the moment is inside; the start is, the end is not."""
        return self.start <= moment and (self.until is None or moment < self.until)

    def overlaps(self, other: Self) -> bool:
        """Say whether at least one moment is in both."""
        return (other.until is None or self.start < other.until) and (self.until is None or other.start < self.until)

    def covers(self, other: Self) -> bool:
        """Say whether every moment of the other period is in this one."""
        return (other & self) == other

    def __and__(self, other: Self) -> Self | None:
        """Return what is common to both, or ``None``."""
        if not self.overlaps(other):
            return None
        until = min((end for end in (self.until, other.until) if end is not None), default=None)
        return type(self)(max(self.start, other.start), until)

    def __sub__(self, other: Self) -> tuple[Self, ...]:
        """Return what is left of this period without the other: none, one or two pieces in order of time."""
        if not self.overlaps(other):
            return (self,)
        pieces = []
        if self.start < other.start:
            pieces.append(type(self)(self.start, other.start))
        if other.until is not None and (self.until is None or other.until < self.until):
            pieces.append(type(self)(other.until, self.until))
        return tuple(pieces)

    def split_at(self, *moments: MomentT) -> tuple[Self, ...]:
        """Cut the period at the moments that lie strictly inside it; the pieces tile it in order of time."""
        pieces: list[Self] = []
        start = self.start
        for moment in sorted(set(moments)):
            if moment != self.start and self.contains(moment):
                pieces.append(type(self)(start, moment))
                start = moment
        return (*pieces, type(self)(start, self.until))


@dataclass(frozen=True, slots=True)
class DatePeriod(_Period[date]):
    """Whole days from ``start`` up to, but without, ``until``."""

    def __post_init__(self) -> None:
        """Refuse instants where days are meant."""
        if isinstance(self.start, datetime) or isinstance(self.until, datetime):
            msg = "a DatePeriod is made of days, not of instants"
            raise TypeError(msg)
        _Period.__post_init__(self)

    @property
    def days(self) -> int:
        """
        Return the number of days.

        :raises ValueError: if the period has no end
        """
        return (self._known_until() - self.start).days

    @property
    def last_day(self) -> date:
        """
        Return the last day inside: what people call the end.

        :raises ValueError: if the period has no end
        """
        return self._known_until() - timedelta(days=1)

    def _known_until(self) -> date:
        if self.until is None:
            msg = "the period has no end"
            raise ValueError(msg)
        return self.until

    def instants(self, *, zone: ZoneInfo) -> "InstantPeriod":
        """Return the same period as instants: from midnight to midnight of the zone, in UTC."""
        until = None if self.until is None else midnight_of(self.until, zone=zone)
        return InstantPeriod(midnight_of(self.start, zone=zone), until)


@dataclass(frozen=True, slots=True)
class InstantPeriod(_Period[datetime]):
    """Instants from ``start`` up to, but without, ``until``; given in any zone, kept in UTC."""

    def __post_init__(self) -> None:
        """
        Refuse times without a zone and keep the others in UTC, because Python compares and subtracts wall clocks
        where both carry one zone.
        """
        if self.start.tzinfo is None or (self.until is not None and self.until.tzinfo is None):
            msg = "an InstantPeriod needs times with a zone"
            raise ValueError(msg)
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        if self.until is not None:
            object.__setattr__(self, "until", self.until.astimezone(UTC))
        _Period.__post_init__(self)

    @property
    def duration(self) -> timedelta:
        """
        Return the time that really passes between the two ends.

        :raises ValueError: if the period has no end
        """
        if self.until is None:
            msg = "the period has no end"
            raise ValueError(msg)
        return self.until - self.start


def midnight_of(day: date, *, zone: ZoneInfo) -> datetime:
    """Return the first instant of a day of the zone, in UTC; where clocks skip midnight, the instant of the skip."""
    wall = datetime.combine(day, time(), tzinfo=zone)
    first = wall.astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return first
    before = wall.replace(fold=1).astimezone(UTC)
    while first - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(first - before) // timedelta(seconds=2))
        before, first = (middle, first) if middle.astimezone(zone).date() < day else (before, middle)
    return first


def days_in_month(day: date) -> int:
    """Return the number of days of the calendar month of a day."""
    return monthrange(day.year, day.month)[1]


def day_in_month(*, year: int, month: int, day: int) -> date:
    """Return that day of the month, or its last day where it is shorter. ``month`` may run past 1..12."""
    years, month_index = divmod(month - 1, MONTHS_PER_YEAR)
    first = date(year + years, month_index + 1, 1)
    return first.replace(day=min(day, days_in_month(first)))


def add_months(day: date, months: int, *, anchor_day: int | None = None) -> date:
    """
    Move a day by whole months; a day that does not exist becomes the last day of the month.

    :param anchor_day: the day of the month that is meant; a chain started on the 31st passes 31 so that it returns to
        it
    """
    return day_in_month(year=day.year, month=day.month + months, day=anchor_day or day.day)


def month_of(day: date) -> DatePeriod:
    """Return the calendar month of a day."""
    return bill_period_of(day, bill_day=1)


def bill_period_of(day: date, bill_day: int) -> DatePeriod:
    """
    Return the bill period that holds a day, for accounts billed on ``bill_day``.

    :param bill_day: 1 to 31; where a month is shorter its last day takes its place, and the anchor does not move
        afterwards
    :raises ValueError: for a bill day outside 1..31
    """
    if not 1 <= bill_day <= LAST_BILL_DAY:
        msg = f"a bill day is 1..{LAST_BILL_DAY}, got {bill_day}"
        raise ValueError(msg)
    start = day_in_month(year=day.year, month=day.month, day=bill_day)
    if start > day:
        start = day_in_month(year=day.year, month=day.month - 1, day=bill_day)
    return DatePeriod(start, add_months(start, 1, anchor_day=bill_day))


def bill_periods(day: date, *, until: date, bill_day: int) -> list[date]:
    """Return the first days of the bill periods that begin before ``until``, from the one that holds ``day`` on."""
    start, found = bill_period_of(day, bill_day).start, []
    while start < until:
        found.append(start)
        start = add_months(start, 1, anchor_day=bill_day)
    return found
