"""Parts of periods."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from billing_site.core.periods import DatePeriod, month_of
from invoicing.domain.proration import (
    ProrationPolicy,
    months_in,
    prorate,
    share_between,
    share_of,
    whole_months_between,
)

MARCH = month_of(date(2026, 3, 1))
any_day = st.dates(min_value=date(2000, 1, 1), max_value=date(2040, 1, 1))


def test_prorate_by_calendar_days_rounds_half_up_once():
    part = DatePeriod(date(2026, 3, 15), date(2026, 4, 1))

    assert prorate(amount_minor=100, part=part, period=MARCH) == 55
    assert prorate(amount_minor=-100, part=part, period=MARCH) == -55
    assert share_of(part=part, period=MARCH) == (17, 31)


def test_whole_policy_charges_any_part_in_full():
    part = DatePeriod(date(2026, 3, 31), date(2026, 4, 1))

    assert prorate(amount_minor=100, part=part, period=MARCH, policy=ProrationPolicy.WHOLE) == 100


@pytest.mark.parametrize(
    "part",
    [
        DatePeriod(date(2026, 2, 28), date(2026, 3, 2)),
        DatePeriod(date(2026, 3, 5)),
        DatePeriod(date(2026, 4, 1), date(2026, 4, 2)),
    ],
)
def test_part_outside_its_period_is_refused(part):
    with pytest.raises(ValueError, match="not a part"):
        share_of(part=part, period=MARCH)


@given(
    start=any_day,
    first=st.integers(1, 400),
    second=st.integers(1, 400),
    policy=st.sampled_from(["CALENDAR_DAYS", "THIRTY_DAYS"]),
)
def test_parts_add_up_to_the_whole(start, first, second, policy):
    middle, until = start + timedelta(days=first), start + timedelta(days=first + second)
    bounds = {"period_start_on": start, "period_until_on": until, "policy": ProrationPolicy(policy)}

    one, of = share_between(start_on=start, until_on=middle, **bounds)
    other, _ = share_between(start_on=middle, until_on=until, **bounds)

    assert one + other == of


@given(start=any_day, days=st.integers(1, 1000), cut=st.integers(1, 999))
def test_months_of_parts_add_up(start, days, cut):
    whole = DatePeriod(start, start + timedelta(days=days))

    assert sum(months_in(part) for part in whole.split_at(start + timedelta(days=cut))) == months_in(whole)


def test_whole_months_never_go_backward():
    assert whole_months_between(start_on=date(2026, 3, 1), until_on=date(2026, 1, 1)) == 0
