"""Which window holds, and when the next begins; the clock may jump either way meanwhile."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from billing_site.core.periods import InstantPeriod
from tariffs.domain.windows import Window, WindowScheme

WORKDAYS = frozenset({1, 2, 3, 4, 5})
WEEKEND = frozenset({6, 7})
DAY, EVENING, REST = 0, 1, 2
SCHEME = WindowScheme(
    windows=(
        Window(days=WORKDAYS, from_minute=8 * 60),
        Window(days=WORKDAYS, from_minute=20 * 60),
        Window(days=WEEKEND, from_minute=0),
    ),
    zone=ZoneInfo("Asia/Yerevan"),
    holidays={date(2026, 3, 9): 7, date(2026, 3, 14): 5},
)
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC", "Asia/Tehran")]

instants = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - the zone is given beside
    max_value=datetime(2040, 12, 31),  # noqa: DTZ001 - the zone is given beside
    timezones=st.just(UTC),
)
windows = st.builds(
    Window,
    days=st.frozensets(st.integers(min_value=1, max_value=7), min_size=1),
    from_minute=st.integers(min_value=0, max_value=1439),
)


def local(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo("Asia/Yerevan"))


@pytest.mark.parametrize(
    ("moment", "window"),
    [
        (local(5, 8), DAY),
        (local(5, 7, 59), EVENING),
        (local(5, 20), EVENING),
        (local(7, 0), REST),
        (local(8, 23), REST),
        (local(2, 7), REST),  # Monday before eight: Sunday's window still holds
        (local(9, 12), REST),  # a holiday on Monday
        (local(14, 12), DAY),  # a Saturday that is worked
    ],
)
def test_window_at_holds_until_the_next_begins(moment, window):
    assert SCHEME.window_at(moment) == window


def test_starts_inside_are_strictly_inside():
    period = InstantPeriod(local(5, 8), local(6, 20))

    assert SCHEME.starts_inside(period) == ((local(5, 20), EVENING), (local(6, 8), DAY))


def test_scheme_without_windows_has_none():
    empty = WindowScheme()

    assert empty.window_at(local(5, 8)) is None
    assert empty.next_start_after(local(5, 8)) is None
    assert empty.starts_inside(InstantPeriod(local(5, 8), local(6, 8))) == ()


def test_scheme_whose_days_are_all_holidays_has_no_start():
    closed = WindowScheme(
        windows=(Window(days=frozenset({1})),),
        holidays={date(2026, 1, 1) + timedelta(days=n): 2 for n in range(200)},
    )

    assert closed.window_at(local(5, 8)) is None
    assert closed.next_start_after(local(5, 8)) is None


def test_of_two_windows_that_begin_together_the_first_wins():
    scheme = WindowScheme(windows=(Window(days=WORKDAYS), Window(days=WORKDAYS)))

    assert scheme.window_at(local(5, 8)) == 0


@pytest.mark.parametrize(("days", "minute"), [(frozenset(), 0), ({0}, 0), ({8}, 0), ({1}, -1), ({1}, 1440)])
def test_window_outside_the_week_is_refused(days, minute):
    with pytest.raises(ValueError, match="window"):
        Window(days=frozenset(days), from_minute=minute)


def test_window_inside_a_skipped_hour_begins_at_the_change():
    berlin = WindowScheme(
        windows=(Window(days=frozenset(range(1, 8)), from_minute=150),), zone=ZoneInfo("Europe/Berlin")
    )

    assert berlin.starts_on(date(2026, 3, 29)) == ((datetime(2026, 3, 29, 1, tzinfo=UTC), 0),)


def test_window_inside_a_repeated_hour_begins_once_and_stays():
    scheme = WindowScheme(
        windows=(Window(days=frozenset(range(1, 8))), Window(days=frozenset(range(1, 8)), from_minute=150)),
        zone=ZoneInfo("Europe/Berlin"),
    )

    assert scheme.window_at(datetime(2026, 10, 25, 0, 29, tzinfo=UTC)) == 0
    assert scheme.window_at(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == 1
    assert scheme.window_at(datetime(2026, 10, 25, 1, 10, tzinfo=UTC)) == 1  # 02:10 for the second time


@given(found=st.lists(windows, min_size=1, max_size=4), moment=instants, zone=st.sampled_from(ZONES))
def test_the_window_changes_only_at_starts(found, moment, zone):
    scheme = WindowScheme(windows=tuple(found), zone=zone)

    upcoming = scheme.next_start_after(moment)
    assert upcoming is not None
    start, following = upcoming

    assert scheme.window_and_next(moment) == (scheme.window_at(moment), (start, following))
    assert start > moment
    assert scheme.window_at(start - timedelta(microseconds=1)) == scheme.window_at(moment)
    assert scheme.window_at(start) == following or scheme.starts_inside(InstantPeriod(moment, start)) == ()


@given(found=st.lists(windows, min_size=1, max_size=4), moment=instants, zone=st.sampled_from(ZONES))
def test_the_zone_in_which_an_instant_is_given_does_not_matter(found, moment, zone):
    scheme = WindowScheme(windows=tuple(found), zone=zone)

    assert scheme.window_at(moment.astimezone(zone)) == scheme.window_at(moment)
    assert scheme.next_start_after(moment.astimezone(zone)) == scheme.next_start_after(moment)
