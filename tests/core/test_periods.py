"""Half-open periods, checked against sets of days."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from billing_site.core import periods
from billing_site.core.periods import DatePeriod, InstantPeriod

FIRST = date(2026, 1, 1)
DST_ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/Sao_Paulo", "Asia/Yerevan", "Australia/Lord_Howe")]

offsets = st.integers(min_value=0, max_value=60)
any_day = st.dates(min_value=date(1990, 1, 1), max_value=date(2040, 12, 31))


@st.composite
def date_periods(draw):
    start = draw(offsets)
    length = draw(st.none() | st.integers(min_value=1, max_value=40))
    begin = FIRST + timedelta(days=start)
    return DatePeriod(begin, None if length is None else begin + timedelta(days=length))


def days_of(period):
    return {day for day in (FIRST + timedelta(days=n) for n in range(120)) if period.contains(day)}


@given(one=date_periods(), other=date_periods())
def test_common_days_are_those_in_both(one, other):
    common = one & other

    assert (days_of(common) if common else set()) == days_of(one) & days_of(other)
    assert one.overlaps(other) == bool(days_of(one) & days_of(other))
    assert one.covers(other) == (common == other)


@given(one=date_periods(), other=date_periods())
def test_difference_is_what_is_left(one, other):
    pieces = one - other

    assert set().union(*map(days_of, pieces)) == days_of(one) - days_of(other)
    assert list(pieces) == sorted(pieces, key=lambda piece: piece.start)


@given(period=date_periods(), cuts=st.lists(offsets, max_size=5))
def test_split_tiles_the_period(period, cuts):
    pieces = period.split_at(*(FIRST + timedelta(days=cut) for cut in cuts))

    assert pieces[0].start == period.start
    assert pieces[-1].until == period.until
    assert all(a.until == b.start for a, b in pairwise(pieces))


def test_empty_or_backward_period_is_refused():
    with pytest.raises(ValueError, match="end after its start"):
        DatePeriod(FIRST, FIRST)
    with pytest.raises(ValueError, match="end after its start"):
        InstantPeriod(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


def test_days_and_last_day():
    period = DatePeriod(date(2024, 2, 1), date(2024, 3, 1))

    assert (period.days, period.last_day) == (29, date(2024, 2, 29))


def test_open_period_has_no_length():
    with pytest.raises(ValueError, match="no end"):
        _ = DatePeriod(FIRST).days
    with pytest.raises(ValueError, match="no end"):
        _ = InstantPeriod(datetime(2026, 1, 1, tzinfo=UTC)).duration


def test_kinds_of_period_do_not_mix():
    with pytest.raises(TypeError):
        DatePeriod(datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="zone"):
        InstantPeriod(datetime(2026, 1, 1))  # noqa: DTZ001 - the wrong kind is the point


def test_instant_period_counts_real_time_over_a_clock_change():
    zone = ZoneInfo("Europe/Berlin")

    period = InstantPeriod(datetime(2026, 3, 29, tzinfo=zone), datetime(2026, 3, 30, tzinfo=zone))

    assert period.duration == timedelta(hours=23)
    assert DatePeriod(date(2026, 3, 29), date(2026, 3, 30)).instants(zone=zone) == period
    assert DatePeriod(date(2026, 3, 29)).instants(zone=zone).until is None


@given(day=any_day, zone=st.sampled_from(DST_ZONES))
def test_midnight_is_the_first_instant_of_the_day(day, zone):
    midnight = periods.midnight_of(day, zone=zone)

    assert midnight.astimezone(zone).date() == day
    assert (midnight - timedelta(seconds=1)).astimezone(zone).date() == day - timedelta(days=1)


def test_midnight_inside_a_skipped_hour_is_the_change():
    assert periods.midnight_of(date(1919, 3, 31), zone=ZoneInfo("America/Toronto")) == datetime(
        1919, 3, 31, 4, 30, tzinfo=UTC
    )


@given(day=any_day, bill_day=st.integers(min_value=1, max_value=31))
def test_bill_periods_tile_the_calendar(day, bill_day):
    period = periods.bill_period_of(day, bill_day)

    assert period.contains(day)
    assert 28 <= period.days <= 31
    assert period.until is not None
    assert periods.bill_period_of(period.until, bill_day).start == period.until
    assert periods.bill_period_of(period.start, bill_day) == period
    assert period.start.day == min(bill_day, periods.days_in_month(period.start))


def test_bill_day_31_is_the_last_day_and_the_anchor_stays():
    february = periods.bill_period_of(date(2026, 2, 28), 31)

    assert february == DatePeriod(date(2026, 2, 28), date(2026, 3, 31))
    assert periods.add_months(date(2026, 2, 28), 1, anchor_day=31) == date(2026, 3, 31)
    assert periods.add_months(date(2026, 1, 31), 13) == date(2027, 2, 28)


@pytest.mark.parametrize("bill_day", [0, 32])
def test_bill_day_outside_a_month_is_refused(bill_day):
    with pytest.raises(ValueError, match="bill day"):
        periods.bill_period_of(FIRST, bill_day)


def test_month_of_is_the_calendar_month():
    assert periods.month_of(date(2026, 12, 31)) == DatePeriod(date(2026, 12, 1), date(2027, 1, 1))
