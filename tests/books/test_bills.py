"""Worked examples of bills, in an accountant's words. Amounts in whole drams; tax 20 %."""

from datetime import date
from decimal import Decimal

from billing_site.ledger.balances import balance_of, turnover_of
from billing_site.ledger.models import LedgerAccount
from invoicing.models import Invoice, InvoiceLine
from invoicing.queries.papers import get_paper
from subscribers.models import Account
from subscribers.operations.accounts import give_discount
from subscribers.operations.subscriptions import add_feature, change_plan, terminate_subscription
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total, nets_of, pay
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_discount, make_feature, make_plan

MARCH_1, APRIL_1, APRIL_20 = date(2026, 3, 1), date(2026, 4, 1), date(2026, 4, 20)


def boxes(invoice: Invoice) -> tuple[int, int, int, int, int]:
    """Previous balance, payments, corrections, new charges, to pay."""
    frozen = invoice.frozen
    return (
        frozen["previous_minor"],
        frozen["payments_minor"],
        frozen["corrections_minor"],
        invoice.gross_minor,
        frozen["to_pay_minor"],
    )


def test_whole_month_of_a_fee_is_charged_in_full(db):
    line = make_line(plan=make_plan(fee=Decimal(3000)))

    invoice = invoice_of(line, run=bill_cycle(make_cycle()))

    assert nets_of(invoice) == [("RECURRING", 3000)]
    assert (invoice.net_minor, invoice.tax_minor, invoice.gross_minor) == (3000, 600, 3600)


def test_line_that_starts_on_the_15th_pays_14_of_28_days(db):
    line = make_line(plan=make_plan(fee=Decimal(2800)), active_from=date(2026, 2, 15))

    invoice = invoice_of(line, run=bill_cycle(make_cycle()))

    assert nets_of(invoice) == [("RECURRING", 1400)]
    assert InvoiceLine.objects.get(invoice_id=invoice.pk).explanation == {"days": 14, "of_days": 28}


def test_plan_changed_on_the_11th_splits_the_month_and_the_day_belongs_to_the_new_plan(db):
    """Ten days of 2,800 are 1,000; eighteen days of 5,600 are 3,600."""
    line = make_line(plan=make_plan(fee=Decimal(2800)))
    change_plan(
        subscription_id=line.pk, plan_id=make_plan(fee=Decimal(5600)).pk, changed_on=date(2026, 2, 11), actor=None
    )

    invoice = invoice_of(line, run=bill_cycle(make_cycle()))

    assert nets_of(invoice) == [("RECURRING", 1000), ("RECURRING", 3600)]


def test_line_ended_on_the_8th_pays_seven_days(db):
    line = make_line(plan=make_plan(fee=Decimal(2800)))
    terminate_subscription(subscription_id=line.pk, ended_on=date(2026, 2, 8), actor=None)

    invoice = invoice_of(line, run=bill_cycle(make_cycle()))

    assert nets_of(invoice) == [("RECURRING", 700)]


def test_tax_is_taken_on_the_category_once_and_shared_out(db):
    """Three lines of 1, 1 and 1 owe 20 % of 3, which is 0.6 and rounds to 1: one line carries it."""
    account = make_account()
    for _ in range(3):
        make_line(account=account, plan=make_plan(fee=Decimal(1)))

    run = bill_cycle(make_cycle())

    invoice = Invoice.objects.get(run_id=run.pk)
    assert (invoice.net_minor, invoice.tax_minor) == (3, 1)
    assert sorted(InvoiceLine.objects.values_list("tax_minor", flat=True)) == [0, 0, 1]


def test_phone_internet_and_a_feature_are_one_bill(db):
    """002-02: one number, one total, every service with its own lines, and one debt in the books."""
    account = make_account()
    phone = make_line(account=account, plan=make_plan(kind="FIXED", fee=Decimal(3000)))
    net = make_line(account=account, plan=make_plan(kind="INTERNET", fee=Decimal(5000)))
    add_feature(subscription_id=phone.pk, feature_id=make_feature().pk, from_on=date(2026, 2, 1), actor=None)
    make_usage_total(phone, amount_micro=61_000_000)
    bill_cycle(make_cycle())

    invoice = Invoice.objects.get(account_id=account.pk)
    lines = InvoiceLine.objects.filter(invoice_id=invoice.pk)
    nets = {(row.subscription_id, row.kind, row.net_minor) for row in lines}
    assert nets == {
        (phone.pk, "RECURRING", 3000), (phone.pk, "RECURRING", 200), (phone.pk, "USAGE", 61),
        (net.pk, "RECURRING", 5000),
    }  # fmt: skip
    assert invoice.number
    assert invoice.gross_minor == (3000 + 200 + 61 + 5000) * 12 // 10 == balance_of(account.ledger_account_id)
    paper = get_paper(invoice_id=invoice.pk)
    assert [(one.kind, one.gross_minor) for one in paper.services] == [("FIXED", 3913), ("INTERNET", 6000)]


def test_discount_of_ten_percent_stands_as_a_line_of_its_own(db):
    line = make_line()
    make_usage_total(line, amount_micro=500_000_000)
    discount = make_discount(percent=Decimal(10))
    give_discount(account_id=line.account_id, discount_id=discount.pk, from_on=date(2026, 1, 1), actor=None)

    invoice = invoice_of(line, run=bill_cycle(make_cycle()))

    assert nets_of(invoice) == [("RECURRING", 1000), ("USAGE", 500), ("DISCOUNT", -50)]
    revenue = LedgerAccount.objects.get(code="REVENUE:FIXED:CALLS")
    assert credited_to(revenue) == 450


def test_second_bill_shows_what_was_owed_paid_and_is_new(db):
    line = make_line()
    account = Account.objects.get(pk=line.account_id)
    cycle = make_cycle()
    bill_cycle(cycle)
    pay(account, 1000, on=date(2026, 3, 10))

    second = invoice_of(line, run=bill_cycle(cycle, issued_on=APRIL_1, due_on=APRIL_20))

    assert boxes(second) == (1200, -1000, 0, 1200, 1400)
    assert balance_of(account.ledger_account_id) == 1400


def test_account_paid_ahead_is_billed_to_its_advance(db):
    line = make_line()
    account = Account.objects.get(pk=line.account_id)
    pay(account, 5000, on=date(2026, 2, 20))

    first = invoice_of(line, run=bill_cycle(make_cycle()))

    assert boxes(first) == (0, -5000, 0, 1200, -3800)


def test_payment_during_the_run_waits_for_the_next_bill(db):
    """What a bill shows is as of the moment the run was planned, whatever comes in while it works."""
    line = make_line()
    account = Account.objects.get(pk=line.account_id)
    cycle = make_cycle()
    first = invoice_of(line, run=bill_cycle(cycle))
    pay(account, 1200, on=MARCH_1)

    second = invoice_of(line, run=bill_cycle(cycle, issued_on=APRIL_1, due_on=APRIL_20))

    assert boxes(first)[1] == 0
    assert boxes(second) == (1200, -1200, 0, 1200, 1200)


def credited_to(account: LedgerAccount) -> int:
    debits, credits_ = turnover_of(account.pk, first=MARCH_1, until=APRIL_1)
    return credits_ - debits
