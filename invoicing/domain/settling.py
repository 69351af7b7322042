"""
What a bill charges and gives back of fees whose days were partly charged before: the difference between what is due
and what is charged.

Nothing is asked but what holds now and what was charged: a plan that changed, a line that ended, a suspension that was
entered after its days were paid all come out as days given back and days charged.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from billing_site.core.periods import DatePeriod
from invoicing.domain.bill_items import RecurringItem
from invoicing.domain.fees import WHOLE, FeeKey, FeePart, FeeTerms
from invoicing.domain.proration import DAYS_IN_FIXED_MONTH


class ChargedEntry(NamedTuple):
    """Days of a fee that a living bill charged (``sign`` 1) or gave back (-1), at a share of the price."""

    key: FeeKey
    period: DatePeriod
    days: DatePeriod
    sign: int
    share: Fraction


class _Place(NamedTuple):
    """One period of one price."""

    key: FeeKey
    period_start: date
    period_until: date


def settle(
    *, due: Sequence[FeePart], charged: Sequence[ChargedEntry], tax_category_of: dict[int, int]
) -> list[RecurringItem]:
    """
    Return the items that make what is charged what is due: credits first, then charges, each in order of time.

    :param due: every part due of the periods that are looked at
    :param charged: every entry of these periods
    """
    wanted: dict[_Place, list[FeePart]] = defaultdict(list)
    had: dict[_Place, list[ChargedEntry]] = defaultdict(list)
    for part in due:
        wanted[_Place(part.key, part.period.start, _end_of(part.period))].append(part)
    for entry in charged:
        had[_Place(entry.key, entry.period.start, _end_of(entry.period))].append(entry)
    found: list[RecurringItem] = []
    for place in sorted({*wanted, *had}, key=_order):
        terms = wanted[place][0].terms if place in wanted else FeeTerms()
        category = tax_category_of[place.key.bill_item_id]
        found += _items(place, category, terms, _changes(wanted.get(place, ()), had.get(place, ())))
    return sorted(found, key=lambda item: (item.subscription_id, item.quantity > 0, item.start_on, item.bill_item_id))


def _order(place: _Place) -> tuple[object, ...]:
    key = place.key
    return (key.subscription_id, key.bill_item_id, key.plan_version_id or 0, key.feature_id or 0, key.price_micro,
            place.period_start)  # fmt: skip


def _changes(due: Sequence[FeePart], charged: Sequence[ChargedEntry]) -> list[tuple[int, DatePeriod, Fraction]]:
    """Return sign, days and share of everything that has to be given back and charged in one period of one price."""
    # What nearly every fee is: charged for the first time, or as it was.
    if len(due) == 1 and not charged:
        return [(1, due[0].days, due[0].share)]
    if len(due) == len(charged) == 1 and (due[0].days, due[0].share, 1) == (
        charged[0].days, charged[0].share, charged[0].sign,
    ):  # fmt: skip
        return []
    want = _join([part.days for part in due])
    have = _covered(charged)
    added, removed = _without(want, have), _without(have, want)
    # Left and taken again within one period a price is had in two parts; whatever their edges cost, it is paid once.
    due_share = min(WHOLE, sum((part.share for part in due), Fraction()))
    had_share = sum((one.sign * one.share for one in charged), Fraction())
    if due_share != had_share and not (added or removed):
        # The same days at another share: the policy of an edge was not known then.
        added, removed = want, have
    share = due_share - had_share
    given_back = Fraction()
    if removed:
        given_back = had_share * Fraction(_count(removed), _count(have)) if added else -share
    changes = [(-1, days, given_back * Fraction(days.days, _count(removed))) for days in removed]
    return changes + [(1, days, (share + given_back) * Fraction(days.days, _count(added))) for days in added]


def _items(
    place: _Place, category: int, terms: FeeTerms, changes: Iterable[tuple[int, DatePeriod, Fraction]]
) -> Iterable[RecurringItem]:
    key = place.key
    for sign, days, share in changes:
        count, of_days = _figures(abs(share), DatePeriod(place.period_start, place.period_until), terms)
        yield RecurringItem(
            key.subscription_id, key.bill_item_id, category, key.plan_version_id, key.price_micro,
            sign if share >= 0 else -sign, days.start, _end_of(days), place.period_start, place.period_until,
            terms.policy, count, of_days, key.feature_id,
        )  # fmt: skip


def _figures(share: Fraction, period: DatePeriod, terms: FeeTerms) -> tuple[int, int]:
    """Return a share as days of days: of the period, or of its months of thirty; else as it is."""
    if share == 1:
        return period.days, period.days
    for of_days in (period.days, terms.months * DAYS_IN_FIXED_MONTH):
        if (share * of_days).denominator == 1:
            return int(share * of_days), of_days
    return share.numerator, share.denominator


def plain_items(parts: Iterable[FeePart]) -> Iterable[RecurringItem]:
    """Give the items of parts that are charged once, in the period of their own bill."""
    for part in parts:
        place = _Place(part.key, part.period.start, _end_of(part.period))
        yield from _items(place, part.tax_category_id, part.terms, [(1, part.days, part.share)])


def _covered(entries: Sequence[ChargedEntry]) -> list[DatePeriod]:
    """Return the days that are charged and not given back."""
    steps: dict[date, int] = defaultdict(int)
    for entry in entries:
        steps[entry.days.start] += entry.sign
        steps[_end_of(entry.days)] -= entry.sign
    found, times, since = [], 0, date.min
    for day in sorted(steps):
        if times > 0:
            found.append(DatePeriod(since, day))
        times, since = times + steps[day], day
    return _join(found)


def _join(pieces: Iterable[DatePeriod]) -> list[DatePeriod]:
    """Return the same days with what touches joined."""
    found: list[DatePeriod] = []
    for piece in sorted(pieces, key=lambda one: one.start):
        if found and found[-1].until == piece.start:
            found[-1] = DatePeriod(found[-1].start, piece.until)
        else:
            found.append(piece)
    return found


def _without(days: Iterable[DatePeriod], others: Iterable[DatePeriod]) -> list[DatePeriod]:
    left = list(days)
    for other in others:
        left = [piece for one in left for piece in one - other]
    return left


def _count(pieces: Iterable[DatePeriod]) -> int:
    return sum(piece.days for piece in pieces)


def _end_of(days: DatePeriod) -> date:
    assert days.until is not None, "what is charged has an end"
    return days.until
