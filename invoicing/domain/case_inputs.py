"""Reads what worked examples of the form ``telecom-billing-cases/1`` say of days, intervals and bases."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from billing_site.core.periods import DatePeriod
from invoicing.domain.intervals import Interval
from rating.domain.case_values import (
    CaseNotSupported,
    JsonObject,
    bool_in,
    instant_in,
    refuse_other_keys,
    whole_in,
    written_day_in,
)
from rating.domain.cases import ABOUT

_INTERVALS = {
    "day": Interval(days=1),
    "week": Interval(days=7),
    "month": Interval(months=1),
    "quarter": Interval(months=3),
    "half-year": Interval(months=6),
    "year": Interval(months=12),
}
_WORDS = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "half_year": "half-year",
    "semester": "half-year",
    "semiannual": "half-year",
    "annual": "year",
    "yearly": "year",
}
_COUNTED = re.compile(r"([1-9][0-9]{0,3}) (day|week|month|quarter|year)s?", re.ASCII)
_CALENDAR = (None, "calendar", "calendar day", "calendar days", "calendar month", "calendar months", "actual")
_DAYS = re.compile(r"([1-9][0-9]?) days?", re.ASCII)


def refuse_unknown(case: JsonObject, *, known: Iterable[str]) -> None:
    """
    Refuse a case with a field that we do not read.

    :raises CaseNotSupported: naming the fields
    """
    refuse_other_keys(case, known=(*ABOUT, *known), where=str(case["kind"]))


def interval_in(found: object) -> Interval:
    """
    Read an interval: ``week``, ``month``, ``quarter``, ``year``, ``30 days``, ``6 months``.

    :raises CaseNotSupported: for any other word
    """
    text = str(found)
    text = _WORDS.get(text, text)
    if text in _INTERVALS:
        return _INTERVALS[text]
    counted = _COUNTED.fullmatch(text)
    if counted is None:
        msg = f"interval {found!r} is none of day, week, month, quarter, half-year, year, or so many of them"
        raise CaseNotSupported(msg)
    one = _INTERVALS[counted[2]]
    return Interval(months=int(counted[1]) * one.months, days=int(counted[1]) * one.days)


def months_in_interval(found: object) -> int:
    """
    Read an interval that is made of months.

    :raises CaseNotSupported: for weeks and days
    """
    months = interval_in(found).months
    if not months:
        msg = f"a bill period of {found}"
        raise CaseNotSupported(msg)
    return months


def day_in(found: object, *, zone: object = None) -> date:
    """
    Read a day, or an instant, which is a day of its zone; without a zone, of the offset it is written with.

    :raises CaseNotSupported: for an unknown time zone
    """
    if zone is None or "T" not in str(found):
        return written_day_in(found)
    return instant_in(found).astimezone(zone_in(zone)).date()


def zone_in(name: object) -> ZoneInfo:
    """
    Read a time zone.

    :raises CaseNotSupported: for an unknown one
    """
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = f"time zone {name!r}"
        raise CaseNotSupported(msg) from error


def end_in(case: JsonObject, *, zone: object = None) -> date | None:
    """Read the exclusive end: where the case's end is the last day inside, the day after it; ``None`` for none."""
    if case.get("end") is None:
        return None
    end = day_in(case["end"], zone=zone)
    return end + timedelta(days=1) if bool_in(case.get("end_included", False), where="end_included") else end


def both_ends(case: JsonObject) -> tuple[date, date]:
    """
    Read start and exclusive end of a case that has both.

    :raises CaseNotSupported: if it has no end
    """
    end = end_in(case)
    if end is None:
        msg = "a length without an end"
        raise CaseNotSupported(msg)
    return day_in(case["start"]), end


def month_days_in(found: object) -> int | None:
    """
    Read the basis of a month: ``None`` for calendar months, or its fixed number of days (``30 days``, 30).

    :raises CaseNotSupported: for another basis
    """
    if found in _CALENDAR:
        return None
    counted = _DAYS.fullmatch(str(found))
    return int(counted[1]) if counted else whole_in(found, where="basis of a month")


def anchor_in(found: object, *, start_on: date, zone: object = None) -> date | None:
    """Read an anchor: a day, or a day of the month, which is then sought in December of the year before the start."""
    if found is None:
        return None
    if isinstance(found, int) and not isinstance(found, bool):
        return date(start_on.year - 1, 12, found)
    return day_in(found, zone=zone)


def bill_day_in(found: object) -> int:
    """
    Read a day of the month on which bills are made.

    :raises CaseNotSupported: for a day that no month has
    """
    day = whole_in(found, where="bill_day")
    if day not in range(1, 32):
        msg = f"bill_day: {found!r} is not a day of the month"
        raise CaseNotSupported(msg)
    return day


def within(start: date, until: date | None, period: DatePeriod) -> DatePeriod | None:
    """Return the days from one to another that lie in a period, or ``None`` where there are none."""
    return None if until is not None and until <= start else DatePeriod(start, until) & period
