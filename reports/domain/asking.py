"""Which days a report is of: what is usual, and what is sent again and again."""

from datetime import date, timedelta

from billing_site.core.periods import month_of
from reports.domain.definition import Definition, Span, Usual

ONE_DAY = timedelta(days=1)


def usual_days(report: Definition, *, today: date) -> tuple[date, date]:
    """Return first and last day of a report that is asked for without days."""
    if report.span is Span.DAYS and report.usual is Usual.YESTERDAY:
        return today - ONE_DAY, today - ONE_DAY
    return (today, today) if report.span is Span.NOW else (today.replace(day=1), today)


def days_of_month(day: date, *, today: date) -> tuple[date, date]:
    """Return first and last day of the month of a day; of the present month up to today."""
    month = month_of(day)
    return month.start, today if month.contains(today) else month.last_day


def days_sent(report: Definition, *, is_monthly: bool, due_on: date) -> tuple[date, date]:
    """
    Return first and last day of a report that is sent on a day.

    Every month it is of the month before, every day of the day before; a report of a month is of that day's month.
    """
    last = due_on - ONE_DAY
    if not is_monthly and report.span in {Span.DAYS, Span.NOW}:
        return last, last
    return last.replace(day=1), last
