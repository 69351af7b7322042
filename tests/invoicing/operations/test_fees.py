"""
000-06: fees as a run bills them: ahead or afterwards, parts by days, suspended days, cycles of several months; a day is
never charged twice (the database refuses), and none is skipped.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from invoicing.models import ChargedDays, Invoice, InvoiceLine
from invoicing.operations.bill_run_calculation import calculate_chunk
from invoicing.operations.bill_run_control import cancel_bill_run
from invoicing.queries.invariants import INVARIANTS
from subscribers.models import Account, Subscription
from subscribers.operations.bulk_loading import (
    NewAccount,
    NewSubscription,
    activate_subscriptions_in_bulk,
    open_accounts_in_bulk,
)
from subscribers.operations.subscriptions import (
    add_feature,
    change_plan,
    resume_subscription,
    suspend_subscription,
    terminate_subscription,
)
from tests.factories.credit_notes import cancel
from tests.factories.identity import make_centre
from tests.factories.invoicing import bill_cycle, calculate, invoice_of, make_usage_total
from tests.factories.subscribers import NOW, make_cycle, make_line
from tests.factories.tariffs import make_feature, make_plan

FEBRUARY, MARCH, APRIL, MAY = (date(2026, month, 1) for month in (2, 3, 4, 5))
TENTH = date(2026, 3, 10)
pytestmark = pytest.mark.django_db


def lines_of(line, *, run):
    rows = InvoiceLine.objects.filter(invoice_id=invoice_of(line, run=run).pk, kind="RECURRING").order_by("n")
    return [(row.period_from, row.period_until, row.net_minor) for row in rows]


def bill_month(cycle, first, *, post=True, **wish):
    """Bill the period that ends on a day."""
    do = bill_cycle if post else calculate
    return do(cycle, issued_on=first, due_on=first + timedelta(days=20), **wish)


def findings():
    return [found for one in INVARIANTS for found in one.findings()]


def make_thousand(*, plan, cycle):
    centre = make_centre()
    new = [
        NewAccount(kind="PERSON", name=f"Ani {n}", language="hy", centre_id=centre.pk, cycle_id=cycle.pk,
                   opened_on=date(2026, 1, 1))
        for n in range(1000)
    ]  # fmt: skip
    accounts = open_accounts_in_bulk(accounts=new, actor=None)
    starts = [TENTH if n % 25 == 0 else date(2026, 1, 15) for n in range(1000)]
    return activate_subscriptions_in_bulk(
        lines=[
            NewSubscription(account_id=account.pk, plan_id=plan.pk, active_from=start)
            for account, start in zip(accounts, starts, strict=True)
        ],
        at=NOW,
        actor=None,
    )


def fees_of(run):
    bills = Invoice.objects.filter(run_id=run.pk).exclude(state="CANCELLED")
    nets = defaultdict(list)
    for pk, net in (
        InvoiceLine.objects.filter(invoice_id__in=bills.values("pk"))
        .order_by("invoice_id", "n")
        .values_list("invoice_id", "net_minor")
    ):
        nets[pk].append(net)
    return {account: (net, nets[pk]) for pk, account, net in bills.values_list("pk", "account_id", "net_minor")}


def test_thousand_subscribers_with_joins_leavers_and_changes_on_the_tenth():
    """000-06, 004-01: each fee equals days x price as the plan says; a second run changes nothing."""
    cycle = make_cycle(open_from=MARCH)
    plan, other = make_plan(fee=Decimal(3100)), make_plan(fee=Decimal(6200))
    lines = make_thousand(plan=plan, cycle=cycle)
    for n, line in enumerate(lines):
        if n % 25 == 1:
            terminate_subscription(subscription_id=line.pk, ended_on=TENTH, actor=None)
        elif n % 25 == 2:
            change_plan(subscription_id=line.pk, plan_id=other.pk, changed_on=TENTH, actor=None)

    run = bill_month(cycle, APRIL, post=False, chunk_accounts=100)

    wanted = {0: (2200, [2200]), 1: (900, [900]), 2: (900 + 4400, [900, 4400])}
    fees = fees_of(run)
    assert fees == {line.account_id: wanted.get(n % 25, (3100, [3100])) for n, line in enumerate(lines)}
    for chunk_id in run.chunks.values_list("pk", flat=True)[:3]:
        with transaction.atomic():
            calculate_chunk(chunk_id=chunk_id)
    assert fees_of(run) == fees
    cancel_bill_run(run_id=run.pk, actor=None)
    assert fees_of(bill_month(cycle, APRIL, chunk_accounts=100)) == fees
    assert findings() == []


def test_fee_in_advance_over_a_change_and_an_end():
    """000-06: the part first, then month by month ahead; a change and an end give back what was paid."""
    cycle = make_cycle()
    plan, other = (make_plan(fee=Decimal(fee), timing="ADVANCE") for fee in (3100, 6200))
    line = make_line(plan=plan, active_from=date(2026, 2, 15))
    assert lines_of(line, run=bill_month(cycle, MARCH)) == [
        (date(2026, 2, 15), MARCH, 1550), (MARCH, APRIL, 3100),
    ]  # fmt: skip

    change_plan(subscription_id=line.pk, plan_id=other.pk, changed_on=TENTH, actor=None)
    assert lines_of(line, run=bill_month(cycle, APRIL)) == [
        (TENTH, APRIL, -2200), (TENTH, APRIL, 4400), (APRIL, MAY, 6200),
    ]  # fmt: skip

    terminate_subscription(subscription_id=line.pk, ended_on=date(2026, 4, 11), actor=None)
    assert lines_of(line, run=bill_month(cycle, MAY)) == [(date(2026, 4, 11), MAY, -4133)]
    assert findings() == []


def test_end_at_the_very_edge_gives_back_the_month_ahead():
    cycle = make_cycle()
    line = make_line(plan=make_plan(fee=Decimal(3100), timing="ADVANCE"))
    bill_month(cycle, MARCH)
    terminate_subscription(subscription_id=line.pk, ended_on=MARCH, actor=None)

    assert lines_of(line, run=bill_month(cycle, APRIL)) == [(MARCH, APRIL, -3100)]


@pytest.mark.parametrize(("percent", "nets"), [(100, [3100]), (50, [900, 500, 1200]), (0, [900, 0, 1200])])
def test_suspended_days_in_arrears(percent, nets):
    cycle = make_cycle(open_from=MARCH)
    line = make_line(plan=make_plan(fee=Decimal(3100), suspended_percent=percent))
    suspend_subscription(subscription_id=line.pk, suspended_on=TENTH, actor=None)
    resume_subscription(subscription_id=line.pk, resumed_on=date(2026, 3, 20), actor=None)

    assert [net for _from, _until, net in lines_of(line, run=bill_month(cycle, APRIL))] == nets
    assert findings() == []


@pytest.mark.parametrize(
    ("terms", "nets"),
    [({"end_proration": "WHOLE"}, [900, 4400]), ({"end_proration": "THIRTY_DAYS"}, [900, 2333]),
     ({"change_proration": "WHOLE"}, [3100, 2200])],
)  # fmt: skip
def test_parts_in_arrears_go_by_the_policy_of_their_edge(terms, nets):
    """A change on the 10th, an end on the 21st: what is missing at an edge costs what the edge's policy says."""
    cycle = make_cycle(open_from=MARCH)
    line = make_line(plan=make_plan(fee=Decimal(3100), **terms))
    other = make_plan(fee=Decimal(6200), **{**terms, "change_proration": "SAME"})
    change_plan(subscription_id=line.pk, plan_id=other.pk, changed_on=TENTH, actor=None)
    terminate_subscription(subscription_id=line.pk, ended_on=date(2026, 3, 21), actor=None)

    assert [net for _from, _until, net in lines_of(line, run=bill_month(cycle, APRIL))] == nets
    assert findings() == []


