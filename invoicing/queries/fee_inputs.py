"""
Fees that are not simply the price of the days of the period billed: charged ahead, over several months, with parts
measured differently at their edges, or cheaper while the line is suspended.

Nothing here is read where no price asks for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from billing_site.core.periods import DatePeriod, add_months
from billing_site.db.sql import fetch_sql
from invoicing.domain.bill_items import RecurringItem
from invoicing.domain.fees import WHOLE, FeeKey, FeePart, FeeSpan, FeeTerms, due_parts_of
from invoicing.domain.settling import ChargedEntry, plain_items, settle
from invoicing.models import ChargedDays
from invoicing.queries.fee_terms import LONGEST_FEE
from invoicing.queries.reference import Reference

Suspensions = Mapping[int, Sequence[DatePeriod]]


class HeldDays(NamedTuple):
    """Days of a plan or a feature on a line (``until_on`` exclusive, ``None`` while open), and those of the line."""

    subscription_id: int
    start_on: date
    until_on: date | None
    active_from: date
    active_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeScope:
    """
    What a chunk bills: parameters of its reads, bill day, the days up to which its bill reaches (exclusive).

    ``start_of`` gives the first day of the oldest period billed for the accounts that an earlier run set aside.
    """

    parameters: dict[str, Any]
    bill_day: int
    start_on: date
    until_on: date
    start_of: Mapping[int, date] = field(default_factory=dict)

    @property
    def since(self) -> date:
        """A day before every period that is looked at."""
        return add_months(min([self.start_on, *self.start_of.values()]), -LONGEST_FEE)

    def of_period(self, period: DatePeriod) -> "FeeScope":
        """Return the same for one of the periods billed."""
        return replace(self, start_on=period.start, until_on=_end_of(period), start_of={})


def read_suspensions(*, parameters: dict[str, Any], since: date, reference: Reference) -> Suspensions:
    """Return the suspensions of a chunk's lines, in order of time; none where no fee counts them."""
    found: dict[int, list[DatePeriod]] = defaultdict(list)
    if reference.counts_suspensions:
        for subscription, start, until in fetch_sql("invoicing", "read_suspensions", {**parameters, "since": since}):
            found[subscription].append(DatePeriod(start, until))
    return found


def period_items(
    *, held: HeldDays, key: FeeKey, terms: FeeTerms, reference: Reference, scope: FeeScope, suspensions: Suspensions
) -> list[RecurringItem]:
    """Return the items of a fee that is charged in the period of its own bill."""
    span = _span(held, key, terms, reference)
    parts = due_parts_of(
        span,
        bill_day=scope.bill_day,
        up_to=scope.until_on,
        since=scope.start_on,
        suspensions=suspensions.get(held.subscription_id, ()),
    )
    return list(plain_items(parts))


def read_tracked(*, scope: FeeScope, reference: Reference, suspensions: Suspensions) -> dict[int, list[RecurringItem]]:
    """Return, by account, what is charged and given back of fees whose days are entered one by one."""
    spans = _read_spans(scope, reference)
    charged = _read_charged(scope)
    if not spans and not charged:
        return {}
    found = {}
    for account in sorted({*spans, *charged}):
        since = scope.start_of.get(account, scope.start_on)
        entries = [entry for entry in charged.get(account, ()) if _end_of(entry.period) > since]
        due = [
            part
            for span in spans.get(account, ())
            for part in _due(span, entries, scope=scope, since=since, suspensions=suspensions)
        ]
        items = settle(due=due, charged=entries, tax_category_of=reference.tax_category_of)
        if items:
            found[account] = items
    return found


