"""
What a chunk of a bill run reads: a handful of set reads for some thousand accounts, as plain tuples.

Every read is ordered, and bounded by the run's row, never by the clock: reading again gives the same.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from billing_site.core import clock
from billing_site.core.periods import DatePeriod, bill_period_of
from billing_site.db.sql import fetch_sql
from invoicing.domain.bill_items import (
    CommitmentPart,
    ContractCharge,
    Discount,
    OneOffItem,
    PeriodDiscounts,
    Promotion,
    RecurringItem,
    UsageTotal,
)
from invoicing.domain.payers import Taken
from invoicing.domain.tax import Exemption
from invoicing.models import HeldUsageDecision, Invoice
from invoicing.queries.account_inputs import (
    TaxInPrices,
    mark_prices_with_tax,
    read_carried,
    read_commitments,
    read_discounts,
    read_earlier_discounts,
    read_exemptions,
    read_payer_rules,
)
from invoicing.queries.agreement_inputs import read_contract_charges, read_promotions
from invoicing.queries.fee_inputs import FeeScope
from invoicing.queries.recurring_inputs import add_charges, read_recurring
from invoicing.queries.reference import Reference
from invoicing.queries.told_facts import Told, read_told

SECONDS = "SECONDS"


class AccountRow(NamedTuple):
    """
    An account of the chunk with what its paper shows; amounts in minor units.

    ``balance_minor`` is as of the run's limit in the books; ``payments_minor`` and ``corrections_minor`` are
    what came since the
    last bill, signed as in the balance (a payment is negative). ``tax_id`` is a company's number in the tax register.
    """

    account_id: int
    number: str
    state: str
    currency: str
    ledger_account_id: int
    address: str
    name: str
    language: str
    balance_minor: int
    payments_minor: int
    corrections_minor: int
    tax_id: str = ""


class UsageRow(NamedTuple):
    """A total of usage that was not billed before, as rating keeps it."""

    account_id: int
    subscription_id: int
    bill_period: date
    bill_item_id: int
    record_count: int
    duration_seconds: int
    charged_units: int
    allowance_units: int
    amount_micro: int


class CorrectionRow(NamedTuple):
    """What a re-rating changed of usage billed before: differences, its period's first day, what was charged so far."""

    account_id: int
    subscription_id: int
    bill_period: date
    bill_item_id: int
    record_count: int
    duration_seconds: int
    charged_units: int
    allowance_units: int
    amount_micro: int
    corrects: date
    before_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkScope:
    """Which accounts, for what, all from the run's and the chunk's row; periods are ``months`` long."""

    cycle_id: int
    bill_day: int
    first_account_id: int
    last_account_id: int
    period: DatePeriod
    issued_on: date
    usage_through: date
    ledger_through: int
    ledger_after: int
    # Runs beside the one before, each with its limit in the books: whoever they billed has seen payments up to there.
    ledger_after_of_runs: Sequence[tuple[int, int]] = ()
    # A final bill, which is of one account, charges every period from this day on, whatever runs there were.
    behind_from: date | None = None
    # An extra bill of held usage leaves out what came before: it is billed or written off.
    usage_from: date | None = None
    months: int = 1
    # These accounts alone, whatever chunks they lie in: payers and those paid for, which are billed together.
    only: Sequence[int] | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of the reads."""
        return {
            "cycle": self.cycle_id,
            "lo": self.first_account_id,
            "hi": self.last_account_id,
            "only": None if self.only is None else list(self.only),
            "start": self.period.start,
            "until": self.period.until,
            "start_at": self.period.instants(zone=clock.operator_zone()).start,
            "until_at": self.period.instants(zone=clock.operator_zone()).until,
            "usage_from": self.usage_from or date.min,
            "usage_through": self.usage_through,
            "through": self.ledger_through,
            "after": self.ledger_after,
            # A cycle never billed before has no last bill: payments of the billed period itself are shown.
            "shown_from": date.min if self.ledger_after else self.period.start,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkInputs:
    """Everything that the bills of a chunk are made of, by account id."""

    accounts: Sequence[AccountRow]
    recurring: dict[int, list[RecurringItem]]
    one_offs: dict[int, list[OneOffItem]]
    usage: dict[int, list[UsageRow]]
    corrections: dict[int, list[CorrectionRow]]
    discounts: dict[int, list[Discount]]
    # Of periods before the run's own that are billed with it.
    earlier_discounts: Mapping[int, Sequence[PeriodDiscounts]]
    promotions: Mapping[int, Sequence[Promotion]]
    contract_charges: Mapping[int, Sequence[ContractCharge]]
    # What only some accounts have.
    commitments: Mapping[int, Sequence[CommitmentPart]]
    exemptions: Mapping[int, Sequence[Exemption]]
    # Accounts that pay for others, and all that are billed with these: later, not with the chunk.
    paying: frozenset[int]
    deferred: frozenset[int]
    # What others' bills have brought already for some of those that pay.
    carried: Mapping[int, Sequence[Taken]]
    tax_in_prices: TaxInPrices
    number_of: dict[int, str | None]
    # The bill periods that bills of the chunk may cover, in order of time.
    periods: Sequence[DatePeriod]
    # Those of the recurring items whose days are entered one by one.
    tracked: Mapping[int, Sequence[RecurringItem]]
    # Whether any of the one-off items is a charge that somebody entered.
    has_charges: bool
    # What else their papers say.
    told: Mapping[int, Told]


def read_chunk(*, scope: ChunkScope, reference: Reference) -> ChunkInputs:
    """Read the accounts of a chunk with what they have, used, pay for and are given off."""
    parameters = scope.parameters
    usage: dict[int, list[UsageRow]] = defaultdict(list)
    periods = _periods_due(scope)
    fees = _fee_scope(scope, periods)
    read = read_recurring(scope=fees, periods=periods, reference=reference, is_month=scope.months == 1)
    mark_prices_with_tax(read.items, read.one_offs, reference=reference)
    has_charges = add_charges(read.one_offs, parameters=parameters, reference=reference)
    # Ordered here: the rows come nearly in order, and by account, subscription, period and item no two are equal.
    written_off = _read_written_off(scope)
    for row in sorted(fetch_sql("invoicing", "read_usage", parameters)):
        if not written_off or not _is_written_off(row[2], written_off.get(row[0], ())):
            usage[row[0]].append(_usage_from(row))
    corrections = _read_corrections(parameters)
    rules = read_payer_rules(
        cycle_id=scope.cycle_id,
        first_account_id=scope.first_account_id,
        last_account_id=scope.last_account_id,
        until=scope.period.until or scope.period.start,
    )
    charges = read_contract_charges(parameters=parameters, reference=reference)
    subscriptions = {row.subscription_id for rows in usage.values() for row in rows}
    subscriptions.update(row.subscription_id for rows in corrections.values() for row in rows)
    subscriptions.update(charge.subscription_id for due in charges.values() for charge in due)
    subscriptions.update(item.subscription_id for items in read.tracked.values() for item in items)
    subscriptions.update(one.subscription_id for rows in read.one_offs.values() for one in rows if one.subscription_id)
    _add_missing_numbers(read.number_of, subscriptions, parameters)
    carried = read_carried(parameters=parameters, number_of=read.number_of)
    return ChunkInputs(
        accounts=_read_accounts(scope),
        recurring=read.items,
        one_offs=read.one_offs,
        usage=usage,
        corrections=corrections,
        discounts=read_discounts(parameters=parameters, reference=reference),
        earlier_discounts=read_earlier_discounts(parameters=parameters, periods=periods, reference=reference),
        promotions=read_promotions(parameters={**parameters, "start": periods[0][0].start}, reference=reference),
        contract_charges=charges,
        commitments=read_commitments(parameters=parameters, periods=periods, reference=reference),
        exemptions=read_exemptions(parameters=parameters),
        paying=frozenset(carried) | {rule.payer_id for rule in rules},
        deferred=frozenset(carried).union(*(rule[:2] for rule in rules)) if scope.only is None else frozenset(),
        carried=carried,
        tax_in_prices=TaxInPrices(parameters=parameters, reference=reference),
        number_of=read.number_of,
        periods=[period for period, _accounts in periods],
        tracked=read.tracked,
        has_charges=has_charges,
        told=read_told(parameters=parameters, issued_on=scope.issued_on),
    )


def oldest_period_behind(*, cycle_id: int, before: date) -> date:
    """
    Return the first day from which recurring prices of a cycle are still to be charged: ``before`` if nobody is
    behind.
    """
    every = {"cycle": cycle_id, "start": before, "lo": 0, "hi": 2**63 - 1, "only": None}
    behind = [*fetch_sql("invoicing", "read_behind", every), *fetch_sql("invoicing", "read_freed", every)]
    return min((first for _account, first in behind), default=before)


def with_tax(items: list[UsageTotal], tax_in_prices: TaxInPrices) -> list[UsageTotal]:
    """Return totals of usage, marked where their prices include tax; the same list where no price does."""
    if not tax_in_prices:
        return items
    return [
        item._replace(includes_tax=True)
        if tax_in_prices.holds(item.subscription_id, DatePeriod(item.start_on, item.until_on))
        else item
        for item in items
    ]


def usage_items(*, rows: Sequence[UsageRow], bill_day: int, tax_category_of: dict[int, int]) -> list[UsageTotal]:
    """
    Turn totals as rating keeps them into items of the bill core.

    :raises KeyError: if a bill item is not in the run's price list
    """
    end_of = _period_ends[bill_day]
    return [
        _total_from((
            subscription, item, tax_category_of[item], None, micro, records, seconds, SECONDS, start, end_of[start],
            None, False,
        ))
        for _account, subscription, start, item, records, seconds, _charged, _allowance, micro in rows
    ]  # fmt: skip


def correction_items(
    *, rows: Sequence[CorrectionRow], bill_day: int, tax_category_of: dict[int, int]
) -> list[UsageTotal]:
    """
    Turn corrections as rating keeps them into items of the bill core, dated by the period that they correct: the tax
    is that of the usage.

    :raises KeyError: if a bill item is not in the run's price list
    """
    return [
        UsageTotal(
            row.subscription_id, row.bill_item_id, tax_category_of[row.bill_item_id], None, row.amount_micro,
            row.record_count, row.duration_seconds, SECONDS, row.corrects, _period_ends[bill_day][row.corrects],
        )
        for row in rows
    ]  # fmt: skip


def _read_accounts(scope: ChunkScope) -> list[AccountRow]:
    """Read the accounts; payments are shown since the account's own last bill, which may be a pilot's."""
    accounts = [AccountRow._make(row) for row in fetch_sql("invoicing", "read_accounts", scope.parameters)]
    for run_id, through in scope.ledger_after_of_runs:
        billed = Invoice.objects.filter(
            run_id=run_id, account_id__range=(scope.first_account_id, scope.last_account_id), state="POSTED"
        )
        theirs = set(billed.values_list("account_id", flat=True))
        if theirs:
            since = {**scope.parameters, "after": through}
            rows = {row[0]: AccountRow._make(row) for row in fetch_sql("invoicing", "read_accounts", since)}
            accounts = [rows[row.account_id] if row.account_id in theirs else row for row in accounts]
    return accounts


def _periods_due(scope: ChunkScope) -> list[tuple[DatePeriod, set[int] | None]]:
    """
    Return the periods whose recurring prices are due: the billed one for all accounts, and before it those that
    a run before could not bill, for the accounts that it set aside, and those whose bill was taken back, for its
    account.
    """
    behind: dict[date, set[int]] = defaultdict(set)
    freed: dict[date, set[int]] = defaultdict(set)
    for account, first in fetch_sql("invoicing", "read_freed", scope.parameters):
        freed[first].add(account)
    if scope.behind_from is not None:
        behind[scope.behind_from].add(scope.first_account_id)
    else:
        for account, first in fetch_sql("invoicing", "read_behind", scope.parameters):
            behind[first].add(account)
    found: list[tuple[DatePeriod, set[int] | None]] = []
    start = min([*behind, *freed], default=scope.period.start)
    waiting: set[int] = set()
    while start < scope.period.start:
        waiting |= behind.get(start, set())
        end = _period_ends[scope.bill_day][start]
        if due := waiting | freed.get(start, set()):
            found.append((DatePeriod(start, end), due))
        start = end
    return [*found, (scope.period, None)]


def _read_corrections(parameters: dict[str, Any]) -> dict[int, list[CorrectionRow]]:
    corrections: dict[int, list[CorrectionRow]] = defaultdict(list)
    for row in sorted(fetch_sql("invoicing", "read_corrections", parameters)):
        corrections[row[0]].append(CorrectionRow._make(row))
    return corrections


def _read_written_off(scope: ChunkScope) -> Mapping[int, Sequence[DatePeriod]]:
    """Return the periods whose usage two people wrote off, of the few accounts that left and have some."""
    found: dict[int, list[DatePeriod]] = defaultdict(list)
    decisions = HeldUsageDecision.objects.filter(
        kind=HeldUsageDecision.Kind.WRITE_OFF,
        state=HeldUsageDecision.State.DONE,
        account__gte=scope.first_account_id,
        account__lte=scope.last_account_id,
    )
    for account, start, until in decisions.values_list("account_id", "held_from", "held_until"):
        found[account].append(DatePeriod(start, until))
    return found


def _is_written_off(bill_period: date, written_off: Sequence[DatePeriod]) -> bool:
    return any(period.contains(bill_period) for period in written_off)


def _add_missing_numbers(numbers: dict[int, str | None], subscriptions: set[int], parameters: dict[str, Any]) -> None:
    """Add the numbers of subscriptions that are charged and had no plan in the period any more."""
    missing = sorted(subscriptions - numbers.keys())
    if missing:
        numbers.update(fetch_sql("invoicing", "read_numbers", {**parameters, "subscriptions": missing}))


class _PeriodEnds(dict[date, date]):
    """The exclusive ends of bill periods by first day; remembered, because a run asks for few and often."""

    def __init__(self, bill_day: int) -> None:
        super().__init__()
        self._bill_day = bill_day

    def __missing__(self, start: date) -> date:
        end = self[start] = bill_period_of(start, self._bill_day).until or date.max
        return end


class _EndsByBillDay(dict[int, _PeriodEnds]):
    def __missing__(self, bill_day: int) -> _PeriodEnds:
        ends = self[bill_day] = _PeriodEnds(bill_day)
        return ends


# What ``_make`` does, without its check of the length.
_usage_from = partial(tuple.__new__, UsageRow)
_total_from = partial(tuple.__new__, UsageTotal)
_period_ends = _EndsByBillDay()


def _fee_scope(scope: ChunkScope, periods: Sequence[tuple[DatePeriod, set[int] | None]]) -> FeeScope:
    start_of: dict[int, date] = {}
    for period, accounts in periods:
        for account in accounts or ():
            start_of.setdefault(account, period.start)
    end = scope.period.until
    assert end is not None, "a bill period has an end"
    return FeeScope(
        parameters=scope.parameters,
        bill_day=scope.bill_day,
        start_on=scope.period.start,
        until_on=end,
        start_of=start_of,
    )
