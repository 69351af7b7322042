"""
Days of a year that are priced as another weekday, from the public calendar of a country.

A public holiday counts as Sunday. A day on the weekend that is worked because a working day was given off counts as
the weekday of the day it replaces. The data are those of the ``holidays`` library, pinned exactly: what it says of
coming years changes with its releases.
"""

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import holidays

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

MONDAY, SUNDAY = 1, 7
FIRST_YEAR, LAST_YEAR = 2000, 2100
SHOWN_LENGTH = 40
# Our language codes and those of the library.
LANGUAGES = {"hy": "hy", "ru": "ru", "zh-hans": "zh_CN", "ar": "ar", "en": "en_US"}
ENGLISH = "en_US"
WORKED_INSTEAD = {
    "hy": "Աշխատանքային օր (%s օրվա փոխարեն)",
    "ru": "Рабочий день (вместо %s)",
    "zh-hans": "调休上班(%s)",
    "ar": "يوم عمل (بدل %s)",
    "en": "Working day (instead of %s)",
}

_SUBSTITUTED = re.compile(r"substituted from ([0-9]{2})/([0-9]{2})/([0-9]{4})", re.ASCII)


class CountryWithoutCalendar(BillingError):
    """A country of which the library knows nothing."""

    default_message = gettext_noop("There is no calendar of a country “%(country)s”.")
    default_code = "COUNTRY_WITHOUT_CALENDAR"


class YearOutsideCalendar(BillingError):
    """A year for which a calendar would be a guess."""

    default_message = gettext_noop("The calendar is kept for the years %(first)s to %(last)s, not for %(year)s.")
    default_code = "YEAR_OUTSIDE_CALENDAR"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """
    A day priced as the ISO weekday ``counts_as`` (1 is Monday), with its name by language.

    :raises ValueError: for a weekday outside 1..7
    """

    day: date
    counts_as: int
    names: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuse a weekday that does not exist."""
        if not MONDAY <= self.counts_as <= SUNDAY:
            msg = f"{self.day} cannot count as weekday {self.counts_as}"
            raise ValueError(msg)


def countries_with_calendar() -> tuple[str, ...]:
    """Return the two-letter codes of the countries whose public calendar is known, in order."""
    return tuple(sorted(holidays.list_supported_countries(include_aliases=False)))


def special_days_of(*, country: str, year: int) -> tuple[CalendarDay, ...]:
    """
    Return the special days of a country in a year, in order of time.

    :param country: two-letter code (ISO 3166)
    :raises CountryWithoutCalendar: if the library does not know it
    :raises YearOutsideCalendar: for a year outside 2000..2100
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise YearOutsideCalendar(context={"first": FIRST_YEAR, "last": LAST_YEAR, "year": year})
    if country not in countries_with_calendar():
        raise CountryWithoutCalendar(context={"country": country[:SHOWN_LENGTH]})
    # A day worked in December may stand for one given off in January.
    years = (year - 1, year, year + 1)
    english = _holidays(country, years, ENGLISH)
    names = _names(country, years)
    free = {day: CalendarDay(day=day, counts_as=SUNDAY, names=names[day]) for day in english if day.year == year}
    replaced = _replaced_days(english.items())
    worked = {
        day: _worked_day(day, replaced.get(day))
        for day in english.weekend_workdays
        if day.year == year and day not in free
    }
    return tuple(found for _, found in sorted({**free, **worked}.items()))


def is_day_off(day: date, special: Mapping[date, int]) -> bool:
    """
    Say whether a day is one off: by what it counts as, a Saturday or Sunday.

    :param special: ISO weekday that a day counts as, by day
    """
    return special.get(day, day.isoweekday()) > MONDAY + 4


def _holidays(country: str, years: Iterable[int], language: str | None) -> holidays.HolidayBase:
    """
    Return the library's calendar of some years.

    It warns where feasts by the moon are not known so far ahead: such a year is loaded again when it comes nearer,
    and until then days are marked by hand.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return holidays.country_holidays(country, years=years, language=language)


def _names(country: str, years: Iterable[int]) -> dict[date, dict[str, str]]:
    """Return the names of the holidays by day and language: of ours those that the library has, else its own."""
    known = set(holidays.list_localized_countries().get(country, ()))
    wanted: dict[str, str | None] = {ours: theirs for ours, theirs in LANGUAGES.items() if theirs in known}
    found: dict[date, dict[str, str]] = {}
    for ours, theirs in (wanted or {"en": None}).items():
        for day, name in _holidays(country, years, theirs).items():
            found.setdefault(day, {})[ours] = name
    return found


def _replaced_days(named: Iterable[tuple[date, str]]) -> dict[date, date]:
    """Return by worked day the day off that it stands for, as the names of the days off tell."""
    found = {}
    for day, name in named:
        for month, number, year in _SUBSTITUTED.findall(name):
            found[date(int(year), int(month), int(number))] = day
    return found


def _worked_day(day: date, replaced: date | None) -> CalendarDay:
    """Count a worked day as the one it stands for; as a Monday where the calendar does not tell which."""
    if replaced is None:
        names = {"en": "Working day"}
        return CalendarDay(day=day, counts_as=MONDAY, names=names)
    names = {language: text % replaced.isoformat() for language, text in WORKED_INSTEAD.items()}
    return CalendarDay(day=day, counts_as=replaced.isoweekday(), names=names)
