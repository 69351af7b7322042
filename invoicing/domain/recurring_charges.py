"""
Which parts of which periods of a recurring price are due at a bill: tiles that cover every active day once and no day
twice.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from billing_site.core.periods import MONTHS_PER_YEAR, DatePeriod, add_months, day_in_month


class DuePart(NamedTuple):
    """A part of a period that is to be charged: the price is that of ``period``, the days are those of ``part``."""

    period: DatePeriod
    part: DatePeriod


def due_parts(
    *,
    active: DatePeriod,
    bill_day: int,
    invoice_up_to: date,
    in_advance: bool,
    months: int = 1,
    charged_until: date | None = None,
) -> tuple[DuePart, ...]:
    """
    Return what is due of a recurring price, in order of time.

    In advance a part is due from its first day on; in arrears when its last day has passed.

    :param active: days on which the item is provided
    :param bill_day: 1..31, the day on which periods begin; a shorter month has its last day instead
    :param invoice_up_to: day of the bill
    :param months: length of the period (1, 3, 12)
    :param charged_until: first day that has not been charged yet, where an earlier bill charged some
    :raises ValueError: for a period of less than one month
    """
    if months < 1:
        msg = f"a period has at least one month, got {months}"
        raise ValueError(msg)
    begin = max(active.start, charged_until or active.start)
    open_part = _clip(active, begin)
    if open_part is None:
        return ()
    found = []
    for period in periods_from(active.start, bill_day=bill_day, months=months):  # pragma: no branch - periods never end
        part = period & open_part
        if part is not None:
            if not _is_due(part, invoice_up_to=invoice_up_to, in_advance=in_advance):
                break
            found.append(DuePart(period, part))
        if _reaches(period, active) or period.start > invoice_up_to:
            break
    return tuple(found)


def _clip(active: DatePeriod, begin: date) -> DatePeriod | None:
    """Return the active days from ``begin`` on."""
    return active & DatePeriod(begin)


def _reaches(period: DatePeriod, active: DatePeriod) -> bool:
    return active.until is not None and period.until is not None and period.until >= active.until


def _is_due(part: DatePeriod, *, invoice_up_to: date, in_advance: bool) -> bool:
    if in_advance:
        return part.start <= invoice_up_to
    return part.until is not None and part.until <= invoice_up_to


@lru_cache(maxsize=1 << 14)
def periods_between(*, anchor_on: date, bill_day: int, months: int, since: date, up_to: date) -> tuple[DatePeriod, ...]:
    """
    Return the periods of a line that end after a day and begin on or before another; remembered, because a bill run
    asks for those of few first days and often.

    :param anchor_on: the line's first day, see ``periods_from``
    """
    every = periods_from(anchor_on, bill_day=bill_day, months=months, since=since)
    return tuple(takewhile(lambda period: period.start <= up_to, every))


def periods_from(start_on: date, *, bill_day: int, months: int, since: date | None = None) -> Iterator[DatePeriod]:
    """
    Yield the periods from the one that holds the start day; the first ends at the first bill day on or after it, or
    one period later.

    :param since: leave out the periods that end on or before this day
    """
    boundary = day_in_month(year=start_on.year, month=start_on.month, day=bill_day)
    if boundary > start_on:
        boundary = add_months(boundary, -months, anchor_day=bill_day)
    if since is not None and since > boundary:
        passed = (since.year - boundary.year) * MONTHS_PER_YEAR + since.month - boundary.month
        boundary = add_months(boundary, max(0, passed // months - 1) * months, anchor_day=bill_day)
    while True:
        following = add_months(boundary, months, anchor_day=bill_day)
        if since is None or following > since:
            yield DatePeriod(boundary, following)
        boundary = following
