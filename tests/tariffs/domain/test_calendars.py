"""The public calendar of a country as days that count as other weekdays."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tariffs.domain.calendars import (
    LAST_YEAR,
    CountryWithoutCalendar,
    YearOutsideCalendar,
    countries_with_calendar,
    is_day_off,
    special_days_of,
)

SAMPLE = Path(__file__).parents[4] / "shared" / "samples" / "calendar" / "cn-2025.json"


def weekdays_of(country: str, year: int) -> dict[date, int]:
    return {found.day: found.counts_as for found in special_days_of(country=country, year=year)}


def test_holiday_counts_as_sunday_and_a_moved_day_as_what_it_replaces():
    found = weekdays_of("CN", 2025)

    assert found[date(2025, 1, 1)] == 7
    assert found[date(2025, 2, 4)] == 7
    # Sunday 26 January is worked for Monday 3 February, Saturday 8 February for Tuesday 4 February.
    assert found[date(2025, 1, 26)] == 1
    assert found[date(2025, 2, 8)] == 2
    assert found[date(2025, 10, 11)] == 3
    assert date(2025, 3, 10) not in found


def test_day_worked_in_december_stands_for_one_off_in_january():
    """31 December 2011 was worked for Tuesday 3 January 2012: the other day is in another year."""
    assert weekdays_of("CN", 2011)[date(2011, 12, 31)] == 2


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample calendar does not lie beside the project")
def test_library_and_the_announced_calendar_of_china_agree_on_every_day_of_2025():
    announced = {
        date.fromisoformat(day["date"]): 7 if day["isOffDay"] else 1
        for day in json.loads(SAMPLE.read_text(encoding="utf-8"))["days"]
    }
    library = weekdays_of("CN", 2025)
    year = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]

    assert [day for day in year if is_day_off(day, announced) != is_day_off(day, library)] == []
    # The announcement names weekends inside a holiday too; those are off without being named.
    extra = {day for day, weekday in announced.items() if weekday == 7} - set(library)
    assert {day.isoweekday() for day in extra} == {6, 7}
    assert {day for day, weekday in library.items() if weekday < 6} == {
        day for day, weekday in announced.items() if weekday == 1
    }


def test_names_come_in_our_languages_where_the_library_has_them():
    armenia = next(found for found in special_days_of(country="AM", year=2026) if found.day == date(2026, 1, 28))
    assert armenia.names == {"hy": "Բանակի օր", "en": "Army Day"}
    worked = next(found for found in special_days_of(country="CN", year=2025) if found.day == date(2025, 1, 26))
    assert set(worked.names) == {"hy", "ru", "zh-hans", "ar", "en"}


@pytest.mark.parametrize(
    ("country", "year", "refusal"),
    [
        ("ZZ", 2026, CountryWithoutCalendar),
        ("", 2026, CountryWithoutCalendar),
        ("AM", 1999, YearOutsideCalendar),
        ("AM", LAST_YEAR + 1, YearOutsideCalendar),
    ],
)
def test_calendar_that_nobody_has_is_refused(country, year, refusal):
    with pytest.raises(refusal):
        special_days_of(country=country, year=year)


@given(st.sampled_from(countries_with_calendar()), st.integers(2000, 2100))
def test_calendar_of_any_country_lies_in_its_year_and_moves_weekends_only(country, year):
    days = special_days_of(country=country, year=year)

    assert [found.day for found in days] == sorted({found.day for found in days})
    assert {found.day.year for found in days} <= {year}
    assert all(found.names for found in days)
    assert all(found.counts_as == 7 or found.counts_as < 6 for found in days)