def _due(
    span: FeeSpan, entries: Sequence[ChargedEntry], *, scope: FeeScope, since: date, suspensions: Suspensions
) -> Iterable[FeePart]:
    """Give what is due; of a period paid ahead, days before our first bill are not ours to charge."""
    first_day = None
    if span.terms.in_advance:
        paid = (
            entry.days.start
            for entry in entries
            if entry.period.contains(since)
            and (entry.key.subscription_id, entry.key.bill_item_id) == (span.key.subscription_id, span.key.bill_item_id)
        )
        first_day = min([since, *paid])
    return due_parts_of(
        span,
        bill_day=scope.bill_day,
        up_to=scope.until_on,
        since=since,
        suspensions=suspensions.get(span.key.subscription_id, ()),
        first_day=first_day,
    )


def _read_spans(scope: FeeScope, reference: Reference) -> dict[int, list[FeeSpan]]:
    found: dict[int, list[FeeSpan]] = defaultdict(list)
    bounds = {**scope.parameters, "since": scope.since, "until": scope.until_on}
    if reference.tracked_plans:
        plans = {**bounds, "plans": sorted(reference.tracked_plans)}
        for account, subscription, plan, *days in fetch_sql("invoicing", "read_fee_plans", plans):
            found[account] += _plan_spans(plan, HeldDays(subscription, *days), reference)
    if reference.tracked_features:
        features = {**bounds, "features": sorted(reference.tracked_features)}
        for account, subscription, feature, *days in fetch_sql("invoicing", "read_fee_features", features):
            found[account] += _feature_spans(feature, HeldDays(subscription, *days), reference)
    return found


def _plan_spans(plan: int, held: HeldDays, reference: Reference) -> Iterable[FeeSpan]:
    for version in reference.versions_of.get(plan, ()):
        days = _within(held, version.from_on, version.until_on)
        for price in version.prices if days else ():
            if price.kind == "RECURRING" and price.terms.is_tracked:
                key = FeeKey(held.subscription_id, price.bill_item_id, version.version_id, None, price.price_micro)
                yield _span(days or held, key, price.terms, reference)


def _feature_spans(feature: int, held: HeldDays, reference: Reference) -> Iterable[FeeSpan]:
    prices = reference.features[feature]
    for from_on, until_on, micro in prices.prices:
        days = _within(held, from_on, until_on)
        if days is not None:
            key = FeeKey(held.subscription_id, prices.bill_item_id, None, feature, micro)
            yield _span(days, key, prices.terms, reference)


def _within(held: HeldDays, from_on: date, until_on: date | None) -> HeldDays | None:
    """Return the days of a line on which a price holds, or ``None`` where there are none."""
    start = max(held.start_on, from_on)
    until = min((end for end in (held.until_on, until_on) if end is not None), default=None)
    return held._replace(start_on=start, until_on=until) if until is None or start < until else None


def _span(held: HeldDays, key: FeeKey, terms: FeeTerms, reference: Reference) -> FeeSpan:
    return FeeSpan(
        key,
        reference.tax_category_of[key.bill_item_id],
        terms,
        held.start_on,
        held.until_on,
        held.active_from,
        begins=held.start_on == held.active_from,
        ends=held.until_on is not None and held.until_on == held.active_until,
    )


def _read_charged(scope: FeeScope) -> dict[int, list[ChargedEntry]]:
    found: dict[int, list[ChargedEntry]] = defaultdict(list)
    if not ChargedDays.objects.exists():
        return found
    bounds = {**scope.parameters, "start": min([scope.start_on, *scope.start_of.values()])}
    for row in fetch_sql("invoicing", "read_charged_days", bounds):
        (account, subscription, item, version, feature, micro, period_from, period_until, start, until, sign, days,
         of_days) = row  # fmt: skip
        found[account].append(
            ChargedEntry(
                FeeKey(subscription, item, version, feature, micro),
                DatePeriod(period_from, period_until),
                DatePeriod(start, until),
                sign,
                WHOLE if days == of_days else Fraction(days, of_days),
            )
        )
    return found


def _end_of(days: DatePeriod) -> date:
    assert days.until is not None, "what is charged has an end"
    return days.until
