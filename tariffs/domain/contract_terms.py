"""Contract terms: when the bonus falls due, and what leaving early costs by the policy that was agreed."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from billing_site.core.periods import DatePeriod, add_months


class LeavePolicy(StrEnum):
    """What somebody pays who leaves before the end."""

    NOTHING = "NOTHING"
    # The amount, on whatever day it is.
    FIXED = "FIXED"
    # The amount for every whole month that is left; a month begun counts as served.
    REMAINING_MONTHS = "REMAINING_MONTHS"
    # The amount falls by the same part every month: amount x months left / all months.
    DECLINING = "DECLINING"


class LeavingFee(NamedTuple):
    """A fee as a fraction of micro units, so that it is rounded once, on the bill; with the months it was made of."""

    numerator_micro: int
    denominator: int
    months_left: int


def contract_period(*, started_on: date, months: int) -> DatePeriod:
    """
    Return the days of a contract.

    :raises ValueError: for less than a month
    """
    if months < 1:
        msg = f"a contract has at least one month, got {months}"
        raise ValueError(msg)
    return DatePeriod(started_on, add_months(started_on, months))


def bonus_day(*, started_on: date, after_months: int) -> date:
    """Return the day on which the bonus of a contract falls due; 0 months is the first day."""
    return add_months(started_on, after_months)


def months_left(*, started_on: date, months: int, left_on: date) -> int:
    """
    Return how many whole months of a contract are left on the first day without the line.

    A month begun counts as served: who leaves on the first day of a month has that month left.
    """
    return sum(1 for n in range(months) if add_months(started_on, n) >= left_on)


def compute_leaving_fee(
    *, policy: LeavePolicy, amount_micro: int, started_on: date, months: int, left_on: date
) -> LeavingFee:
    """
    Return what leaving on a day costs; nothing from the last day of the contract on.

    :param left_on: first day without the line
    """
    left = months_left(started_on=started_on, months=months, left_on=left_on)
    if policy is LeavePolicy.NOTHING or left_on >= add_months(started_on, months):
        return LeavingFee(0, 1, left)
    if policy is LeavePolicy.FIXED:
        return LeavingFee(amount_micro, 1, left)
    if policy is LeavePolicy.REMAINING_MONTHS:
        return LeavingFee(amount_micro * left, 1, left)
    return LeavingFee(amount_micro * left, months, left)
