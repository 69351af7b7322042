"""004-08: a yearly contract gives its bonus once, and leaving early is charged as agreed. Whole drams; tax 20 %."""

from datetime import date
from decimal import Decimal

import pytest

from billing_site.jobs.models import WorkItem
from invoicing.models import ContractBilling, Invoice, InvoiceLine
from invoicing.operations.bill_run_control import cancel_bill_run
from subscribers.models import BillCycle, Subscription
from subscribers.operations.subscriptions import change_plan, terminate_subscription
from tests.factories.agreements import contract_of, make_term
from tests.factories.invoicing import bill_cycle, calculate, invoice_of, nets_of
from tests.factories.subscribers import make_cycle, make_line
from tests.factories.tariffs import make_plan

pytestmark = pytest.mark.django_db


def yearly(**term) -> Subscription:
    plan = make_plan()
    line = make_line(plan=plan)
    contract_of(line, make_term(plan.code, **term))
    return line


def run_of(month: int, cycle: BillCycle | None = None):
    return bill_cycle(cycle or make_cycle(), issued_on=date(2026, month, 1), due_on=date(2026, month, 20))


def test_004_08_bonus_comes_on_the_first_bill_and_on_no_other():
    line = yearly()

    first, second = (invoice_of(line, run=run_of(month)) for month in (3, 4))

    assert nets_of(first) == [("RECURRING", 1000), ("BONUS", -500)]
    assert (first.net_minor, first.tax_minor) == (500, 100)
    assert nets_of(second) == [("RECURRING", 1000)]


def test_004_08_bonus_after_two_months_comes_on_the_bill_of_its_day():
    line = yearly(after_months=2)

    bonuses = [
        sum(net for kind, net in nets_of(invoice_of(line, run=run_of(month))) if kind == "BONUS")
        for month in (3, 4, 5, 6)
    ]

    assert bonuses == [0, 0, -500, 0]


def test_004_08_bonus_of_a_run_thrown_away_comes_with_the_next_one_and_once():
    line, cycle = yearly(), make_cycle()
    thrown = calculate(cycle)
    assert ContractBilling.objects.count() == 1

    cancel_bill_run(run_id=thrown.pk, actor=None)

    assert ContractBilling.objects.count() == 0
    again = invoice_of(line, run=run_of(3))
    assert nets_of(again) == [("RECURRING", 1000), ("BONUS", -500)]
    billing = ContractBilling.objects.get()
    assert (billing.invoice_id, billing.n, billing.kind) == (again.pk, 2, "BONUS")
    assert WorkItem.objects.exclude(last_error="").count() == 0


@pytest.mark.parametrize(
    ("policy", "fee"),
    [("FIXED", 1200), ("REMAINING_MONTHS", 13200), ("DECLINING", 1100)],
    ids=["fixed", "remaining months", "declining"],
)
def test_004_08_leaving_early_is_charged_as_agreed_on_the_last_bill(policy, fee):
    line = yearly(bonus=None, policy=policy)
    terminate_subscription(subscription_id=line.pk, ended_on=date(2026, 2, 15), actor=None)

    last = invoice_of(line, run=run_of(3))

    assert nets_of(last) == [("RECURRING", 500), ("LEAVING_FEE", fee)]
    line_of_fee = InvoiceLine.objects.get(invoice_id=last.pk, kind="LEAVING_FEE")
    assert line_of_fee.period_from == date(2026, 2, 14)
    assert (line_of_fee.explanation or {})["left_on"] == "2026-02-15"
    assert (line_of_fee.explanation or {})["months_left"] == 11
    run_of(4)
    assert Invoice.objects.filter(account_id=line.account_id).count() == 1


def test_004_08_leaving_at_the_end_costs_nothing():
    line = yearly(months=1, bonus=None, policy="FIXED")
    terminate_subscription(subscription_id=line.pk, ended_on=date(2026, 3, 1), actor=None)

    assert nets_of(invoice_of(line, run=run_of(3))) == [("RECURRING", 1000)]
    run_of(4)
    assert ContractBilling.objects.count() == 0


def test_004_08_leaving_on_the_first_day_of_the_next_period_is_charged_on_the_bill_that_is_the_last():
    line = yearly(bonus=None, policy="FIXED")
    terminate_subscription(subscription_id=line.pk, ended_on=date(2026, 3, 1), actor=None)

    assert nets_of(invoice_of(line, run=run_of(3))) == [("RECURRING", 1000), ("LEAVING_FEE", 1200)]


def test_004_08_to_change_to_another_plan_is_to_leave_and_the_bonus_not_come_is_lost():
    line = yearly(after_months=1, policy="FIXED")
    other = make_plan(fee=Decimal(280))
    change_plan(subscription_id=line.pk, plan_id=other.pk, changed_on=date(2026, 2, 15), actor=None)

    assert nets_of(invoice_of(line, run=run_of(3))) == [("RECURRING", 500), ("RECURRING", 140), ("LEAVING_FEE", 1200)]
    assert nets_of(invoice_of(line, run=run_of(4))) == [("RECURRING", 280)]
