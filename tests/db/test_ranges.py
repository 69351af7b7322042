"""Between ranges of Postgres and periods of ours."""

from datetime import UTC, date, datetime

import pytest

from billing_site.core.periods import DatePeriod, InstantPeriod
from billing_site.db.ranges import date_period, days_from, instant_period, instants_from

DAY, NEXT = date(2026, 3, 5), date(2026, 3, 6)
AT = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize("until", [NEXT, None])
def test_days_go_into_a_column_and_come_back(until):
    assert date_period(days_from(DAY, until)) == DatePeriod(DAY, until)


def test_instants_go_into_a_column_and_come_back():
    assert instant_period(instants_from(AT)) == InstantPeriod(AT)


def test_range_without_a_start_is_no_period():
    with pytest.raises(ValueError, match="has a start"):
        date_period(days_from(None, DAY))
    with pytest.raises(ValueError, match="has a start"):
        instant_period(instants_from(None, AT))  # type: ignore[arg-type]
