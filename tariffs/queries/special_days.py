"""The calendar of prices: what a year's special days do to the windows, and what an announced calendar would change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tariffs.domain.calendars import CalendarDay
from tariffs.models import SpecialDay, Window

# Who stands over whom.
RANK = {SpecialDay.Origin.LIBRARY: 1, SpecialDay.Origin.FILE: 2, SpecialDay.Origin.HAND: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class YearDay:
    """
    A special day of the year: what it counts as, who says so, and which windows open as a rule and on that day.

    The windows are written ``scheme: 08:00 code, 20:00 code``; empty where none opens.
    """

    day: date
    weekday: int
    counts_as: int
    names: Mapping[str, str]
    origin: str
    usual_windows: str
    windows: str


class Verdict(StrEnum):
    """What becomes of a day of a new calendar."""

    NEW = "NEW"
    CHANGED = "CHANGED"
    SAME = "SAME"
    KEPT = "KEPT"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChange:
    """A day of a new calendar beside what stands: ``KEPT`` means that what stands has the say."""

    day: date
    was: int
    becomes: int
    names: Mapping[str, str]
    verdict: Verdict


def special_days_in(year: int) -> tuple[YearDay, ...]:
    """Return the special days of a year in order of time."""
    openings = _openings()
    rows = SpecialDay.objects.filter(day__year=year).order_by("day")
    return tuple(
        YearDay(
            day=row.day,
            weekday=row.day.isoweekday(),
            counts_as=row.counts_as_weekday,
            names=row.names,
            origin=row.origin,
            usual_windows=openings[row.day.isoweekday()],
            windows=openings[row.counts_as_weekday],
        )
        for row in rows
    )


def find_special_day(day: date) -> SpecialDay | None:
    """Return what a day is marked as, or ``None``."""
    return SpecialDay.objects.filter(day=day).first()


def compare_special_days(days: Iterable[CalendarDay], *, origin: str) -> tuple[DayChange, ...]:
    """
    Return what a calendar of an origin would change, in its order.

    :param origin: of ``SpecialDay.Origin``; a day of a higher one is kept
    """
    wanted = tuple(days)
    standing = {row.day: row for row in SpecialDay.objects.filter(day__in=[found.day for found in wanted])}
    return tuple(_change(found, standing.get(found.day), origin) for found in wanted)


def _change(found: CalendarDay, row: SpecialDay | None, origin: str) -> DayChange:
    was = found.day.isoweekday() if row is None else row.counts_as_weekday
    if row is None:
        verdict = Verdict.NEW
    elif RANK[SpecialDay.Origin(row.origin)] > RANK[SpecialDay.Origin(origin)]:
        verdict = Verdict.KEPT
    elif (row.counts_as_weekday, row.names, row.origin) == (found.counts_as, dict(found.names), origin):
        verdict = Verdict.SAME
    else:
        verdict = Verdict.CHANGED
    becomes = was if verdict is Verdict.KEPT else found.counts_as
    return DayChange(day=found.day, was=was, becomes=becomes, names=found.names, verdict=verdict)


def _openings() -> dict[int, str]:
    """Return by ISO weekday the windows that open on it, of every scheme that has any."""
    schemes: dict[str, dict[int, list[tuple[int, str]]]] = {}
    for row in Window.objects.select_related("scheme").order_by("scheme__code", "opens_at_minute", "pk"):
        by_weekday = schemes.setdefault(row.scheme.code, {weekday: [] for weekday in range(1, 8)})
        for weekday in row.weekdays:
            by_weekday[weekday].append((row.opens_at_minute, row.code))
    return {
        weekday: "; ".join(
            f"{code}: {', '.join(f'{minute // 60:02}:{minute % 60:02} {name}' for minute, name in found[weekday])}"
            for code, found in schemes.items()
            if found[weekday]
        )
        for weekday in range(1, 8)
    }
