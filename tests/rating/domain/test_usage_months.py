from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from billing_site.core.periods import DatePeriod, add_months, bill_period_of
from rating.domain.usage_months import UsageMonths, last_full_month

months = st.dates(date(2000, 1, 1), date(2090, 1, 1)).map(lambda day: day.replace(day=1))
bill_days = st.integers(1, 31)


@given(month=months, bill_day=bill_days, count=st.integers(1, 5))
def test_periods_of_a_cycle_are_whole_bill_periods(month, bill_day, count):
    period = UsageMonths(first_month=month, count=count).of_cycle(bill_day)

    assert period.start == bill_period_of(period.start, bill_day).start
    assert period.start.replace(day=1) == month
    assert period.until == bill_period_of(period.last_day, bill_day).until
    pieces = [bill_period_of(period.start + timedelta(days=at), bill_day).start for at in range(period.days)]
    assert len(set(pieces)) == count


@given(days=st.dictionaries(st.integers(1, 9), bill_days, min_size=1), on=st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_last_full_month_is_the_latest_that_is_over(days, on):
    month = last_full_month(days, on=on)

    assert UsageMonths(first_month=month).are_over(days, on=on)
    assert not UsageMonths(first_month=add_months(month, 1)).are_over(days, on=on)


def test_days_around_cycles_go_from_the_first_to_the_last():
    months = UsageMonths(first_month=date(2026, 2, 1))

    assert months.around({1: 1, 2: 10}) == DatePeriod(date(2026, 2, 1), date(2026, 3, 10))


@pytest.mark.parametrize(("month", "count"), [(date(2026, 2, 2), 1), (date(2026, 2, 1), 0)])
def test_no_month_is_refused(month, count):
    with pytest.raises(ValueError, match="month"):
        UsageMonths(first_month=month, count=count)
