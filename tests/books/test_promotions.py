"""001-15 in the books: what is given back of calls, from the agreement to revenue by bill item. Tax 20 %."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import override_settings

from billing_site.ledger.balances import balance_of, turnover_of
from billing_site.ledger.models import LedgerAccount
from invoicing.models import Invoice, InvoiceLine
from invoicing.queries.digests import digest_of_run
from subscribers.models import Account, Subscription
from subscribers.operations.agreements import end_promotion
from subscribers.operations.subscriptions import add_feature
from tariffs.domain.promotions import PromotionKind
from tests.factories.agreements import agree, make_promotion
from tests.factories.invoicing import bill_cycle, calculate, invoice_of, make_usage_total, nets_of
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_feature, make_plan, make_tax_category

MICRO = 1_000_000
pytestmark = pytest.mark.django_db


def rented_line(*, calls_micro: int, account: Account | None = None) -> Subscription:
    """A line with rent 18.00 and new services 2.80 that is given its calls back."""
    line = make_line(account=account, plan=make_plan(fee=Decimal(18)))
    feature = make_feature(code=f"NEW-{line.pk}", amount=Decimal("2.80"))
    add_feature(subscription_id=line.pk, feature_id=feature.pk, from_on=date(2026, 2, 1), actor=None)
    if calls_micro:
        make_usage_total(line, amount_micro=calls_micro)
    return line


def revenue_of(item: str) -> int:
    account = LedgerAccount.objects.filter(code=item).first()
    if account is None:
        return 0
    debits, earned = turnover_of(account.pk, first=date(2026, 1, 1), until=date(2027, 1, 1))
    return earned - debits


@pytest.mark.parametrize(
    ("calls_micro", "credit", "due"),
    [(12 * MICRO, -1200, 2080), (25 * MICRO, -1800, 2780), (0, 0, 2080)],
    ids=["calls 12.00", "calls 25.00", "no calls"],
)
@override_settings(SALDO_CURRENCY_DIGITS=2)
def test_001_15_due_is_rent_and_new_services_and_what_the_calls_exceed_the_rent(calls_micro, credit, due):
    make_tax_category(percent=Decimal(0))
    line = rented_line(calls_micro=calls_micro)
    agree(line, make_promotion())

    invoice = invoice_of(line, run=bill_cycle(make_cycle()))

    given = [net for kind, net in nets_of(invoice) if kind == "PROMOTION"]
    assert (sum(given), invoice.gross_minor) == (credit, due)
    assert balance_of(Account.objects.get(pk=line.account_id).ledger_account_id) == due
    assert revenue_of("REVENUE:FIXED:CALLS") == calls_micro // 10_000 + credit
    assert revenue_of("REVENUE:FIXED:FEE-FIXED") == 1800


@override_settings(SALDO_CURRENCY_DIGITS=2)
def test_001_15_tax_is_taken_on_what_is_left_and_each_line_of_the_account_has_its_own_credit():
    account = make_account()
    first, second = (rented_line(calls_micro=calls * MICRO, account=account) for calls in (12, 25))
    agree(first, make_promotion(), whole_account=True)

    invoice = invoice_of(first, run=bill_cycle(make_cycle()))

    given = InvoiceLine.objects.filter(invoice_id=invoice.pk, kind="PROMOTION").order_by("n")
    assert list(given.values_list("subscription_id", "net_minor")) == [(first.pk, -1200), (second.pk, -1800)]
    assert (invoice.net_minor, invoice.tax_minor, invoice.gross_minor) == (4860, 972, 5832)
    assert revenue_of("TAX:STANDARD") == 972


def test_001_16_line_of_the_credit_keeps_promotion_agreement_and_figures():
    line = make_line(plan=make_plan(fee=Decimal(18)))
    make_usage_total(line, amount_micro=12_000_000)
    promotion = make_promotion()
    agreement = agree(line, promotion)

    invoice = invoice_of(line, run=bill_cycle(make_cycle()))

    credit = InvoiceLine.objects.get(invoice_id=invoice.pk, kind="PROMOTION")
    assert credit.explanation == {
        "promotion": promotion.pk,
        "agreement": agreement.number,
        "agreed_on": "2026-01-20",
        "base_minor": 12,
        "limit_minor": 18,
        "given_minor": 12,
    }
    assert (credit.period_from, credit.period_until) == (date(2026, 2, 1), date(2026, 3, 1))


def test_promotion_ended_on_a_day_of_the_period_gives_nothing_back():
    line = make_line()
    make_usage_total(line, amount_micro=12_000_000)
    agreement = agree(line, make_promotion())
    end_promotion(agreement_id=agreement.pk, until_on=date(2026, 2, 20), actor=None)

    invoice = invoice_of(line, run=bill_cycle(make_cycle()))

    assert nets_of(invoice) == [("RECURRING", 1000), ("USAGE", 12)]


def test_amount_for_two_months_is_given_on_two_bills():
    line, cycle = make_line(), make_cycle()
    two = make_promotion(
        kind=PromotionKind.AMOUNT_FOR_MONTHS, credited=["FEE-FIXED"], rent=(), amount=Decimal(300), months=2
    )
    agree(line, two, from_on=date(2026, 2, 10))

    given = []
    for month in (3, 4, 5):
        run = bill_cycle(cycle, issued_on=date(2026, month, 1), due_on=date(2026, month, 20))
        given.append(sum(net for kind, net in nets_of(invoice_of(line, run=run)) if kind == "PROMOTION"))

    assert given == [-300, -300, 0]


def test_digest_of_a_run_with_credits_is_the_same_when_it_is_made_anew():
    line = make_line()
    make_usage_total(line, amount_micro=12_000_000)
    agree(line, make_promotion())
    run = calculate(make_cycle())

    assert digest_of_run(run_id=run.pk) == digest_of_run(run_id=run.pk)
    assert Invoice.objects.get(run_id=run.pk).net_minor == 1000
