"""
Parts of a period.

Three named policies: calendar days (the default), months of thirty days, and whole periods only. Periods are
half-open, so the first day is charged, the day of the end is not, and the parts of a split period add up to the
whole.
"""

from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from billing_site.core.money import round_half_up
from billing_site.core.periods import MONTHS_PER_YEAR, DatePeriod, add_months, days_in_month

DAYS_IN_FIXED_MONTH = 30


class ProrationPolicy(StrEnum):
    """How a part of a period is measured."""

    CALENDAR_DAYS = "CALENDAR_DAYS"
    THIRTY_DAYS = "THIRTY_DAYS"
    WHOLE = "WHOLE"


# Looked up once: members of an enumeration are found by a call each time, and a bill run asks millions of times.
_CALENDAR_DAYS = ProrationPolicy.CALENDAR_DAYS
_WHOLE = ProrationPolicy.WHOLE


def share_of(
    *, part: DatePeriod, period: DatePeriod, policy: ProrationPolicy = ProrationPolicy.CALENDAR_DAYS
) -> tuple[int, int]:
    """
    Return (days charged, days of the period): the share that a part is of its period.

    :param part: inside the period, both with an end
    :raises ValueError: if the part reaches outside the period, or one of them has no end
    """
    if part.until is None or period.until is None or not period.covers(part):
        msg = f"{part} is not a part of {period}"
        raise ValueError(msg)
    return share_between(
        start_on=part.start,
        until_on=part.until,
        period_start_on=period.start,
        period_until_on=period.until,
        policy=policy,
    )


def share_between(
    *, start_on: date, until_on: date, period_start_on: date, period_until_on: date, policy: ProrationPolicy
) -> tuple[int, int]:
    """Return the same as ``share_of`` from plain days, unchecked: the form that bill runs use."""
    if policy is _CALENDAR_DAYS:
        return (until_on - start_on).days, (period_until_on - period_start_on).days
    if policy is _WHOLE:
        return 1, 1
    return fixed_month_days(start_on=start_on, until_on=until_on), fixed_month_days(
        start_on=period_start_on, until_on=period_until_on
    )


def prorate(
    *, amount_minor: int, part: DatePeriod, period: DatePeriod, policy: ProrationPolicy = ProrationPolicy.CALENDAR_DAYS
) -> int:
    """
    Return the price of a part of a period in minor units, rounded half up once.

    :param amount_minor: price of the whole period
    :raises ValueError: if the part reaches outside the period
    """
    days, of_days = share_of(part=part, period=period, policy=policy)
    return round_half_up(numerator=amount_minor * days, denominator=of_days)


def fixed_month_days(*, start_on: date, until_on: date, month_days: int = DAYS_IN_FIXED_MONTH) -> int:
    """
    Return the days from one day to another where every month has the same number of days; later days of a month count
    as its last.
    """
    months = (until_on.year - start_on.year) * MONTHS_PER_YEAR + until_on.month - start_on.month
    return months * month_days + min(until_on.day, month_days) - min(start_on.day, month_days)


def months_in(period: DatePeriod) -> Fraction:
    """
    Return the length of a period in calendar months: each month counts by the part of its own days that is inside.

    :raises ValueError: if the period has no end
    """
    until = period.start + timedelta(days=period.days)
    months = Fraction()
    day = period.start
    while day < until:
        month_until = add_months(day.replace(day=1), 1)
        months += Fraction((min(month_until, until) - day).days, days_in_month(day))
        day = month_until
    return months


def months_of_days(*, start_on: date, until_on: date, month_days: int = DAYS_IN_FIXED_MONTH) -> Fraction:
    """
    Return the length of a period in months: the whole ones that passed, and the days left over as parts of a month of
    so many days; zero where nothing passed.
    """
    months = whole_months_between(start_on=start_on, until_on=until_on)
    rest = (until_on - add_months(start_on, months)).days
    return max(Fraction(), months + Fraction(rest, month_days))


def whole_months_between(*, start_on: date, until_on: date) -> int:
    """Return how many whole months, counted from the start day, have passed at a later day; zero or more."""
    months = (until_on.year - start_on.year) * MONTHS_PER_YEAR + until_on.month - start_on.month
    if add_months(start_on, months) > until_on:
        months -= 1
    return max(months, 0)
