"""
Time windows: parts of the week in which prices differ, such as working hours or the weekend.

A window is given by the days and the minute at which it *begins*; it holds until the next window of the scheme
begins, over midnight and over the end of the week. Everything is computed from the instants at which windows begin,
so a clock change can neither lose nor double a window: a start inside a skipped hour happens at the change, a start
inside a repeated hour happens the first time.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from billing_site.core.periods import InstantPeriod

MINUTES_PER_DAY = 1440
DAYS_PER_WEEK = 7

# Holidays may hide every listed weekday for a while; beyond this many days a scheme is taken to have no window that
# begins.
SEARCH_DAYS = 31

WindowStart = tuple[datetime, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """
    A window begins on each of ``days`` (ISO weekdays, 1 = Monday) at ``from_minute`` after local midnight.

    :raises ValueError: for no day, a day outside 1..7 or a minute outside 0..1439
    """

    days: frozenset[int]
    from_minute: int = 0

    def __post_init__(self) -> None:
        """Refuse days and minutes that do not exist."""
        if not self.days or not self.days <= set(range(1, DAYS_PER_WEEK + 1)):
            msg = f"a window needs ISO weekdays 1..7, got {sorted(self.days)}"
            raise ValueError(msg)
        if not 0 <= self.from_minute < MINUTES_PER_DAY:
            msg = f"a window begins at minute 0..1439, got {self.from_minute}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowScheme:
    """
    The windows of a plan version, known by their position in ``windows``.

    ``zone`` is the operator's time zone. ``holidays`` maps a local date to the ISO weekday whose windows it takes: a
    public holiday becomes a Sunday, a Saturday worked instead becomes a working day.
    """

    windows: tuple[Window, ...] = ()
    zone: tzinfo = UTC
    holidays: Mapping[date, int] = field(default_factory=dict)
    _minutes: dict[int, tuple[tuple[int, int], ...]] = field(init=False, repr=False, compare=False)
    _starts: dict[date, tuple[WindowStart, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """List the windows of each weekday in order of time; where two begin together the first listed wins."""
        minutes: dict[int, dict[int, int]] = {weekday: {} for weekday in range(1, DAYS_PER_WEEK + 1)}
        for index, window in enumerate(self.windows):
            for weekday in window.days:
                minutes[weekday].setdefault(window.from_minute, index)
        object.__setattr__(
            self, "_minutes", {weekday: tuple(sorted(found.items())) for weekday, found in minutes.items()}
        )
        object.__setattr__(self, "_starts", {})

    def window_at(self, moment: datetime) -> int | None:
        """
        Return the position of the window that holds at an instant, or ``None`` if the scheme has no windows.

        :param moment: an instant with a zone; which one does not matter
        """
        if not self.windows:
            return None
        moment = moment.astimezone(UTC)
        day = moment.astimezone(self.zone).date()
        for _ in range(SEARCH_DAYS):
            starts = self.starts_on(day)
            found = bisect_right(starts, moment, key=_instant_of)
            if found:
                return starts[found - 1][1]
            day -= timedelta(days=1)
        return None

    def next_start_after(self, moment: datetime) -> WindowStart | None:
        """
        Return the first start of a window strictly after an instant, as (instant in UTC, position), or ``None`` if
        there is none.
        """
        if not self.windows:
            return None
        moment = moment.astimezone(UTC)
        day = moment.astimezone(self.zone).date()
        for _ in range(SEARCH_DAYS):
            starts = self.starts_on(day)
            found = bisect_right(starts, moment, key=_instant_of)
            if found < len(starts):
                return starts[found]
            day += timedelta(days=1)
        return None

    def window_and_next(self, moment: datetime) -> tuple[int | None, WindowStart | None]:
        """Return what ``window_at`` and ``next_start_after`` give, with one look where both are of the same day."""
        if not self.windows:
            return None, None
        moment = moment.astimezone(UTC)
        starts = self.starts_on(moment.astimezone(self.zone).date())
        found = bisect_right(starts, moment, key=_instant_of)
        if 0 < found < len(starts):
            return starts[found - 1][1], starts[found]
        return self.window_at(moment), self.next_start_after(moment)

    def starts_inside(self, period: InstantPeriod) -> tuple[WindowStart, ...]:
        """
        Return the window starts that lie strictly inside a period, in order of time.

        :param period: with an end
        """
        return tuple(self._walk(period))

    def _walk(self, period: InstantPeriod) -> Iterator[WindowStart]:
        found = self.next_start_after(period.start)
        while found is not None and period.contains(found[0]):
            yield found
            found = self.next_start_after(found[0])

    def starts_on(self, day: date) -> tuple[WindowStart, ...]:
        """Return the window starts of one local date as (instant in UTC, position), in order of time."""
        known = self._starts.get(day)
        if known is None:
            weekday = self.holidays.get(day, day.isoweekday())
            known = tuple((self._instant(day, minute), index) for minute, index in self._minutes[weekday])
            self._starts[day] = known
        return known

    def _instant(self, day: date, minute: int) -> datetime:
        """Return the first instant at which the wall clock of that date reaches the minute."""
        wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=self.zone)
        instant = wall.astimezone(UTC)
        if instant.astimezone(self.zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
            return instant
        # The minute is skipped: the clock change itself is when this wall time is passed. It lies between the two
        # readings.
        early, late = wall.replace(fold=1).astimezone(UTC), instant
        while late - early > timedelta(seconds=1):
            middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
            passed = middle.astimezone(self.zone).replace(tzinfo=None) >= wall.replace(tzinfo=None)
            early, late = (early, middle) if passed else (middle, late)
        return late


def _instant_of(start: WindowStart) -> datetime:
    return start[0]
