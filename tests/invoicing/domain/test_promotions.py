"""Promotion credits: 001-15 to the cent, and what must hold of any."""

from datetime import date

from hypothesis import given, strategies as st

from billing_site.core.periods import DatePeriod
from invoicing.domain.bill_items import Bill, Discount, LineKind, Promotion, RecurringItem, UsageTotal
from invoicing.domain.bills import bill
from invoicing.domain.proration import ProrationPolicy
from invoicing.domain.tax import TaxRate, TaxTable
from invoicing.domain.totals import check_bill
from tariffs.domain.promotions import PromotionKind

FROM, UNTIL = date(2026, 2, 1), date(2026, 3, 1)
RENT, SERVICES, CALLS, ABROAD = 1, 2, 3, 4
PLAIN, EXEMPT = 1, 2
MICRO = 10_000
UNTAXED = TaxTable([TaxRate(PLAIN, date.min, 0), TaxRate(EXEMPT, date.min, 0)])
TAXED = TaxTable([TaxRate(PLAIN, date.min, 200_000), TaxRate(EXEMPT, date.min, 0)])


def calls_back(agreement: int = 1, subscription: int | None = None, **more: object) -> Promotion:
    values: dict[str, object] = {
        "agreement_id": agreement,
        "kind": PromotionKind.CREDIT_CALLS_UP_TO_RENT,
        "subscription_id": subscription,
        "during": DatePeriod(FROM),
        "credited_item_ids": frozenset({CALLS, ABROAD}),
        "rent_item_ids": frozenset({RENT}),
    }
    return Promotion(**{**values, **more})  # type: ignore[arg-type]


def fee(minor: int, *, item: int = RENT, of: int = 1, start: date = FROM, until: date = UNTIL) -> RecurringItem:
    return RecurringItem(
        of, item, PLAIN, None, minor * MICRO, 1, start, until, FROM, UNTIL, ProrationPolicy.CALENDAR_DAYS
    )


def calls(minor: int, *, item: int = CALLS, category: int = PLAIN, of: int = 1, start: date = FROM) -> UsageTotal:
    return UsageTotal(of, item, category, None, minor * MICRO, 2, 180, "SECONDS", start, UNTIL)


def make(*, recurring=(), usage=(), promotions=(), discounts=(), table=UNTAXED, periods=()) -> Bill:
    made = bill(
        account_id=1,
        start_on=FROM,
        until_on=UNTIL,
        digits=2,
        tax_table=table,
        recurring=recurring,
        usage=usage,
        discounts=discounts,
        promotions=promotions,
        periods=periods,
    )
    assert check_bill(made) == ()
    return made


def credits_of(made: Bill) -> list[int]:
    return [line.net_minor for line in made.lines if line.kind is LineKind.PROMOTION]


def rent_and_services(called: int) -> Bill:
    usage = [calls(called)] if called else []
    return make(recurring=[fee(1800), fee(280, item=SERVICES)], usage=usage, promotions=[calls_back()])


def test_001_15_calls_below_the_rent_are_given_back_and_the_due_is_rent_and_services():
    made = rent_and_services(1200)

    assert (credits_of(made), made.gross_minor) == ([-1200], 2080)
    assert made.reasons[0] == {"base_minor": 1200, "limit_minor": 1800, "given_minor": 1200}


def test_001_15_calls_above_the_rent_are_given_back_up_to_the_rent():
    made = rent_and_services(2500)

    assert (credits_of(made), made.gross_minor) == ([-1800], 2780)


def test_001_15_without_calls_nothing_is_given_back():
    made = rent_and_services(0)

    assert (credits_of(made), made.gross_minor) == ([], 2080)


def test_001_15_what_is_not_used_is_neither_paid_out_nor_set_against_the_rent():
    """6.00 of 18.00 are left over: no line but the calls' own bears a credit, and the calls come to nothing."""
    made = rent_and_services(1200)

    by_item = {item: sum(line.net_minor for line in made.lines if line.bill_item_id == item) for item in (1, 2, 3)}
    assert by_item == {RENT: 1800, SERVICES: 280, CALLS: 0}


def test_001_15_credit_is_taxed_as_the_calls_it_gives_back():
    made = make(
        recurring=[fee(1800)],
        usage=[calls(1000), calls(500, item=ABROAD, category=EXEMPT)],
        promotions=[calls_back()],
        table=TAXED,
    )

    assert credits_of(made) == [-1000, -500]
    assert (made.net_minor, made.tax_minor, made.gross_minor) == (1800, 360, 2160)


def test_001_15_credit_over_several_items_is_shared_by_largest_remainder_and_never_below_zero():
    made = make(
        recurring=[fee(100)], usage=[calls(100), calls(51, item=ABROAD)], promotions=[calls_back()], table=TAXED
    )

    assert credits_of(made) == [-66, -34]
    assert made.net_minor == 151


