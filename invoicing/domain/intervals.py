"""Intervals of any length in days or in months, laid over the calendar or counted from an anchor."""

from dataclasses import dataclass
from datetime import date, timedelta

from billing_site.core.periods import MONTHS_PER_YEAR, DatePeriod, add_months

# A Monday: weeks begin on it unless they are counted from an anchor.
FIRST_MONDAY = date(1900, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A length: so many months, or so many days; one of them is zero."""

    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        """Refuse a length that is none, or two at once."""
        if min(self.months, self.days) != 0 or max(self.months, self.days) < 1:
            msg = f"an interval is some months or some days: {self.months} and {self.days}"
            raise ValueError(msg)

    def after(self, day: date, *, count: int, anchor_day: int | None = None) -> date:
        """Return the day that lies ``count`` intervals after another; a day that a month lacks becomes its last."""
        if self.days:
            return day + timedelta(days=count * self.days)
        return add_months(day, count * self.months, anchor_day=anchor_day)

    def period_with(self, day: date, *, anchor_on: date | None = None) -> DatePeriod:
        """
        Return the interval that holds a day.

        :param anchor_on: a day on which one begins, whose day of the month the others keep; without it weeks begin on
            Mondays, quarters, half-years and years with January
        """
        anchor = anchor_on or (FIRST_MONDAY if self.days else date(day.year, 1, 1))
        count = self.whole_between(start_on=anchor, until_on=day)
        start, until = (self.after(anchor, count=number) for number in (count, count + 1))
        return DatePeriod(start, until)

    def whole_between(self, *, start_on: date, until_on: date) -> int:
        """Return how many whole intervals lie between two days, counted from the first; negative where it is later."""
        if self.days:
            return (until_on - start_on).days // self.days
        months = (until_on.year - start_on.year) * MONTHS_PER_YEAR + until_on.month - start_on.month
        count = months // self.months + 1
        while self.after(start_on, count=count) > until_on:
            count -= 1
        return count
