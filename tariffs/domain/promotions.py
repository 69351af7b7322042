"""Kinds of promotions, and for how long they hold."""

from datetime import date, timedelta
from enum import StrEnum

from billing_site.core.periods import DatePeriod, add_months


class PromotionKind(StrEnum):
    """The rule by which a promotion gives something back."""

    # Call charges of a bill period, up to the rent of that period; what is not used is lost.
    CREDIT_CALLS_UP_TO_RENT = "CALLS_UP_TO_RENT"
    # A percentage off some bill items, for some months.
    PERCENT_FOR_MONTHS = "PERCENT"
    # An amount off some bill items in every bill period, for some months; what is not used is lost.
    AMOUNT_FOR_MONTHS = "AMOUNT"


def promotion_period(*, from_on: date, months: int | None, until_on: date | None = None) -> DatePeriod:
    """
    Return the days on which a promotion agreed from a day on holds: for its months, or without end, or to ``until_on``.

    :param months: length in months, ``None`` for no end of its own
    :param until_on: first day without it, where it was agreed shorter
    """
    ends = [day for day in (add_months(from_on, months) if months else None, until_on) if day is not None]
    return DatePeriod(from_on, min(ends, default=None))


def holds_for(*, during: DatePeriod, bill_period: DatePeriod) -> bool:
    """Return whether a promotion counts for a bill period: for the whole or not at all, by the period's last day."""
    if bill_period.until is None:
        return False
    return during.contains(bill_period.until - timedelta(days=1))
