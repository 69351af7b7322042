"""Between the ranges of Postgres and the periods of ``core.periods``."""

from datetime import date, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from billing_site.core.periods import DatePeriod, InstantPeriod


def days_from(start: date | None, until: date | None = None) -> Any:
    """Return the column value of the days from ``start`` (``None``: ever since) up to, but without, ``until``."""
    return DateRange(start, until)


def no_days() -> Any:
    """Return the column value of a period that never begins."""
    return DateRange(empty=True)


def instants_from(start: datetime, until: datetime | None = None) -> Any:
    """Return the column value of the instants from ``start`` up to, but without, ``until``."""
    return DateTimeTZRange(start, until)


def date_period(column: Any) -> DatePeriod:
    """
    Return the period in a date range column.

    :raises ValueError: if the range is empty or has no start
    """
    if column.lower is None:
        msg = f"a period has a start: {column}"
        raise ValueError(msg)
    return DatePeriod(column.lower, column.upper)


def instant_period(column: Any) -> InstantPeriod:
    """
    Return the period in a range of instants.

    :raises ValueError: if the range is empty or has no start
    """
    if column.lower is None:
        msg = f"a period has a start: {column}"
        raise ValueError(msg)
    return InstantPeriod(column.lower, column.upper)
