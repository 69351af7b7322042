"""Payment and reminder at once, with real connections and commits: whoever has paid is not reminded (001-13)."""

import threading
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connections, transaction

from billing_site.jobs.models import WorkItem
from billing_site.jobs.work import drain
from payments.models import DunningAct, DunningRun
from payments.operations.dunning_runs import DUN, start_dunning_run
from payments.operations.payments import receive_payment
from subscribers.models import Notice
from subscribers.operations.notices import SEND_NOTICE
from tests.factories.dunning import make_debt, make_policy
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account
from tests.fixtures.blocked import wait_until_somebody_waits

DAY = date(2026, 3, 5)
TEN = datetime.fromisoformat("2026-03-05T06:00:00+00:00")


@pytest.fixture(scope="module", autouse=True)
def network(fresh_database):
    make_policy()
    return make_network()


# The operation without its own transaction: the test holds the payment's transaction open.
pay_inside: Any = vars(receive_payment)["__wrapped__"]


def aside(act):
    """Do something on a connection of its own; return the thread."""

    def run():
        try:
            act()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def debtor():
    account = make_account(email="debtor@example.com")
    make_debt(account, 1000, due_on=DAY - timedelta(days=20))
    return account


def test_run_that_begins_while_a_payment_is_under_way_waits_and_reminds_nobody(network):
    """The payment of 10:00:00 commits after the run of 10:00:01 has begun."""
    account = debtor()
    run = start_dunning_run(day=DAY, today=DAY, started_by=None)
    with transaction.atomic():
        pay_inside(
            channel="TERMINAL",
            key="easypay:1",
            account_number=account.number,
            amount=Decimal(1000),
            received_at=TEN,
            network_id=network.pk,
            network_txn_id="1",
        )
        running = aside(lambda: drain(DUN))
        wait_until_somebody_waits()
        assert running.is_alive()
    running.join(timeout=60)

    run.refresh_from_db()
    assert (run.state, DunningAct.objects.filter(account=account).count()) == ("DONE", 0)
    assert not Notice.objects.filter(account=account).exists()
    assert list(WorkItem.objects.exclude(last_error="")) == []


def test_mail_that_waits_for_a_payment_is_not_sent(network):
    """Written in time, paid while the mail was about to leave."""
    account = debtor()
    day = DAY + timedelta(days=1)
    start_dunning_run(day=day, today=day, started_by=None)
    drain(DUN)
    assert DunningAct.objects.filter(account=account).count() == 1
    with transaction.atomic():
        type(account).objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
        sending = aside(lambda: drain(SEND_NOTICE))
        wait_until_somebody_waits()
        assert sending.is_alive()
        pay_inside(
            channel="TERMINAL",
            key="easypay:2",
            account_number=account.number,
            amount=Decimal(1000),
            received_at=TEN,
            network_id=network.pk,
            network_txn_id="2",
        )
    sending.join(timeout=60)

    assert Notice.objects.get(account=account).state == "WITHDRAWN"
    assert [one for one in mail.outbox if account.number in one.body] == []


def test_two_workers_and_two_plans_of_one_day_take_each_step_once(network):
    accounts = [debtor() for _ in range(5)]
    day = DAY + timedelta(days=2)
    plans = [aside(lambda: start_dunning_run(day=day, today=day, started_by=None)) for _ in range(3)]
    for plan in plans:
        plan.join(timeout=60)
    workers = [aside(lambda: drain(DUN)) for _ in range(3)]
    for worker in workers:
        worker.join(timeout=60)

    assert DunningRun.objects.get(day=day).state == "DONE"
    taken = DunningAct.objects.filter(run__day=day).values_list("account_id", flat=True)
    assert sorted(taken) == sorted(account.pk for account in accounts)
    assert pay(accounts[0].number, "1000", network=network, txn_id="3").is_repeat is False