def test_account_that_a_run_set_aside_is_charged_its_month_ahead_by_the_next():
    cycle = make_cycle()
    line = make_line(plan=make_plan(timing="ADVANCE"))
    make_line(plan=make_plan())
    Account.objects.filter(pk=line.account_id).update(currency="USD")
    bill_month(cycle, MARCH)
    Account.objects.filter(pk=line.account_id).update(currency="AMD")

    made = lines_of(line, run=bill_month(cycle, APRIL))

    assert made == [(FEBRUARY, MARCH, 1000), (MARCH, APRIL, 1000), (APRIL, MAY, 1000)]
    assert findings() == []


def test_suspension_of_days_paid_ahead_is_settled_by_the_next_bill():
    cycle = make_cycle()
    line = make_line(plan=make_plan(fee=Decimal(3100), timing="ADVANCE", suspended_percent=0))
    bill_month(cycle, MARCH)
    suspend_subscription(subscription_id=line.pk, suspended_on=TENTH, actor=None)

    assert lines_of(line, run=bill_month(cycle, APRIL)) == [
        (TENTH, APRIL, -2200), (TENTH, APRIL, 0), (APRIL, MAY, 0),
    ]  # fmt: skip


def test_feature_by_the_quarter_on_any_bill_day():
    """The anchor stays the 31st, whatever the months between are long."""
    cycle = make_cycle(bill_day=31, open_from=date(2026, 1, 31))
    line = make_line(active_from=date(2026, 1, 31))
    feature = make_feature(amount=Decimal(900), months=3)
    add_feature(subscription_id=line.pk, feature_id=feature.pk, from_on=date(2026, 1, 31), actor=None)

    fees = [
        lines_of(line, run=bill_month(cycle, day)) for day in (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30))
    ]

    assert [[row for row in bill if row[2] == 900] for bill in fees] == [
        [],
        [],
        [(date(2026, 1, 31), date(2026, 4, 30), 900)],
    ]
    assert findings() == []


