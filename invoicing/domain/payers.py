"""
Charges of one account that another pays: taken over from the bill of who used, taken on by the bill of who pays.

Both bills are made as any other. What is left of a bill item after discounts, promotions and whatever else stands on
it is then shared: the payer's share, rounded half up once, is a line below nothing on the one bill and the same line
above nothing on the other, with the same bill item, tax category and rate. So the two sums are equal, revenue stays
with its items, and each bill's tax is that of its own nets. Credits go the way of what they are given on.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from billing_site.core.money import round_half_up
from invoicing.domain.bill_items import Bill, BillLine, LineKind, Reason
from invoicing.domain.closing import INCLUDES_TAX, NET, PIECES, TAX, Row, close_bill
from invoicing.domain.discounts import DiscountBase
from invoicing.domain.tax import PPM


class PayerRule(NamedTuple):
    """Who pays a share (parts per million) of a bill item of an account, or of all others (``bill_item_id`` empty)."""

    account_id: int
    payer_id: int
    bill_item_id: int | None
    share_ppm: int
    account_number: str
    payer_number: str


class Taken(NamedTuple):
    """
    What a payer pays of one base of an account's bill; minor units, tax included where the prices include it.

    ``carried_id`` and ``during`` are of what another bill has brought: the bill period of that one.
    """

    rule: PayerRule
    base: DiscountBase
    base_minor: int
    amount_minor: int
    carried_id: int | None = None
    during: tuple[date, date] | None = None


def take_over(*, made: Bill, rules: Sequence[PayerRule]) -> tuple[Taken, ...]:
    """
    Return what others pay of a bill, in the order of its lines; what it pays of others stays with it.

    :param made: not rounded to cash yet
    :param rules: all of them of the bill's account, each item at most once
    """
    by_item = {rule.bill_item_id: rule for rule in rules}
    sums: dict[DiscountBase, int] = {}
    for line in made.lines:
        if line.kind is LineKind.TAKEN_ON:
            continue
        base = DiscountBase(
            line.subscription_id, line.bill_item_id, line.tax_category_id, line.tax_rate_ppm, line.includes_tax
        )
        sums[base] = sums.get(base, 0) + _amount(line)
    found = []
    for base, amount in sums.items():
        rule = by_item.get(base.bill_item_id, by_item.get(None))
        if rule is not None:
            share = round_half_up(numerator=amount * rule.share_ppm, denominator=PPM)
            if share:
                found.append(Taken(rule, base, amount, share))
    return tuple(found)


def with_taken(*, made: Bill, over: Sequence[Taken], on: Sequence[Taken], start_on: date, until_on: date) -> Bill:
    """
    Return a bill with what others pay of it (``over``) and what it pays of others (``on``); taxes are reckoned anew.

    :param start_on: first day of the bill period, ``until_on`` its exclusive end; they date the lines
    """
    rows: list[Row] = [_open(line) for line in made.lines]
    notes: dict[int, Reason] = dict(made.notes)
    for kind, sign, taken in ((LineKind.TAKEN_OVER, -1, over), (LineKind.TAKEN_ON, 1, on)):
        for one in taken:
            base, (first_on, end_on) = one.base, one.during or (start_on, until_on)
            rows.append(
                [0, kind, base.subscription_id, base.bill_item_id, None, first_on, end_on, 1, PIECES, None, 1, 1, 0,
                 one.carried_id, base.tax_category_id, base.tax_rate_ppm, sign * one.amount_minor, 0, base.includes_tax]
            )  # fmt: skip
            notes[len(rows)] = _note(kind, one)
    return close_bill(made.account_id, rows, made.reasons, notes, may_include_tax=True)


def without_rounding(made: Bill) -> Bill:
    """Return a bill as it was before it was rounded to cash."""
    if not made.lines or made.lines[-1].kind is not LineKind.ROUNDING:
        return made
    rows = [_open(line) for line in made.lines[:-1]]
    return close_bill(made.account_id, rows, made.reasons, dict(made.notes), may_include_tax=True)


def by_account(rules: Sequence[PayerRule]) -> Mapping[int, Sequence[PayerRule]]:
    """Return rules by the account that is paid for."""
    found: dict[int, list[PayerRule]] = {}
    for rule in rules:
        found.setdefault(rule.account_id, []).append(rule)
    return found


def _note(kind: LineKind, one: Taken) -> Reason:
    who: Reason = (
        {"payer": one.rule.payer_number} if kind is LineKind.TAKEN_OVER else {"account": one.rule.account_number}
    )
    return {**who, "base_minor": one.base_minor, "share_ppm": one.rule.share_ppm}


def _amount(line: BillLine) -> int:
    return line.net_minor + line.tax_minor if line.includes_tax else line.net_minor


def _open(line: BillLine) -> Row:
    """Return a line as it was before its tax was reckoned."""
    row: Row = list(line)
    row[NET], row[TAX] = _amount(line), 0
    assert row[INCLUDES_TAX] == line.includes_tax, "the fields of a line moved"
    return row
