"""
What a chunk of a bill run reads of rules that only some accounts have; where an operator has none, next to nothing.

Minimum commitments, exemptions from tax, discounts of customer groups, prices that include tax, payers.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from billing_site.core.periods import DatePeriod
from billing_site.db.sql import fetch_sql
from invoicing.domain.bill_items import CommitmentPart, Discount, OneOffItem, PeriodDiscounts, RecurringItem
from invoicing.domain.discounts import DiscountBase
from invoicing.domain.payers import PayerRule, Taken
from invoicing.domain.tax import Exemption
from invoicing.queries.account_rules import CommitmentTerms
from invoicing.queries.reference import Reference

# A bill period with the accounts billed for it; all of the chunk where none are named.
DuePeriod = tuple[DatePeriod, Collection[int] | None]


def read_commitments(
    *, parameters: Mapping[str, Any], periods: Sequence[DuePeriod], reference: Reference
) -> Mapping[int, Sequence[CommitmentPart]]:
    """
    Return the parts of minimum commitments that fall into the periods billed, by account.

    A line under a contract with a commitment has that one alone, for the whole bill.
    """
    of_plans, of_terms = reference.plan_commitments, reference.term_commitments
    if not of_plans and not of_terms:
        return {}
    found: dict[int, list[CommitmentPart]] = defaultdict(list)
    for period, accounts in periods:
        due = {**parameters, "start": period.start, "until": period.until}
        contracts = _parts("read_committed_contracts", {**due, "terms": list(of_terms)}, period, of_terms, reference)
        under_contract = {part.subscription_id for _account, part in contracts}
        plans = _parts("read_committed_plans", {**due, "plans": list(of_plans)}, period, of_plans, reference)
        for account, part in [*contracts, *(row for row in plans if row[1].subscription_id not in under_contract)]:
            if accounts is None or account in accounts:
                found[account].append(part)
    return found


def _parts(
    statement: str,
    parameters: Mapping[str, Any],
    period: DatePeriod,
    terms_of: Mapping[int, Sequence[CommitmentTerms]],
    reference: Reference,
) -> list[tuple[int, CommitmentPart]]:
    if not terms_of:
        return []
    return [
        (
            account,
            CommitmentPart(
                terms.commitment_id,
                subscription,
                terms.bill_item_id,
                reference.tax_category_of[terms.bill_item_id],
                terms.amount_micro,
                max(start, terms.from_on),
                until if terms.until_on is None else min(until, terms.until_on),
                period.start,
                period.until or until,
                terms.counted_item_ids,
            ),
        )
        for account, subscription, owner, start, until in fetch_sql("invoicing", statement, parameters)
        for terms in terms_of[owner]
        if terms.from_on < until and (terms.until_on is None or start < terms.until_on)
    ]


def read_exemptions(*, parameters: Mapping[str, Any]) -> Mapping[int, Sequence[Exemption]]:
    """Return the exemptions from tax of a chunk's accounts, by account."""
    found: dict[int, list[Exemption]] = defaultdict(list)
    for account, category, instead, start, until, certificate in fetch_sql("invoicing", "read_exemptions", parameters):
        found[account].append(Exemption(category, instead, DatePeriod(start or date.min, until), certificate))
    return found


def read_discounts(*, parameters: Mapping[str, Any], reference: Reference) -> dict[int, list[Discount]]:
    """Return the discounts that a chunk's accounts have on the last day of a period, by account."""
    found: dict[int, list[Discount]] = defaultdict(list)
    for account, discount in fetch_sql("invoicing", "read_discounts", parameters):
        found[account].append(reference.discounts[discount])
    add_group_discounts(found, parameters=parameters, reference=reference)
    return found


def read_earlier_discounts(
    *, parameters: Mapping[str, Any], periods: Sequence[DuePeriod], reference: Reference
) -> Mapping[int, Sequence[PeriodDiscounts]]:
    """
    Return what accounts have of discounts in periods before that of the run that are billed now, by account: those that
    a run set aside, and those whose bill was taken back.
    """
    found: dict[int, list[PeriodDiscounts]] = defaultdict(list)
    for period, accounts in periods:
        if accounts is None:
            continue
        held = read_discounts(parameters={**parameters, "until": period.until}, reference=reference)
        for account in accounts:
            found[account].append(PeriodDiscounts(period, held.get(account, ())))
    return found


