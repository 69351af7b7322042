"""Days that count as other weekdays: by hand over files, files over the country's calendar, bills over all."""

from datetime import date
from pathlib import Path

import pytest

from billing_site.audit.models import AuditEntry
from tariffs.domain.calendar_files import read_calendar_file
from tariffs.domain.calendars import CalendarDay, CountryWithoutCalendar, special_days_of
from tariffs.models import SpecialDay
from tariffs.operations.special_days import (
    CalendarChanges,
    NotASpecialDay,
    SpecialDayBilled,
    WeekdayUnsound,
    import_special_days,
    load_special_days,
    mark_special_day,
    unmark_special_day,
)
from tariffs.queries.special_days import special_days_in
from tests.factories.subscribers import make_account, make_cycle

SAMPLE = Path(__file__).parents[4] / "shared" / "samples" / "calendar" / "cn-2025.json"
ARMY = date(2026, 1, 28)
WOMEN = date(2026, 3, 8)
pytestmark = pytest.mark.django_db


def stored() -> dict[date, tuple[int, str]]:
    rows = SpecialDay.objects.values_list("day", "counts_as_weekday", "origin")
    return {day: (weekday, origin) for day, weekday, origin in rows}


def test_calendar_of_a_country_is_loaded_and_again_changes_nothing(specialist):
    days = special_days_of(country="AM", year=2026)

    first = load_special_days(country="AM", year=2026, actor=specialist)
    again = load_special_days(country="AM", year=2026, actor=specialist)

    assert first == CalendarChanges(written=len(days), removed=0, kept=0)
    assert again == CalendarChanges(written=0, removed=0, kept=0)
    assert stored() == {found.day: (found.counts_as, "LIBRARY") for found in days}
    assert AuditEntry.objects.filter(action="tariffs.load_special_days", actor=specialist).count() == 1


def test_own_days_stand_over_the_calendar_in_either_order(specialist):
    mark_special_day(day=ARMY, counts_as=3, names={"en": "Worked"}, actor=specialist)

    done = load_special_days(country="AM", year=2026, actor=specialist)
    mark_special_day(day=WOMEN, counts_as=6, names={"en": "Half a day"}, actor=specialist)
    load_special_days(country="AM", year=2026, actor=specialist)

    assert done.kept == 1
    assert (stored()[ARMY], stored()[WOMEN]) == ((3, "HAND"), (6, "HAND"))


def test_day_of_an_earlier_loading_that_is_none_any_more_goes(specialist):
    SpecialDay.objects.create(day=date(2026, 6, 3), counts_as_weekday=7, origin="LIBRARY")
    SpecialDay.objects.create(day=date(2027, 6, 3), counts_as_weekday=7, origin="LIBRARY")

    assert load_special_days(country="AM", year=2026, actor=specialist).removed == 1

    assert date(2026, 6, 3) not in stored()
    assert date(2027, 6, 3) in stored()


def test_imported_days_stand_over_the_calendar_and_under_the_hand(specialist):
    load_special_days(country="AM", year=2026, actor=specialist)
    mark_special_day(day=WOMEN, counts_as=7, names={}, actor=specialist)
    announced = [CalendarDay(day=ARMY, counts_as=1, names={}), CalendarDay(day=WOMEN, counts_as=1, names={})]

    done = import_special_days(days=announced, actor=specialist)
    load_special_days(country="AM", year=2026, actor=specialist)

    assert (done.written, done.kept) == (1, 1)
    assert (stored()[ARMY], stored()[WOMEN]) == ((1, "FILE"), (7, "HAND"))


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample calendar does not lie beside the project")
def test_announced_calendar_of_china_goes_over_the_library(specialist):
    load_special_days(country="CN", year=2025, actor=specialist)

    done = import_special_days(days=read_calendar_file(SAMPLE.read_bytes()), actor=specialist)

    assert done.written == 33
    assert stored()[date(2025, 1, 26)] == (1, "FILE")
    assert [day.day for day in special_days_in(2025) if day.origin == "LIBRARY"] == []


def test_mark_is_taken_away_and_only_a_mark(specialist):
    mark_special_day(day=WOMEN, counts_as=1, names={}, actor=specialist)
    unmark_special_day(day=WOMEN, actor=specialist)
    load_special_days(country="AM", year=2026, actor=specialist)

    with pytest.raises(NotASpecialDay):
        unmark_special_day(day=WOMEN, actor=specialist)

    assert stored()[WOMEN] == (7, "LIBRARY")
    acts = AuditEntry.objects.filter(action__in=["tariffs.mark_special_day", "tariffs.unmark_special_day"])
    assert acts.count() == 2


@pytest.mark.parametrize("weekday", [0, 8])
def test_special_day_as_no_weekday_is_refused(weekday):
    with pytest.raises(WeekdayUnsound):
        mark_special_day(day=WOMEN, counts_as=weekday, names={}, actor=None)

    assert not SpecialDay.objects.exists()


def test_calendar_of_no_country_is_refused():
    with pytest.raises(CountryWithoutCalendar):
        load_special_days(country="ZZ", year=2026, actor=None)

    assert not AuditEntry.objects.filter(action="tariffs.load_special_days").exists()


@pytest.fixture
def billed():
    """A cycle with an account is billed up to February; one without accounts proves nothing."""
    make_account(cycle=make_cycle(open_from=date(2026, 2, 1)))
    make_cycle(code="LATER", open_from=date(2026, 9, 1))


@pytest.mark.usefixtures("billed")
def test_day_that_was_billed_stays_whoever_asks():
    days = [CalendarDay(day=ARMY, counts_as=7, names={}), CalendarDay(day=WOMEN, counts_as=7, names={})]
    for refused in (
        lambda: mark_special_day(day=ARMY, counts_as=7, names={}, actor=None),
        lambda: import_special_days(days=days, actor=None),
        lambda: load_special_days(country="AM", year=2026, actor=None),
    ):
        with pytest.raises(SpecialDayBilled) as error:
            refused()
        assert "re-rating" in error.value.message
        assert error.value.context["open"] == date(2026, 2, 1)

    assert not SpecialDay.objects.exists()
    assert not AuditEntry.objects.filter(action__contains="special_day").exists()


@pytest.mark.usefixtures("billed")
def test_days_that_are_open_change_and_names_of_billed_ones_too():
    load_special_days(country="AM", year=2026, first_day=date(2026, 2, 1), actor=None)

    assert min(stored()) == WOMEN
    mark_special_day(day=date(2026, 1, 30), counts_as=5, names={"en": "As every Friday"}, actor=None)
    assert stored()[date(2026, 1, 30)] == (5, "HAND")


def test_mark_of_a_day_that_was_billed_meanwhile_is_not_taken_away(specialist):
    mark_special_day(day=ARMY, counts_as=7, names={}, actor=specialist)
    make_account(cycle=make_cycle(open_from=date(2026, 2, 1)))

    with pytest.raises(SpecialDayBilled):
        unmark_special_day(day=ARMY, actor=specialist)

    assert stored()[ARMY] == (7, "HAND")
