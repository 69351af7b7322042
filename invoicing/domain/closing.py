"""The end of a bill: lines numbered, tax shared out over them, everything added up, the total rounded to cash."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from billing_site.core.money import round_quotient
from invoicing.domain.bill_items import Bill, BillLine, CashUnit, LineKind, Reason, TaxTotal
from invoicing.domain.tax import split_included_tax, split_tax

PIECES = "PIECES"
# What ``_make`` does, without its check of the length.
_line_from = partial(tuple.__new__, BillLine)
_total_from = partial(tuple.__new__, TaxTotal)

# A line under construction is a list in the order of BillLine's fields; these are the places filled in later or read
# again.
POSITION, KIND, SUBSCRIPTION, BILL_ITEM, START = 0, 1, 2, 3, 5
CATEGORY, RATE, NET, TAX, INCLUDES_TAX = 14, 15, 16, 17, 18

Row = list[Any]


def close_bill(
    account_id: int, rows: list[Row], reasons: tuple[Reason, ...], notes: dict[int, Reason], *, may_include_tax: bool
) -> Bill:
    """Number the lines, share the tax out over them and add everything up."""
    by_rate: dict[tuple[int, int], list[Row]] = {}
    taxed_alike: list[Row] = []
    category, rate = None, None
    for position, row in enumerate(rows, start=1):
        row[POSITION] = position
        # Most lines are taxed as the one before.
        if row[CATEGORY] != category or row[RATE] != rate:
            category, rate = row[CATEGORY], row[RATE]
            taxed_alike = by_rate.setdefault((category, rate), [])
        taxed_alike.append(row)
    taxes = []
    net = tax = 0
    for category, rate in sorted(by_rate):
        taxed = by_rate[category, rate]
        if rate and may_include_tax:
            _tax_included([row for row in taxed if row[INCLUDES_TAX]], rate)
            added = [row for row in taxed if not row[INCLUDES_TAX]]
            _add_tax(added, [row[NET] for row in added], rate)
            taxed_net, taxed_tax = sum([row[NET] for row in taxed]), sum([row[TAX] for row in taxed])
        else:
            nets = [row[NET] for row in taxed]
            taxed_net, taxed_tax = sum(nets), _add_tax(taxed, nets, rate) if rate else 0
        taxes.append(_total_from((category, rate, taxed_net, taxed_tax)))
        net += taxed_net
        tax += taxed_tax
    return Bill(account_id, tuple(map(_line_from, rows)), tuple(taxes), net, tax, net + tax, reasons, notes)


def _add_tax(rows: Sequence[Row], nets: Sequence[int], rate: int) -> int:
    """Put the tax on rows with these nets and return it."""
    shares = split_tax(nets_minor=nets, rate_ppm=rate) if rows else ()
    for row, share in zip(rows, shares, strict=True):
        row[TAX] = share
    return sum(shares)


def _tax_included(rows: Sequence[Row], rate: int) -> None:
    """Take the tax out of grosses."""
    if rows:
        grosses = [row[NET] for row in rows]
        for row, share in zip(rows, split_included_tax(grosses_minor=grosses, rate_ppm=rate), strict=True):
            row[TAX] = share
            row[NET] -= share


def round_to_cash(made: Bill, cash: CashUnit, *, start_on: date, until_on: date, unit: int) -> Bill:
    """
    Round the total of a bill to what can be paid in cash: the difference is its last line, outside every tax.

    :param unit: micro units of a minor one
    """
    rounded = round_quotient(numerator=made.gross_minor, denominator=cash.unit_minor, mode=cash.mode) * cash.unit_minor
    difference = rounded - made.gross_minor
    if not difference:
        return made
    line = BillLine(
        len(made.lines) + 1, LineKind.ROUNDING, None, cash.bill_item_id, None, start_on, until_on, 1, PIECES,
        cash.unit_minor * unit, 1, 1, 0, None, cash.tax_category_id, 0, difference, 0,
    )  # fmt: skip
    totals = {(one.tax_category_id, one.rate_ppm): one for one in made.taxes}
    key = (cash.tax_category_id, 0)
    before = totals.get(key, TaxTotal(*key, 0, 0))
    totals[key] = before._replace(net_minor=before.net_minor + difference)
    return made._replace(
        lines=(*made.lines, line),
        taxes=tuple(totals[one] for one in sorted(totals)),
        net_minor=made.net_minor + difference,
        gross_minor=rounded,
    )
