"""
One account's bill, from what it has and used to lines, taxes and totals.

Every line is rounded once to the currency; tax is computed on those rounded nets. The order is: charges, percentage
discounts by position, promotion credits by position, what contracts bring, tax (ADR 0009). Pure and quick: no
reading, no clock, no rounding but that of ``core.money``.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from billing_site.core.money import RoundingMode, micro_per_minor, round_quotient, split_by_weights
from billing_site.core.periods import DatePeriod
from invoicing.domain.bill_items import (
    Bill,
    BillLine,
    ContractCharge,
    Discount,
    LineKind,
    OneOffItem,
    Promotion,
    Reason,
    RecurringItem,
    TaxTotal,
    UsageTotal,
)
from invoicing.domain.discounts import DiscountBase, give_discounts
from invoicing.domain.promotions import Charge, give_promotions
from invoicing.domain.proration import share_between
from invoicing.domain.tax import TaxedSpan, TaxTable, split_tax

_ONE_DAY = timedelta(days=1)
_PIECES = "PIECES"

# Looked up once: members of an enumeration are found by a call each time, and a bill run makes millions of lines.
_RECURRING, _ONE_OFF, _USAGE, _DISCOUNT = LineKind.RECURRING, LineKind.ONE_OFF, LineKind.USAGE, LineKind.DISCOUNT
_PROMOTION = LineKind.PROMOTION
_CORRECTION = LineKind.CORRECTION
# What ``BillLine._make`` does, without its check of the length.
_line_from = partial(tuple.__new__, BillLine)

# A line under construction is a list in the order of BillLine's fields; these are the places filled in later or read
# again.
_POSITION, _KIND, _SUBSCRIPTION, _BILL_ITEM, _START = 0, 1, 2, 3, 5
_CATEGORY, _RATE, _NET, _TAX = 14, 15, 16, 17

_Row = list[Any]


def bill(
    *,
    account_id: int,
    start_on: date,
    until_on: date,
    digits: int,
    tax_table: TaxTable,
    recurring: Sequence[RecurringItem] = (),
    one_offs: Sequence[OneOffItem] = (),
    usage: Sequence[UsageTotal] = (),
    corrections: Sequence[UsageTotal] = (),
    discounts: Sequence[Discount] = (),
    promotions: Sequence[Promotion] = (),
    contract_charges: Sequence[ContractCharge] = (),
    periods: Sequence[DatePeriod] = (),
    rounding: RoundingMode = RoundingMode.HALF_UP,
) -> Bill:
    """
    Make the bill of one account for one bill period.

    Lines stand in the order recurring, one-off, usage, corrections of usage, discounts, promotions, contracts, and
    inside these in the order given, which the caller makes stable.

    :param start_on: first day of the bill period, ``until_on`` its exclusive end; they date the discount lines
    :param digits: decimals of the currency on bills
    :param tax_table: rates by category and day; a rate that changes inside a recurring part cuts its line there
    :param periods: the bill periods that the bill covers, where it is more than its own
    :raises NoTaxRate: if a category has no rate on a day that is billed
    """
    unit = micro_per_minor(digits=digits)
    rows: list[_Row] = []
    for item in recurring:
        _add_recurring(rows, item, unit=unit, tax_table=tax_table, rounding=rounding)
    for one_off in one_offs:
        _add_one_off(rows, one_off, unit=unit, tax_table=tax_table, rounding=rounding)
    if usage:
        _add_usage(rows, usage, _USAGE, unit=unit, tax_table=tax_table, rounding=rounding)
    if corrections:
        _add_usage(rows, corrections, _CORRECTION, unit=unit, tax_table=tax_table, rounding=rounding)
    if discounts:
        _add_discounts(rows, discounts, start_on=start_on, until_on=until_on, unit=unit)
    reasons: list[Reason] = []
    if promotions:
        covered = periods or (DatePeriod(start_on, until_on),)
        reasons += _add_promotions(rows, promotions, periods=covered, unit=unit)
    for charge in contract_charges:
        rows.append(_contract_row(charge, unit=unit, tax_table=tax_table, rounding=rounding))
        reasons.append(charge.reason)
    return _close(account_id, rows, tuple(reasons))


def _add_recurring(
    rows: list[_Row], item: RecurringItem, *, unit: int, tax_table: TaxTable, rounding: RoundingMode
) -> None:
    """Add a line for every tax rate that holds during the part."""
    days, of_days = item.days, item.of_days
    if not of_days:
        days, of_days = share_between(
            start_on=item.start_on,
            until_on=item.until_on,
            period_start_on=item.period_start_on,
            period_until_on=item.period_until_on,
            policy=item.policy,
        )
    net = round_quotient(numerator=item.price_micro * item.quantity * days, denominator=of_days * unit, mode=rounding)
    spans = tax_table.spans(tax_category_id=item.tax_category_id, start_on=item.start_on, until_on=item.until_on)
    if len(spans) == 1:
        rows.append(_recurring_row(item, spans[0], days=days, of_days=of_days, net=net))
        return
    # The part is priced as one, then cut by days, so that a change of the tax rate alone never changes the net.
    span_days = [(span.until_on - span.start_on).days for span in spans]
    for span, own_days, own_net in zip(spans, span_days, split_by_weights(net, span_days), strict=True):
        rows.append(
            _recurring_row(item, span, days=own_days, of_days=sum(span_days) * of_days // max(days, 1), net=own_net)
        )


def _recurring_row(item: RecurringItem, span: TaxedSpan, *, days: int, of_days: int, net: int) -> _Row:
    return [
        0,
        _RECURRING,
        item.subscription_id,
        item.bill_item_id,
        item.plan_version_id,
        span.start_on,
        span.until_on,
        item.quantity,
        _PIECES,
        item.price_micro,
        days,
        of_days,
        0,
        None,
        item.tax_category_id,
        span.rate_ppm,
        net,
        0,
    ]


def _add_one_off(rows: list[_Row], item: OneOffItem, *, unit: int, tax_table: TaxTable, rounding: RoundingMode) -> None:
    rows.append(
        [
            0,
            _ONE_OFF,
            item.subscription_id,
            item.bill_item_id,
            item.plan_version_id,
            item.charged_on,
            item.charged_on + _ONE_DAY,
            item.quantity,
            _PIECES,
            item.price_micro,
            1,
            1,
            0,
            item.source_id,
            item.tax_category_id,
            tax_table.rate_on(tax_category_id=item.tax_category_id, on=item.charged_on),
            round_quotient(numerator=item.price_micro * item.quantity, denominator=unit, mode=rounding),
            0,
        ]
    )


def _add_usage(
    rows: list[_Row],
    usage: Sequence[UsageTotal],
    kind: LineKind,
    *,
    unit: int,
    tax_table: TaxTable,
    rounding: RoundingMode,
) -> None:
    """Add a line for every total; the totals are taken apart at once, because they are most of all lines."""
    rate_of: dict[tuple[int, date], int] = {}
    for subscription, item, category, version, micro, records, quantity, measure, start_on, until_on, source in usage:
        rate = rate_of.get((category, until_on))
        if rate is None:
            spans = tax_table.spans(tax_category_id=category, start_on=start_on, until_on=until_on)
            rate = rate_of[category, until_on] = spans[-1].rate_ppm
        net = round_quotient(numerator=micro, denominator=unit, mode=rounding)
        rows.append(
            [0, kind, subscription, item, version, start_on, until_on, quantity, measure, None, 1, 1, records, source,
             category, rate, net, 0]
        )  # fmt: skip


def _add_discounts(
    rows: list[_Row], discounts: Sequence[Discount], *, start_on: date, until_on: date, unit: int
) -> None:
    """Add a negative line for each discount on each base."""
    nets = [(_base_of(row), row[_NET]) for row in rows]
    for given in give_discounts(nets=nets, discounts=discounts):
        base = given.base
        rows.append(
            [
                0,
                _DISCOUNT,
                base.subscription_id,
                base.bill_item_id,
                None,
                start_on,
                until_on,
                1,
                _PIECES,
                given.base_minor * unit,
                1,
                1,
                0,
                given.discount.discount_id,
                base.tax_category_id,
                base.tax_rate_ppm,
                -given.amount_minor,
                0,
            ]
        )


def _base_of(row: _Row) -> DiscountBase:
    return DiscountBase(row[_SUBSCRIPTION], row[_BILL_ITEM], row[_CATEGORY], row[_RATE])


def _add_promotions(
    rows: list[_Row], promotions: Sequence[Promotion], *, periods: Sequence[DatePeriod], unit: int
) -> list[Reason]:
    """Add a negative line for each promotion on each base; return the reasons of these lines."""
    reasons: list[Reason] = []
    charges = _charges_left(rows)
    for given in give_promotions(charges=charges, promotions=promotions, periods=periods, unit=unit):
        base = given.base
        rows.append(
            [0, _PROMOTION, base.subscription_id, base.bill_item_id, None, given.period.start, given.period.until, 1,
             _PIECES, None, 1, 1, 0, given.promotion.agreement_id, base.tax_category_id, base.tax_rate_ppm,
             -given.amount_minor, 0]
        )  # fmt: skip
        reasons.append(
            {
                **given.promotion.reason,
                "base_minor": given.base_minor,
                "limit_minor": given.limit_minor,
                "given_minor": given.given_minor,
            }
        )
    return reasons


def _charges_left(rows: list[_Row]) -> list[Charge]:
    """Return the charges with what discounts left of them; a discount is shared out over the lines of its base."""
    charges = [row for row in rows if row[_KIND] is not _DISCOUNT]
    left = [row[_NET] for row in charges]
    for row in rows[len(charges) :]:
        base = _base_of(row)
        places = [at for at, charge in enumerate(charges) if _base_of(charge) == base]
        shares = split_by_weights(-row[_NET], [max(0, left[at]) for at in places])
        for at, share in zip(places, shares, strict=True):
            left[at] -= share
    return [Charge(row[_KIND], _base_of(row), row[_START], minor) for row, minor in zip(charges, left, strict=True)]


def _contract_row(charge: ContractCharge, *, unit: int, tax_table: TaxTable, rounding: RoundingMode) -> _Row:
    net = round_quotient(numerator=charge.amount_micro, denominator=charge.denominator * unit, mode=rounding)
    rate = tax_table.rate_on(tax_category_id=charge.tax_category_id, on=charge.charged_on)
    return [
        0, charge.kind, charge.subscription_id, charge.bill_item_id, None, charge.charged_on,
        charge.charged_on + _ONE_DAY, 1, _PIECES, None, 1, 1, 0, charge.contract_id, charge.tax_category_id, rate,
        -net if charge.kind is LineKind.BONUS else net, 0,
    ]  # fmt: skip


def _close(account_id: int, rows: list[_Row], reasons: tuple[Reason, ...]) -> Bill:
    """Number the lines, share the tax out over them and add everything up."""
    by_rate: dict[tuple[int, int], list[_Row]] = defaultdict(list)
    for position, row in enumerate(rows, start=1):
        row[_POSITION] = position
        by_rate[row[_CATEGORY], row[_RATE]].append(row)
    taxes = []
    net = tax = 0
    for category, rate in sorted(by_rate):
        taxed = by_rate[category, rate]
        nets = [row[_NET] for row in taxed]
        taxed_net, taxed_tax = sum(nets), 0
        if rate:
            for row, share in zip(taxed, split_tax(nets_minor=nets, rate_ppm=rate), strict=True):
                row[_TAX] = share
                taxed_tax += share
        taxes.append(TaxTotal(category, rate, taxed_net, taxed_tax))
        net += taxed_net
        tax += taxed_tax
    return Bill(account_id, tuple(map(_line_from, rows)), tuple(taxes), net, tax, net + tax, reasons)