def add_group_discounts(
    discounts: dict[int, list[Discount]], *, parameters: Mapping[str, Any], reference: Reference
) -> None:
    """
    Add the discounts that accounts have through their group; one that comes to nothing is left out, and so is one made
    after the run was planned.
    """
    for account, discount_id, group_id in fetch_sql("invoicing", "read_group_discounts", parameters):
        if discount_id not in reference.discounts:
            continue
        discount = reference.group_discount(discount_id=discount_id, group_id=group_id)
        if discount.rate_ppm or discount.amount_micro:
            discounts[account].append(discount)


def read_payer_rules(*, cycle_id: int, first_account_id: int, last_account_id: int, until: date) -> list[PayerRule]:
    """
    Return who pays for whom where either lies in a range of accounts, as of the last day before ``until``.

    A rule counts for a bill as a whole or not at all.
    """
    parameters = {"cycle": cycle_id, "lo": first_account_id, "hi": last_account_id, "until": until}
    return [PayerRule._make(row) for row in fetch_sql("invoicing", "read_payers", parameters)]


def read_carried(*, parameters: Mapping[str, Any], number_of: dict[int, str | None]) -> dict[int, list[Taken]]:
    """
    Return what waits for the next bills of payers, by payer; the numbers of whose it is are added to ``number_of``.
    """
    found: dict[int, list[Taken]] = defaultdict(list)
    for row in fetch_sql("invoicing", "read_carried", parameters):
        rule, base = PayerRule._make(row[:6]), DiscountBase._make(row[6:11])
        base_minor, amount_minor, carried_id, start, until, service = row[11:]
        found[rule.payer_id].append(Taken(rule, base, base_minor, amount_minor, carried_id, (start, until)))
        if base.subscription_id is not None:
            number_of.setdefault(base.subscription_id, service)
    return found


def mark_prices_with_tax(
    recurring: Mapping[int, list[RecurringItem]], one_offs: Mapping[int, list[OneOffItem]], *, reference: Reference
) -> None:
    """Mark items of plan versions whose prices include tax, in place; nothing where no plan has such prices."""
    if not reference.plans_with_tax:
        return
    versions = {
        version.version_id for plan in reference.plans_with_tax for version in reference.versions_of.get(plan, ())
    }
    for items in recurring.values():
        items[:] = [one._replace(includes_tax=True) if one.plan_version_id in versions else one for one in items]
    for charges in one_offs.values():
        charges[:] = [one._replace(includes_tax=True) if one.plan_version_id in versions else one for one in charges]


class TaxInPrices:
    """Which subscriptions had prices that include tax, and when."""

    def __init__(self, *, parameters: Mapping[str, Any], reference: Reference) -> None:
        """Read them, if any plan has such prices."""
        self._days: dict[int, list[DatePeriod]] = defaultdict(list)
        plans = sorted(reference.plans_with_tax)
        rows = fetch_sql("invoicing", "read_plans_with_tax", {**parameters, "plans": plans}) if plans else ()
        for subscription, start, until in rows:
            self._days[subscription].append(DatePeriod(start or date.min, until))

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._days)

    def holds(self, subscription_id: int, period: DatePeriod) -> bool:
        """Return whether what a subscription used in a bill period has its tax in it."""
        return any(days & period is not None for days in self._days.get(subscription_id, ()))


def group_volumes(*, period: DatePeriod, before: date, digits: int) -> dict[str, int]:
    """
    Return the net charges of every group with a discount, on the bills of the period before, in micro units by id.

    Known when a run is planned, and the same for each of its chunks.

    :param before: first day of the period before
    :param digits: decimals of the currency
    """
    on = period.last_day
    groups = [group for (group,) in fetch_sql("invoicing", "groups_with_discounts", {"on": on})]
    if not groups:
        return {}
    sums = fetch_sql("invoicing", "sum_groups", {"groups": groups, "on": on, "period": before})
    return {str(group): minor * 10 ** (6 - digits) for group, minor in sums}
