"""One account's bill: sums, taxes, discounts, and what explains each line."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from billing_site.core.money import AmountNotExact, round_half_up
from invoicing.domain.bill_items import Discount, LineKind, OneOffItem, RecurringItem, UsageTotal
from invoicing.domain.bills import bill
from invoicing.domain.discounts import DiscountBase, give_discounts
from invoicing.domain.due_dates import due_on
from invoicing.domain.proration import ProrationPolicy
from invoicing.domain.tax import NoTaxRate, TaxRate, TaxTable, percent_from_ppm, ppm_from_percent, split_tax, tax_on
from invoicing.domain.totals import check_bill, sum_gross

START, UNTIL = date(2026, 3, 1), date(2026, 4, 1)
STANDARD, NONE = 1, 2
TABLE = TaxTable([TaxRate(STANDARD, date(2000, 1, 1), 200_000), TaxRate(NONE, date(2000, 1, 1), 0)])
CHANGED = TaxTable([TaxRate(STANDARD, date(2000, 1, 1), 200_000), TaxRate(STANDARD, date(2026, 3, 11), 100_000)])


def fee(price_micro, *, start=START, until=UNTIL, quantity=1, category=STANDARD, **more):
    return RecurringItem(1, 10, category, 5, price_micro, quantity, start, until, START, UNTIL, **more)


def calls(amount_micro, *, item=20, category=STANDARD, subscription=1):
    return UsageTotal(subscription, item, category, 5, amount_micro, 63, 8580, "SECONDS", START, UNTIL, 99)


def make(*, tax_table=TABLE, digits=2, **items):
    return bill(account_id=7, start_on=START, until_on=UNTIL, digits=digits, tax_table=tax_table, **items)


def test_bill_with_every_kind_of_line():
    made = make(
        recurring=[fee(31_000_000, start=date(2026, 3, 15))],
        one_offs=[OneOffItem(1, 11, NONE, None, 5_000_000, 2, date(2026, 3, 15), 44)],
        usage=[calls(2_860_004_999)],
        discounts=[Discount(3, 100_000, frozenset({20}))],
    )

    assert [(line.kind, line.net_minor, line.tax_minor) for line in made.lines] == [
        (LineKind.RECURRING, 1_700, 340),
        (LineKind.ONE_OFF, 1_000, 0),
        (LineKind.USAGE, 286_000, 57_200),
        (LineKind.DISCOUNT, -28_600, -5_720),
    ]
    assert (made.net_minor, made.tax_minor, made.gross_minor) == (260_100, 51_820, 311_920)
    assert check_bill(made) == ()


def test_lines_carry_what_explains_them():
    made = make(
        recurring=[fee(31_000_000, start=date(2026, 3, 15))], usage=[calls(1_000_000)], discounts=[Discount(3, 500_000)]
    )
    recurring, usage, *discounts = made.lines

    assert (recurring.days, recurring.of_days, recurring.unit_price_micro, recurring.plan_version_id) == (
        17,
        31,
        31_000_000,
        5,
    )
    assert (usage.records, usage.quantity, usage.unit, usage.source_id) == (63, 8580, "SECONDS", 99)
    assert [(line.bill_item_id, line.source_id, line.unit_price_micro) for line in discounts] == [
        (10, 3, 17_000_000),
        (20, 3, 1_000_000),
    ]
    assert [line.position for line in made.lines] == [1, 2, 3, 4]


def test_tax_change_cuts_the_charge_at_the_date_and_not_the_net():
    made = make(tax_table=CHANGED, recurring=[fee(100_010_000)])

    assert [(line.start_on, line.until_on, line.tax_rate_ppm, line.net_minor) for line in made.lines] == [
        (START, date(2026, 3, 11), 200_000, 3_226),
        (date(2026, 3, 11), UNTIL, 100_000, 6_775),
    ]
    assert [line.days for line in made.lines] == [10, 21]
    assert made.taxes == ((STANDARD, 100_000, 6_775, 678), (STANDARD, 200_000, 3_226, 645))


@pytest.mark.parametrize("policy", [ProrationPolicy.WHOLE, ProrationPolicy.THIRTY_DAYS])
def test_tax_change_keeps_the_net_under_every_policy(policy):
    assert make(tax_table=CHANGED, recurring=[fee(100_000_000, policy=policy)]).net_minor == 10_000


def test_usage_over_a_tax_change_is_taxed_at_the_last_days_rate():
    assert make(tax_table=CHANGED, usage=[calls(1_000_000)]).lines[0].tax_rate_ppm == 100_000


def test_credit_gives_back_what_was_charged():
    charge, credit = fee(31_415_926), fee(31_415_926, quantity=-1)

    made = make(recurring=[charge, credit])

    assert (made.net_minor, made.tax_minor, made.gross_minor) == (0, 0, 0)
    assert make(recurring=[credit]).gross_minor == -make(recurring=[charge]).gross_minor


def test_account_with_nothing_has_an_empty_bill():
    assert make() == (7, (), (), 0, 0, 0, ())


def test_day_without_a_tax_rate_is_refused():
    with pytest.raises(NoTaxRate) as refusal:
        make(usage=[calls(1, category=9)])

    assert refusal.value.code == "NO_TAX_RATE"


def test_discounts_work_in_their_order_on_what_is_left():
    made = make(
        usage=[calls(100_000_000)], discounts=[Discount(1, 500_000, priority=2), Discount(2, 100_000, priority=1)]
    )

    assert [(line.source_id, line.net_minor) for line in made.lines[1:]] == [(2, -1_000), (1, -4_500)]


def test_discounts_apply_by_item_and_subscription_and_never_below_zero():
    nets = [(DiscountBase(1, 10, 1, 0), 100), (DiscountBase(2, 10, 1, 0), 100), (DiscountBase(1, 11, 1, 0), -5)]

    assert give_discounts(nets=nets, discounts=[]) == ()
    given = give_discounts(nets=nets, discounts=[Discount(1, 2_000_000, frozenset({10}), 0, 2), Discount(2, 100_000)])

    assert [(found.base.subscription_id, found.base_minor, found.amount_minor) for found in given] == [
        (2, 100, 100),
        (1, 100, 10),
    ]


items = st.builds(
    fee,
    st.integers(min_value=0, max_value=10**10),
    start=st.dates(START, date(2026, 3, 15)),
    until=st.dates(date(2026, 3, 16), UNTIL),
    quantity=st.sampled_from([1, 1, 3, -1]),
    category=st.just(STANDARD),
    policy=st.sampled_from(ProrationPolicy),
)
totals = st.builds(
    calls,
    st.integers(min_value=0, max_value=10**11),
    item=st.integers(20, 23),
    subscription=st.integers(1, 2),
    category=st.just(STANDARD),
)
discounts = st.builds(
    Discount,
    st.integers(1, 99),
    st.integers(min_value=0, max_value=1_000_000),
    st.frozensets(st.sampled_from([10, 20, 21])),
    st.integers(0, 3),
)


@given(
    recurring=st.lists(items, max_size=8),
    usage=st.lists(totals, max_size=20),
    given_discounts=st.lists(discounts, max_size=3),
    digits=st.sampled_from([0, 2, 3]),
    table=st.sampled_from([TABLE, CHANGED]),
)
def test_sums_always_agree(recurring, usage, given_discounts, digits, table):
    made = make(tax_table=table, digits=digits, recurring=recurring, usage=usage, discounts=given_discounts)

    assert check_bill(made) == ()
    unit = 10 ** (6 - digits)
    charged = [line for line in made.lines if line.kind is LineKind.USAGE]
    assert [line.net_minor for line in charged] == [
        round_half_up(numerator=t.amount_micro, denominator=unit) for t in usage
    ]
    for tax in made.taxes:
        assert tax.tax_minor == tax_on(net_minor=tax.net_minor, rate_ppm=tax.rate_ppm)
        for line in made.lines:
            if (line.tax_category_id, line.tax_rate_ppm) == tax[:2]:
                assert abs(line.tax_minor - Fraction(line.net_minor * tax.rate_ppm, 10**6)) < 1


@given(nets=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=40), rate=st.integers(0, 1_000_000))
def test_split_tax_sums_and_stays_within_one(nets, rate):
    shares = split_tax(nets_minor=nets, rate_ppm=rate)

    assert sum(shares) == tax_on(net_minor=sum(nets), rate_ppm=rate)
    assert all(abs(share - Fraction(net * rate, 10**6)) < 1 for share, net in zip(shares, nets, strict=True))


def test_findings_name_what_does_not_agree():
    made = make(usage=[calls(1_000_000)])

    assert check_bill(made._replace(net_minor=1)) == (
        "the lines' net does not sum to the bill's",
        "net and tax do not make the gross",
    )
    assert check_bill(made._replace(tax_minor=0, gross_minor=100)) == ("the lines' tax does not sum to the bill's",)
    assert check_bill(made._replace(taxes=())) == ("the taxes are not the sums of their lines",)
    assert sum_gross([made, made]) == (200, 40, 240)


def test_tax_table_refuses_two_rates_from_one_day():
    with pytest.raises(ValueError, match="second one"):
        TaxTable([TaxRate(1, START, 1), TaxRate(1, START, 2)])
    with pytest.raises(ValueError, match="not a rate"):
        TaxTable([TaxRate(1, START, -1)])


def test_percent_and_parts_per_million():
    assert ppm_from_percent(Decimal("23.33")) == 233_300
    assert percent_from_ppm(200_000) == Decimal(20)
    with pytest.raises(AmountNotExact):
        ppm_from_percent(Decimal("0.00001"))


def test_due_on_moves_to_the_next_working_day():
    friday = date(2026, 3, 6)

    assert due_on(posted_on=friday, terms_days=0) == friday
    assert due_on(posted_on=friday, terms_days=1) == date(2026, 3, 9)
    assert due_on(posted_on=friday, terms_days=1, holidays={date(2026, 3, 9)}) == date(2026, 3, 10)
    assert due_on(posted_on=friday, terms_days=1, worked_days={date(2026, 3, 7)}) == date(2026, 3, 7)


def test_due_on_of_nonsense_is_refused():
    with pytest.raises(ValueError, match="terms"):
        due_on(posted_on=START, terms_days=-1)
    with pytest.raises(ValueError, match="no working day"):
        due_on(posted_on=START, terms_days=0, holidays={date.fromordinal(START.toordinal() + n) for n in range(99)})
