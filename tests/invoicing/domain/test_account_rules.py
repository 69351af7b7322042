"""What a bill is made of besides fees and usage: amounts off, minimums, taxes in prices, exemptions, cash rounding."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from billing_site.core.money import RoundingMode
from billing_site.core.periods import DatePeriod
from invoicing.domain.bill_items import CashUnit, CommitmentPart, Discount, LineKind, RecurringItem, UsageTotal
from invoicing.domain.bills import bill
from invoicing.domain.closing import round_to_cash
from invoicing.domain.payers import PayerRule, take_over, with_taken, without_rounding
from invoicing.domain.tax import Exemption, ExemptTable, TaxRate, TaxTable, net_in, split_included_tax
from invoicing.domain.totals import check_bill

START, UNTIL = date(2026, 3, 1), date(2026, 4, 1)
STANDARD, NONE, REVERSE = 1, 2, 3
LONG_AGO = date(2000, 1, 1)
TABLE = TaxTable([TaxRate(STANDARD, LONG_AGO, 200_000), TaxRate(NONE, LONG_AGO, 0), TaxRate(REVERSE, LONG_AGO, 0)])
EVERYTHING = PayerRule(7, 8, None, 1_000_000, "B", "A")


def fee(price, *, includes_tax=False, item=10, start=START):
    return RecurringItem(1, item, STANDARD, 5, price * 10_000, 1, start, UNTIL, START, UNTIL, includes_tax=includes_tax)


def calls(minor, *, includes_tax=False, item=20):
    return UsageTotal(1, item, STANDARD, 5, minor * 10_000, 3, 60, "SECONDS", START, UNTIL, 99, includes_tax)


def part(amount, *, start=START, counted=frozenset(), commitment=4):
    return CommitmentPart(commitment, 1, 30, STANDARD, amount * 10_000, start, UNTIL, START, UNTIL, counted)


def make(*, tax_table=TABLE, **items):
    return bill(account_id=7, start_on=START, until_on=UNTIL, digits=2, tax_table=tax_table, **items)


def shown(made):
    return [(line.kind.value, line.net_minor, line.tax_minor) for line in made.lines]


def test_discounts_work_in_their_order_each_on_what_is_left():
    """000-07: percentage, then amount, then percentage again; each its own line that names its base."""
    discounts = [
        Discount(3, 500_000, frozenset({20}), priority=3),
        Discount(2, 0, frozenset(), priority=2, amount_micro=3_000_000),
        Discount(1, 100_000, frozenset({10}), priority=1),
    ]

    made = make(recurring=[fee(1_000)], usage=[calls(600)], discounts=discounts)

    taken = [(line.source_id, line.bill_item_id, line.net_minor) for line in made.lines[2:]]
    assert taken == [(1, 10, -100), (2, 10, -180), (2, 20, -120), (3, 20, -240)]
    assert [(line.unit_price_micro or 0) // 10_000 for line in made.lines[2:]] == [1_000, 900, 600, 480]
    assert check_bill(made) == ()


@given(
    fees=st.lists(st.integers(-500, 5_000), min_size=1, max_size=4),
    amounts=st.lists(st.integers(1, 9_000), max_size=3),
    percents=st.lists(st.integers(1, 1_000_000), max_size=3),
)
def test_discounts_never_bring_a_charge_below_nothing(fees, amounts, percents):
    discounts = [Discount(n, 0, priority=n, amount_micro=one * 10_000) for n, one in enumerate(amounts)]
    discounts += [Discount(10 + n, ppm, priority=10 + n) for n, ppm in enumerate(percents)]

    made = make(recurring=[fee(one, item=n) for n, one in enumerate(fees)], discounts=discounts)

    for n, one in enumerate(fees):
        left = sum(line.net_minor for line in made.lines if line.bill_item_id == n)
        assert min(0, one) <= left <= max(0, one)
    assert check_bill(made) == ()


@pytest.mark.parametrize(
    ("start", "counted", "missing"),
    [
        (START, frozenset(), 3_100 - 1_500),
        (START, frozenset({20}), 3_100 - 500),
        (date(2026, 3, 17), frozenset(), 1_500 - 1_500),
        (date(2026, 3, 17), frozenset({20}), 1_500 - 500),
    ],
)
def test_what_is_missing_to_a_minimum_is_a_line_of_its_own(start, counted, missing):
    """000-07: the shortfall is net with its own tax, prorated by days; which items count is data."""
    made = make(recurring=[fee(1_000)], usage=[calls(500)], commitments=[part(3_100, start=start, counted=counted)])

    lines = [(line.bill_item_id, line.net_minor) for line in made.lines if line.kind is LineKind.COMMITMENT]
    assert lines == ([(30, missing)] if missing else [])
    assert made.tax_minor == (1_500 + missing) // 5
    assert check_bill(made) == ()


def test_minimum_counts_what_discounts_left_and_says_its_figures():
    made = make(recurring=[fee(1_000)], discounts=[Discount(1, 500_000)], commitments=[part(2_000)])

    assert shown(made)[-1] == ("COMMITMENT", 1_500, 300)
    (reason,) = made.reasons
    assert (reason["due_minor"], reason["counted_minor"], reason["days"], reason["of_days"]) == (2_000, 500, 31, 31)


def test_minimums_of_a_changed_plan_are_added_and_compared_once():
    first = part(3_100, commitment=4)._replace(until_on=date(2026, 3, 11))
    second = part(6_200, commitment=5, start=date(2026, 3, 11))

    made = make(usage=[calls(500)], commitments=[first, second])

    assert shown(made)[-1] == ("COMMITMENT", 1_000 + 4_200 - 500, 940)
    assert made.lines[-1].source_id == 5


def test_prices_with_tax_keep_their_gross():
    """The worked table of ``domain.tax``: 9.99, 2.50 and 1.00 off come to 11.49 with 1.91 of tax in it."""
    discount = Discount(1, 0, frozenset({10}), amount_micro=1_000_000)

    made = make(recurring=[fee(999, includes_tax=True)], usage=[calls(250, includes_tax=True)], discounts=[discount])

    assert [line.net_minor + line.tax_minor for line in made.lines] == [999, 250, -100]
    assert [line.tax_minor for line in made.lines] == [166, 42, -17]
    assert (made.net_minor, made.tax_minor, made.gross_minor) == (958, 191, 1_149)
    assert check_bill(made) == ()


def test_prices_with_and_without_tax_stand_side_by_side():
    made = make(recurring=[fee(1_200, includes_tax=True), fee(1_000, item=11)])

    assert shown(made) == [("RECURRING", 1_000, 200), ("RECURRING", 1_000, 200)]
    assert [(tax.net_minor, tax.tax_minor) for tax in made.taxes] == [(2_000, 400)]


@given(
    grosses=st.lists(st.integers(-(10**6), 10**9), min_size=1, max_size=8),
    rate=st.integers(0, 1_000_000),
)
def test_tax_in_prices_is_shared_out_to_the_last_unit(grosses, rate):
    shares = split_included_tax(grosses_minor=grosses, rate_ppm=rate)

    assert sum(grosses) - sum(shares) == net_in(gross_minor=sum(grosses), rate_ppm=rate)
    for gross, share in zip(grosses, shares, strict=True):
        assert abs(share * (1_000_000 + rate) - gross * rate) < 2 * (1_000_000 + rate)


def test_exemption_cuts_the_charge_at_its_first_day():
    """A rate that changes inside a period splits the charge at the date; so does an exemption (ruling 14)."""
    exempt = ExemptTable(TABLE, [Exemption(STANDARD, REVERSE, DatePeriod(date(2026, 3, 11)), "AE-7")])

    made = make(tax_table=exempt, recurring=[fee(3_100)], usage=[calls(500)])

    assert [(line.tax_category_id, line.net_minor, line.tax_minor) for line in made.lines] == [
        (STANDARD, 1_000, 200), (REVERSE, 2_100, 0), (REVERSE, 500, 0),
    ]  # fmt: skip


def test_exemption_takes_the_tax_out_of_prices_that_include_it():
    exempt = ExemptTable(TABLE, [Exemption(STANDARD, REVERSE, DatePeriod(LONG_AGO), "AE-7")])

    made = make(tax_table=exempt, recurring=[fee(1_200, includes_tax=True)], usage=[calls(600, includes_tax=True)])

    assert [(line.tax_category_id, line.net_minor, line.tax_minor) for line in made.lines] == [
        (REVERSE, 1_000, 0), (REVERSE, 500, 0),
    ]  # fmt: skip


def test_exemption_of_another_category_changes_nothing():
    exempt = ExemptTable(TABLE, [Exemption(NONE, REVERSE, DatePeriod(LONG_AGO), "AE-7")])

    assert make(tax_table=exempt, recurring=[fee(1_000)]) == make(recurring=[fee(1_000)])
    assert exempt.rate_on(tax_category_id=STANDARD, on=START) == 200_000


@pytest.mark.parametrize(
    ("price", "unit", "mode", "rounding", "gross"),
    [
        (1_234, 5, RoundingMode.HALF_UP, -1, 1_480),
        (1_236, 5, RoundingMode.HALF_UP, 2, 1_485),
        (1_234, 1_000, RoundingMode.UP, 519, 2_000),
        (1_234, 1_000, RoundingMode.DOWN, -481, 1_000),
        (1_250, 5, RoundingMode.HALF_UP, 0, 1_500),
        (-1_236, 5, RoundingMode.HALF_UP, -2, -1_485),
    ],
)
def test_total_is_rounded_to_cash_as_a_line_outside_every_tax(price, unit, mode, rounding, gross):
    made = make(recurring=[fee(price)])

    rounded = round_to_cash(made, CashUnit(unit, mode, 40, NONE), start_on=START, until_on=UNTIL, unit=10_000)

    assert rounded.gross_minor == gross
    assert shown(rounded)[1:] == ([("ROUNDING", rounding, 0)] if rounding else [])
    assert rounded.tax_minor == made.tax_minor
    assert check_bill(rounded) == ()
    assert without_rounding(rounded) == made


def test_payer_takes_everything_over_and_the_sums_are_equal():
    """Payer of other accounts' charges: what one bill loses the other gains, by item, category and rate."""
    used = make(recurring=[fee(1_000)], usage=[calls(501)], discounts=[Discount(1, 500_000, frozenset({10}))])

    taken = take_over(made=used, rules=[EVERYTHING])
    left = with_taken(made=used, over=taken, on=(), start_on=START, until_on=UNTIL)
    paid = with_taken(made=make(), over=(), on=taken, start_on=START, until_on=UNTIL)

    assert (left.net_minor, left.tax_minor, left.gross_minor) == (0, 0, 0)
    assert shown(paid) == [("TAKEN_ON", 500, 100), ("TAKEN_ON", 501, 100)]
    assert paid.notes[1] == {"account": "B", "base_minor": 500, "share_ppm": 1_000_000}
    assert check_bill(left) == check_bill(paid) == ()


