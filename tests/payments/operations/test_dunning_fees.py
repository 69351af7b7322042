"""Fees of dunning: charged once by the published policy, billed with the next bill, taken back if nobody was told."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from billing_site.jobs.work import drain
from invoicing.models import Invoice, OneOffCharge
from payments.models import DunningFee, DunningPolicy, DunningStep
from payments.operations.dunning_policies import DunningFeeWithoutItem
from payments.queries.held_back import hold_back
from subscribers.models import Notice
from subscribers.operations.notices import SEND_NOTICE
from tests.factories.dunning import draft_policy, make_debt, make_policy, run_on
from tests.factories.invoicing import bill_cycle, nets_of
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range
from tests.factories.tariffs import make_bill_item

pytestmark = pytest.mark.django_db
DAY = date(2026, 2, 20)
DUE = DAY - timedelta(days=20)
LADDER = ((5, "REMINDER", "FIRM"), (20, "RESTRICTION", "BARRED"))


@pytest.fixture
def policy():
    item = make_bill_item(code="LATE_FEE")
    fees = {"late_fees": {5: 300}, "fee_item_id": item.pk, "reconnection_fee_minor": 500}
    return make_policy(ladder=LADDER, **fees)


def debtor(cycle=None):
    account = make_account(email="debtor@example.com", cycle=cycle or make_cycle())
    first = f"9991030{account.pk % 10_000:04d}"
    make_range(first=first, count=1)
    make_line(account=account, number=first)
    return account, make_debt(account, 1000, due_on=DUE)


def at(day, hour=6):
    return datetime.fromisoformat(f"{day}T{hour:02d}:00:00+00:00")


def charges():
    return list(OneOffCharge.objects.order_by("id").values_list("kind", "price_micro", "note", "state"))


def test_step_with_a_fee_charges_it_once_with_the_next_bill(policy):
    cycle = make_cycle()
    account, debt = debtor(cycle)
    run_on(DAY)
    run_on(DAY)
    drain(SEND_NOTICE)

    assert charges() == [("PENALTY", 300_000_000, debt.number, "READY")]
    assert DunningFee.objects.get(act__n=1).charge.kind == "PENALTY"
    assert sorted("300 AMD, before tax" in one.body for one in mail.outbox) == [False, True]
    bill_cycle(cycle)
    bill = Invoice.objects.exclude(pk=debt.pk).get(account_id=account.pk)
    assert ("ONE_OFF", 300) in nets_of(bill)


def test_fee_goes_back_with_a_reminder_that_reached_nobody(policy):
    account, debt = debtor()
    run_on(DAY)
    pay(account.number, "1000", network=make_network(), txn_id="1", received_at=at(DAY, hour=9))

    assert charges() == [("PENALTY", 300_000_000, debt.number, "WITHDRAWN")]
    assert set(Notice.objects.values_list("state", flat=True)) == {"WITHDRAWN"}


def test_fee_stays_where_the_reminder_was_read(policy):
    account, _debt = debtor()
    run_on(DAY)
    drain(SEND_NOTICE)
    pay(account.number, "1000", network=make_network(), txn_id="1", received_at=at(DAY, hour=9))

    assert [state for *_rest, state in charges()] == ["READY"]


def test_lines_made_free_by_payment_cost_the_reconnection_fee_once(policy):
    account, debt = debtor()
    run_on(DAY)
    run_on(DAY + timedelta(days=15))
    drain(SEND_NOTICE)
    pay(account.number, "1000", network=make_network(), txn_id="1", received_at=at(DAY + timedelta(days=16)))
    pay(account.number, "1000", network=make_network(), txn_id="2", received_at=at(DAY + timedelta(days=17)))

    assert charges()[1:] == [("CONNECTION", 500_000_000, debt.number, "READY")]
    assert DunningFee.objects.filter(act__isnull=True).count() == 1


def test_disputed_debt_costs_nothing(policy):
    """D13: what is disputed is kept out of dunning and of late fees."""
    _account, debt = debtor()
    hold_back(name="tests", holder=lambda _ids, _on: {debt.pk: 1000})
    try:
        run_on(DAY)
    finally:
        hold_back(name="tests", holder=lambda _ids, _on: {})

    assert not OneOffCharge.objects.exists()


def test_fee_without_an_item_to_bill_it_as_is_refused():
    with pytest.raises(DunningFeeWithoutItem):
        draft_policy(reconnection_fee_minor=500)
    with pytest.raises(DunningFeeWithoutItem):
        draft_policy(ladder=LADDER, late_fees={5: 300})

    assert not DunningStep.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        DunningPolicy.objects.update(reconnection_fee_minor=500)
