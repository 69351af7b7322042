"""Whole usage periods of every bill cycle: those that begin in a calendar month, and in the months after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from billing_site.core.periods import DatePeriod, add_months, day_in_month


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageMonths:
    """
    Some months in a row, as each cycle cuts them.

    :raises ValueError: if the first month is not given by its first day, or no month is meant
    """

    first_month: date
    count: int = 1

    def __post_init__(self) -> None:
        """Refuse what is no month."""
        if self.first_month.day != 1 or self.count < 1:
            msg = f"{self.count} months from {self.first_month}: give the first day of a month and at least one month"
            raise ValueError(msg)

    def of_cycle(self, bill_day: int) -> DatePeriod:
        """Return the days of a cycle: whole periods, the first of which begins in the first month."""
        start = day_in_month(year=self.first_month.year, month=self.first_month.month, day=bill_day)
        return DatePeriod(start, add_months(start, self.count, anchor_day=bill_day))

    def around(self, bill_days: Mapping[int, int]) -> DatePeriod:
        """
        Return the days from the first of any cycle to the last of any.

        :param bill_days: bill day by cycle
        :raises ValueError: without a cycle
        """
        periods = [self.of_cycle(day) for day in bill_days.values()]
        return DatePeriod(min(one.start for one in periods), max(one.last_day for one in periods) + timedelta(days=1))

    def are_over(self, bill_days: Mapping[int, int], *, on: date) -> bool:
        """Say whether every period of every cycle has ended before a day."""
        return all(self.of_cycle(day).last_day < on for day in bill_days.values())


def last_full_month(bill_days: Mapping[int, int], *, on: date) -> date:
    """Return the first day of the latest month whose periods are over for every cycle."""
    month = on.replace(day=1)
    while not UsageMonths(first_month=month).are_over(bill_days, on=on):
        month = add_months(month, -1)
    return month