def test_001_15_discounts_come_first_and_the_credit_counts_what_they_left():
    tenth = Discount(9, 100_000, frozenset({CALLS, RENT}))
    made = make(recurring=[fee(1000)], usage=[calls(2000)], promotions=[calls_back()], discounts=[tenth])

    assert [line.kind for line in made.lines] == [
        LineKind.RECURRING, LineKind.USAGE, LineKind.DISCOUNT, LineKind.DISCOUNT, LineKind.PROMOTION,
    ]  # fmt: skip
    assert (credits_of(made), made.net_minor) == ([-900], 1800)


def test_001_15_prorated_rent_is_what_bounds_the_credit():
    made = make(recurring=[fee(2800, start=date(2026, 2, 15))], usage=[calls(2500)], promotions=[calls_back()])

    assert (credits_of(made), made.net_minor) == ([-1400], 2500)


def test_001_15_each_subscription_has_its_own_calls_and_rent():
    lines = [fee(1000, of=1), fee(500, of=2)]
    used = [calls(300, of=1), calls(900, of=2)]

    assert credits_of(make(recurring=lines, usage=used, promotions=[calls_back()])) == [-300, -500]
    assert credits_of(make(recurring=lines, usage=used, promotions=[calls_back(subscription=2)])) == [-500]


def test_001_15_corrections_of_usage_lower_what_is_given_back():
    used = [calls(500), calls(-200, item=ABROAD)]

    assert credits_of(make(recurring=[fee(1000)], usage=used, promotions=[calls_back()])) == [-300]
    assert credits_of(make(recurring=[fee(1000)], usage=[calls(-200)], promotions=[calls_back()])) == []


def test_001_15_periods_of_one_bill_are_not_set_against_each_other():
    january = date(2026, 1, 1)
    first = RecurringItem(1, RENT, PLAIN, None, 1800 * MICRO, 1, january, FROM, january, FROM)
    made = make(
        recurring=[first, fee(1800)],
        usage=[calls(2500, start=january), calls(100)],
        promotions=[calls_back(during=DatePeriod(january))],
        periods=[DatePeriod(january, FROM), DatePeriod(FROM, UNTIL)],
    )

    assert credits_of(made) == [-1800, -100]


def test_promotion_counts_for_a_period_if_it_holds_on_its_last_day():
    assert credits_of(
        make(recurring=[fee(1000)], usage=[calls(10)], promotions=[calls_back(during=DatePeriod(date(2026, 2, 28)))])
    ) == [-10]
    ended = calls_back(during=DatePeriod(FROM, date(2026, 2, 28)))
    assert credits_of(make(recurring=[fee(1000)], usage=[calls(10)], promotions=[ended])) == []


def test_percentage_and_amount_promotions_work_on_what_is_left_in_order():
    half = calls_back(1, kind=PromotionKind.PERCENT_FOR_MONTHS, rate_ppm=500_000, rent_item_ids=frozenset(), priority=1)
    three = calls_back(
        2, kind=PromotionKind.AMOUNT_FOR_MONTHS, amount_micro=300 * MICRO, rent_item_ids=frozenset(), priority=2
    )

    assert credits_of(make(usage=[calls(1001)], promotions=[three, half])) == [-501, -300]
    assert credits_of(make(usage=[calls(400)], promotions=[three, half])) == [-200, -200]


def test_amount_for_a_whole_account_is_given_once():
    one = calls_back(kind=PromotionKind.AMOUNT_FOR_MONTHS, amount_micro=300 * MICRO, rent_item_ids=frozenset())

    assert credits_of(make(usage=[calls(400, of=1), calls(200, of=2)], promotions=[one])) == [-200, -100]


@given(
    rents=st.lists(st.integers(0, 5000), min_size=1, max_size=3),
    used=st.lists(st.tuples(st.integers(1, 3), st.integers(-500, 9000)), max_size=6),
    percent=st.integers(0, 1_000_000),
)
def test_credit_is_never_above_calls_nor_rent_and_the_bill_adds_up(rents, used, percent):
    usage = [calls(minor, of=of, item=CALLS if at % 2 else ABROAD) for at, (of, minor) in enumerate(used)]
    discounts = [Discount(5, percent, frozenset({CALLS}))] if percent else []
    recurring = [fee(minor, of=at) for at, minor in enumerate(rents, start=1)]
    without = make(recurring=recurring, usage=usage, discounts=discounts, table=TAXED)
    made = make(recurring=recurring, usage=usage, discounts=discounts, promotions=[calls_back()], table=TAXED)

    assert made.lines[: len(without.lines)] == tuple(
        line._replace(tax_minor=mine.tax_minor) for line, mine in zip(without.lines, made.lines, strict=False)
    )
    for subscription, rent in enumerate(rents, start=1):
        own = [line for line in made.lines if line.subscription_id == subscription]
        given = -sum(line.net_minor for line in own if line.kind is LineKind.PROMOTION)
        called = sum(
            line.net_minor
            for line in own
            if line.bill_item_id in (CALLS, ABROAD) and line.kind is not LineKind.PROMOTION
        )
        assert given == max(0, min(called, rent))
