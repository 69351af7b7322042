"""The broker is a doorbell: emptied or gone while payments come in, no payment is lost and none is doubled."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections

from billing_site.console.books import check_books
from billing_site.core.clock import now
from billing_site.ledger.models import LedgerEntry
from payments.domain.gateway import PayRequest, Result
from payments.models import Payment, TerminalNetwork
from payments.operations.gateway import answer_network
from tests.factories.payments import DAY, make_account, make_invoice, make_network
from tests.jobs.conftest import broker, flush, use_broker

__all__ = ["broker"]
NOBODY = "redis+socket:///nowhere/at-all.sock"


@pytest.fixture(scope="module", autouse=True)
def accounts(fresh_database):
    make_network()
    made = [make_account() for _ in range(4)]
    for account in made:
        make_invoice(account, gross_minor=30, due_on=DAY)
    return made


def pay_all(accounts, *, first, meanwhile=lambda: None):
    """Forty payments, each sent twice, from four threads; return what they were told."""

    def one(n):
        asked = PayRequest(txn_id=str(first + n // 2), account_number=accounts[n // 2 % 4].number, amount=Decimal(10))
        if n % 10 == 5:
            meanwhile()
        try:
            return answer_network(network=TerminalNetwork.objects.get(), asked=asked, at=now())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(one, range(80)))


def assert_all_is_there(answers, *, count):
    assert {answer.result for answer in answers} == {Result.OK}
    assert answers[::2] == answers[1::2]
    assert Payment.objects.count() == LedgerEntry.objects.filter(source_type="PAYMENT").count() == count
    assert check_books(only=("ledger", "payments", "audit", "jobs")) == ()


def test_broker_wiped_in_the_middle_of_payments(accounts, broker):
    assert_all_is_there(pay_all(accounts, first=1, meanwhile=flush), count=40)


def test_broker_gone_in_the_middle_of_payments(accounts, broker):
    try:
        answers = pay_all(accounts, first=101, meanwhile=lambda: use_broker(NOBODY))
    finally:
        use_broker(broker)

    assert_all_is_there(answers, count=80)