def test_payer_of_one_item_pays_its_share_and_another_the_rest():
    rules = [PayerRule(7, 8, 20, 300_000, "B", "A"), PayerRule(7, 9, None, 1_000_000, "B", "C")]

    taken = take_over(made=make(recurring=[fee(1_000)], usage=[calls(505)]), rules=rules)

    assert [(one.rule.payer_id, one.base.bill_item_id, one.amount_minor) for one in taken] == [
        (9, 10, 1_000), (8, 20, 152),
    ]  # fmt: skip


@given(
    prices=st.lists(st.tuples(st.integers(-3_000, 9_000), st.booleans()), min_size=1, max_size=5),
    share=st.integers(1, 1_000_000),
)
def test_what_is_moved_between_bills_adds_up(prices, share):
    used = make(recurring=[fee(one, includes_tax=flag, item=n) for n, (one, flag) in enumerate(prices)])

    taken = take_over(made=used, rules=[EVERYTHING._replace(share_ppm=share)])
    left = with_taken(made=used, over=taken, on=(), start_on=START, until_on=UNTIL)
    paid = with_taken(made=make(), over=(), on=taken, start_on=START, until_on=UNTIL)

    assert check_bill(left) == check_bill(paid) == ()
    moved = [line for line in left.lines if line.kind is LineKind.TAKEN_OVER]
    assert len(moved) == len(paid.lines)
    # Each bill rounds its tax once a category: of two bills in place of one, by one unit at the most.
    assert abs(left.gross_minor + paid.gross_minor - used.gross_minor) <= 2