def test_cycle_of_three_months_bills_each_month_and_its_use_once():
    cycle = make_cycle(open_from=FEBRUARY, months=3)
    line = make_line(active_from=date(2026, 2, 15))
    for month in (FEBRUARY, APRIL):
        make_usage_total(line, amount_micro=7_000_000, bill_period=month)

    run = bill_month(cycle, MAY)
    assert lines_of(line, run=run) == [(date(2026, 2, 15), MARCH, 500), (MARCH, APRIL, 1000), (APRIL, MAY, 1000)]
    assert run.net_minor == 2500 + 14
    cycle.refresh_from_db()
    assert cycle.open_from == MAY
    assert bill_month(cycle, date(2026, 8, 1)).net_minor == 3000
    assert findings() == []


def test_bill_of_three_months_taken_back_is_charged_anew_for_each_month(specialist):
    """002-13: the next bill has the three months before and its own."""
    cycle = make_cycle(open_from=FEBRUARY, months=3)
    line = make_line(active_from=FEBRUARY)
    run = bill_month(cycle, MAY)
    cancel(invoice_of(line, run=run), specialist, at=datetime(2026, 5, 3, 8, tzinfo=UTC))
    cycle.refresh_from_db()

    assert bill_month(cycle, date(2026, 8, 1)).net_minor == 6000
    assert findings() == []


def test_database_refuses_a_day_twice():
    cycle = make_cycle()
    line = make_line(plan=make_plan(timing="ADVANCE"))
    bill_month(cycle, MARCH)
    entry = ChargedDays.objects.order_by("pk")[0]

    for broken in (1, -1):
        copy = ChargedDays.objects.get(pk=entry.pk)
        copy.pk, copy.sign = None, broken
        copy.start_on = entry.start_on if broken == 1 else date(2026, 1, 1)
        copy.period_from = min(copy.start_on, copy.period_from)
        with pytest.raises(IntegrityError, match="would be charged"), transaction.atomic():
            copy.save(force_insert=True)
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        ChargedDays.objects.all().delete()
    assert ChargedDays.objects.filter(subscription_id=line.pk).count() == 2


def test_database_refuses_two_bills_of_a_day_and_lines_of_other_bills():
    cycle = make_cycle()
    line = make_line()
    bill_month(cycle, MARCH)
    bill = invoice_of(line, run=bill_month(cycle, APRIL, post=False))
    row = InvoiceLine.objects.get(invoice_id=bill.pk)
    row.n, row.period_from = 9, FEBRUARY
    with pytest.raises(IntegrityError, match="another bill"), transaction.atomic():
        row.save(force_insert=True)
    bill.pk, bill.period_from, bill.period_until = None, TENTH, MAY
    with pytest.raises(IntegrityError, match="of another one"), transaction.atomic():
        bill.save(force_insert=True)
    assert (Invoice.objects.count(), InvoiceLine.objects.count()) == (2, 2)


def test_cancelled_drafts_free_their_days():
    cycle = make_cycle()
    make_line(plan=make_plan(timing="ADVANCE"))
    run = bill_month(cycle, MARCH, post=False)
    assert ChargedDays.objects.count() == 2

    cancel_bill_run(run_id=run.pk, actor=None)

    assert ChargedDays.objects.count() == 0
    assert bill_month(cycle, MARCH).net_minor == 2000
    assert Subscription.objects.count() == 1
