"""What a chunk's lines had in the periods billed, as items: recurring prices, prices of activation, entered charges."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from billing_site.core.periods import DatePeriod
from billing_site.db.sql import fetch_sql
from invoicing.domain.bill_items import OneOffItem, RecurringItem
from invoicing.domain.fees import FeeKey, FeeTerms
from invoicing.queries.fee_inputs import FeeScope, HeldDays, Suspensions, period_items, read_suspensions, read_tracked
from invoicing.queries.reference import Reference

# What ``_make`` does, without its check of the length: a bill run makes millions of them.
_held_from = partial(tuple.__new__, HeldDays)
_item_from = partial(tuple.__new__, RecurringItem)


@dataclass(slots=True)
class RecurringInputs:
    """
    Items by account, and the number of each line.

    ``tracked`` are those of the recurring items whose days are entered one by one (see ``ChargedDays``).
    """

    items: dict[int, list[RecurringItem]] = field(default_factory=lambda: defaultdict(list))
    one_offs: dict[int, list[OneOffItem]] = field(default_factory=lambda: defaultdict(list))
    number_of: dict[int, str | None] = field(default_factory=dict)
    tracked: Mapping[int, Sequence[RecurringItem]] = field(default_factory=dict)


def read_recurring(
    *, scope: FeeScope, periods: Sequence[tuple[DatePeriod, set[int] | None]], reference: Reference, is_month: bool
) -> RecurringInputs:
    """
    Read what lines had in the periods.

    :param periods: those that are due, each with the accounts that it is due for (``None``: all)
    :param is_month: whether the cycle's periods are single months, so that a usual fee is one price a period
    """
    found = RecurringInputs()
    suspensions = read_suspensions(parameters=scope.parameters, since=scope.since, reference=reference)
    for period, accounts in periods:
        due = {**scope.parameters, "start": period.start, "until": period.until}
        reader = _PeriodReader(
            reference=reference, scope=scope.of_period(period), suspensions=suspensions, is_month=is_month
        )
        for row in fetch_sql("invoicing", "read_plans", due):
            account, plan, number, subscription = row[:4]
            found.number_of[subscription] = number
            if accounts is None or account in accounts:
                reader.add_plan(found.items[account], found.one_offs, (account, plan), _held_from(row[3:]))
        for row in fetch_sql("invoicing", "read_features", due):
            account, feature = row[:2]
            if accounts is None or account in accounts:
                reader.add_feature(found.items[account], feature, _held_from(row[2:]))
    found.tracked = read_tracked(scope=scope, reference=reference, suspensions=suspensions)
    for account, items in found.tracked.items():
        found.items[account] += items
    return found


def add_charges(one_offs: dict[int, list[OneOffItem]], *, parameters: dict[str, Any], reference: Reference) -> bool:
    """
    Add the one-off charges that wait for a bill, and say whether there are any.

    :raises KeyError: if a bill item is not in the run's price list
    """
    rows = fetch_sql("invoicing", "read_charges", parameters)
    for account, subscription, item, micro, quantity, charged_on, charge in rows:
        category = reference.tax_category_of[item]
        one_offs[account].append(OneOffItem(subscription, item, category, None, micro, quantity, charged_on, charge))
    return bool(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PeriodReader:
    """Turns what lines had in one period into items."""

    reference: Reference
    scope: FeeScope
    suspensions: Suspensions
    is_month: bool

    def add_plan(
        self,
        items: list[RecurringItem],
        one_offs: dict[int, list[OneOffItem]],
        held_by: tuple[int, int],
        held: HeldDays,
    ) -> None:
        """
        Add a recurring item for every price of every version that holds during the days, and the prices of
        activation.
        """
        subscription, start, until, active_from, _active_until = held
        account, plan = held_by
        category_of, until = self.reference.tax_category_of, until or self.scope.until_on
        for version in self.reference.versions_of.get(plan, ()):
            begin = max(start, version.from_on)
            end = until if version.until_on is None else min(until, version.until_on)
            if begin >= end:
                continue
            for price in version.prices:
                item, micro = price.bill_item_id, price.price_micro
                if price.kind != "RECURRING":
                    if begin <= active_from < end:
                        one_offs[account].append(
                            OneOffItem(subscription, item, category_of[item], version.version_id, micro, 1, active_from)
                        )
                elif price.is_plain and self.is_month:
                    items.append(
                        _item_from((
                            subscription, item, category_of[item], version.version_id, micro, 1, begin, end,
                            self.scope.start_on, self.scope.until_on, price.terms.policy, 0, 0, None, False,
                        ))
                    )  # fmt: skip
                elif not price.terms.is_tracked:
                    key = FeeKey(subscription, item, version.version_id, None, micro)
                    items += self._parts(held._replace(start_on=begin, until_on=end), key, price.terms)

    def add_feature(self, items: list[RecurringItem], feature: int, held: HeldDays) -> None:
        """Add a recurring item for every price that a feature has during the days."""
        item, terms, is_plain, prices = self.reference.features[feature]
        until = held.until_on or self.scope.until_on
        for from_on, until_on, micro in prices:
            begin = max(held.start_on, from_on)
            end = until if until_on is None else min(until, until_on)
            if begin >= end:
                continue
            if is_plain and self.is_month:
                items.append(
                    _item_from((
                        held.subscription_id, item, self.reference.tax_category_of[item], None, micro, 1, begin, end,
                        self.scope.start_on, self.scope.until_on, terms.policy, 0, 0, None, False,
                    ))
                )  # fmt: skip
            elif not terms.is_tracked:
                key = FeeKey(held.subscription_id, item, None, feature, micro)
                items += self._parts(held._replace(start_on=begin, until_on=end), key, terms)

    def _parts(self, held: HeldDays, key: FeeKey, terms: FeeTerms) -> list[RecurringItem]:
        """Return the parts of a fee that is charged in the period of its own bill and is not plain."""
        return period_items(
            held=held, key=key, terms=terms, reference=self.reference, scope=self.scope, suspensions=self.suspensions
        )
