"""004-08: what a contract brings, and when."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from tariffs.domain.contract_terms import (
    LeavePolicy,
    bonus_day,
    compute_leaving_fee,
    contract_period,
    months_left,
)

START = date(2026, 1, 31)


def fee(policy: LeavePolicy, left_on: date, *, months: int = 12, amount: int = 1_200_000) -> tuple[int, int]:
    found = compute_leaving_fee(policy=policy, amount_micro=amount, started_on=START, months=months, left_on=left_on)
    return found.numerator_micro, found.denominator


def test_contract_ends_after_its_months_and_its_bonus_comes_within():
    assert contract_period(started_on=START, months=12).until == date(2027, 1, 31)
    assert contract_period(started_on=START, months=1).until == date(2026, 2, 28)
    assert bonus_day(started_on=START, after_months=0) == START
    assert bonus_day(started_on=START, after_months=1) == date(2026, 2, 28)
    with pytest.raises(ValueError, match="at least one month"):
        contract_period(started_on=START, months=0)


@pytest.mark.parametrize(
    ("left_on", "left"),
    [
        (date(2026, 1, 31), 12),
        (date(2026, 2, 1), 11),
        (date(2026, 2, 28), 11),
        (date(2026, 3, 1), 10),
        (date(2026, 12, 31), 1),
        (date(2027, 1, 1), 0),
        (date(2027, 1, 31), 0),
    ],
)
def test_months_begun_are_served(left_on, left):
    assert months_left(started_on=START, months=12, left_on=left_on) == left


def test_fees_by_policy():
    day = date(2026, 10, 1)
    assert fee(LeavePolicy.NOTHING, day) == (0, 1)
    assert fee(LeavePolicy.FIXED, day) == (1_200_000, 1)
    assert fee(LeavePolicy.REMAINING_MONTHS, day) == (3_600_000, 1)
    assert fee(LeavePolicy.DECLINING, day) == (3_600_000, 12)


@given(policy=st.sampled_from(LeavePolicy), days=st.integers(0, 400), months=st.integers(1, 12))
def test_fee_is_never_negative_never_grows_with_time_and_is_nothing_at_the_end(policy, days, months):
    until = contract_period(started_on=START, months=months).until or START
    earlier, later = sorted((date.fromordinal(START.toordinal() + days), until))

    first, second = fee(policy, earlier, months=months), fee(policy, later, months=months)

    assert first[0] * second[1] >= second[0] * first[1] >= 0
    assert fee(policy, until, months=months)[0] == 0
