"""
What a fee costs over time: which parts of which periods are due by a bill, at what share of the price.

A fee runs over a stretch of days (``FeeSpan``) and is cut into periods that begin on the bill day, counted from the
first one of the line. Of a period the part is charged on which the stretch holds; what the rest costs is said by the
policy of the edge: where the line begins, where it ends, or where something else takes its place. Days on which the
line is suspended have their own price.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from billing_site.core.money import round_half_up
from billing_site.core.periods import DatePeriod
from invoicing.domain.proration import ProrationPolicy, share_between
from invoicing.domain.recurring_charges import periods_between

WHOLE_PERCENT = 100
WHOLE = Fraction(1)


class EdgePolicy(StrEnum):
    """What the part of a period without the fee costs: as a policy of parts says, or, at the end, no refund."""

    SAME = "SAME"
    CALENDAR_DAYS = "CALENDAR_DAYS"
    THIRTY_DAYS = "THIRTY_DAYS"
    WHOLE = "WHOLE"
    NO_REFUND = "NO_REFUND"


class FeeTerms(NamedTuple):
    """
    When a fee is charged and how its parts are measured.

    ``months`` is the length of its period, ``suspended_percent`` what of it a suspended day costs.
    """

    policy: ProrationPolicy = ProrationPolicy.CALENDAR_DAYS
    in_advance: bool = False
    months: int = 1
    end_policy: EdgePolicy = EdgePolicy.SAME
    change_policy: EdgePolicy = EdgePolicy.SAME
    suspended_percent: int = WHOLE_PERCENT

    @property
    def is_tracked(self) -> bool:
        """Whether its days may be charged on a bill of other days, so that they are written down one by one."""
        return self.in_advance or self.months > 1

    @property
    def is_plain(self) -> bool:
        """Whether it is charged month by month afterwards, and every part by one policy."""
        return self == FeeTerms(self.policy)


class FeeKey(NamedTuple):
    """What is charged: one price of one line. ``feature_id`` or ``plan_version_id`` is what it belongs to."""

    subscription_id: int
    bill_item_id: int
    plan_version_id: int | None
    feature_id: int | None
    price_micro: int


class FeeSpan(NamedTuple):
    """
    Days over which a fee holds; ``until_on`` is exclusive, ``None`` while no end is known.

    ``anchor_on`` is the line's first day, from which its periods are counted. ``begins`` and ``ends`` say whether the
    line itself begins and ends at the edges; at other edges something else takes the fee's place.
    """

    key: FeeKey
    tax_category_id: int
    terms: FeeTerms
    start_on: date
    until_on: date | None
    anchor_on: date
    begins: bool
    ends: bool


class FeePart(NamedTuple):
    """A part of a period of a fee, and the share of the price that it costs."""

    key: FeeKey
    tax_category_id: int
    terms: FeeTerms
    period: DatePeriod
    days: DatePeriod
    share: Fraction


def due_parts_of(
    span: FeeSpan,
    *,
    bill_day: int,
    up_to: date,
    since: date,
    suspensions: Sequence[DatePeriod] = (),
    first_day: date | None = None,
) -> Iterator[FeePart]:
    """
    Give the parts of a fee that are due by a bill, of the periods that end after a day.

    In advance a part is due from its first day on; in arrears when its last day has passed.

    :param up_to: day up to which the bill reaches: in arrears all before it is due
    :param since: periods that end on or before this day are settled
    :param suspensions: days without service, in order of time
    :param first_day: days before it are settled, though the period is not
    """
    periods = periods_between(
        anchor_on=span.anchor_on, bill_day=bill_day, months=span.terms.months, since=since, up_to=up_to
    )
    for period in periods:
        if span.until_on is not None and period.start >= span.until_on:
            return
        days = _days_of(span, period, first_day)
        if days is None:
            continue
        if (days.start if span.terms.in_advance else _end_of(days)) > up_to:
            return
        share = WHOLE if days is period else _share_of(span, period, days)
        if not suspensions:
            yield FeePart(span.key, span.tax_category_id, span.terms, period, days, share)
            continue
        for piece in days.split_at(*(day for one in suspensions for day in (one.start, one.until) if day)):
            is_suspended = any(one.covers(piece) for one in suspensions)
            yield FeePart(
                _priced(span, is_suspended=is_suspended),
                span.tax_category_id,
                span.terms,
                period,
                piece,
                share * Fraction(piece.days, days.days),
            )


def _end_of(days: DatePeriod) -> date:
    assert days.until is not None, "parts of periods have an end"
    return days.until


def _days_of(span: FeeSpan, period: DatePeriod, first_day: date | None) -> DatePeriod | None:
    """Return the days of a period on which the fee holds."""
    start = span.start_on if first_day is None else max(span.start_on, first_day)
    # Most periods are had whole: then the very period is returned.
    if start <= period.start and (span.until_on is None or span.until_on >= _end_of(period)):
        return period
    if span.until_on is not None and span.until_on <= start:
        return None
    return period & DatePeriod(start, span.until_on)


def _priced(span: FeeSpan, *, is_suspended: bool) -> FeeKey:
    """Return the key with the price of a day with or without service."""
    percent = span.terms.suspended_percent
    if not is_suspended or percent == WHOLE_PERCENT:
        return span.key
    micro = round_half_up(numerator=span.key.price_micro * percent, denominator=WHOLE_PERCENT)
    return span.key._replace(price_micro=micro)


def _share_of(span: FeeSpan, period: DatePeriod, days: DatePeriod) -> Fraction:
    """Return what part of the price some days of a period cost: the whole, less what is missing at either edge."""
    share = Fraction(1)
    if days.start > period.start:
        begins = span.begins and days.start == span.start_on
        share -= _missing(span, period, DatePeriod(period.start, days.start), at=None if begins else False)
    until, period_until = _end_of(days), _end_of(period)
    if until < period_until:
        share -= _missing(span, period, DatePeriod(until, period_until), at=span.ends)
    return max(share, Fraction())


def _missing(span: FeeSpan, period: DatePeriod, days: DatePeriod, *, at: bool | None) -> Fraction:
    """
    Return the share of a price that days without the fee take off it.

    :param at: ``None`` where the line begins, ``True`` where it ends, ``False`` where something takes its place
    """
    terms = span.terms
    edge = EdgePolicy.SAME if at is None else terms.end_policy if at else terms.change_policy
    if edge is EdgePolicy.NO_REFUND and terms.in_advance:
        return Fraction()
    policy = terms.policy if edge in {EdgePolicy.SAME, EdgePolicy.NO_REFUND} else ProrationPolicy(edge)
    if policy is ProrationPolicy.WHOLE:
        return Fraction()
    missing, of_days = share_between(
        start_on=days.start,
        until_on=_end_of(days),
        period_start_on=period.start,
        period_until_on=_end_of(period),
        policy=policy,
    )
    return Fraction(missing, of_days)
