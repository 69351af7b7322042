"""The same payment sent many times at once, with real threads and real commits: one payment, one answer."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test import Client
from lxml import etree

from billing_site.core.clock import machine_now
from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerEntry
from payments.domain.gateway import Result
from payments.models import Allocation, Payment, PaymentReversal
from payments.queries.payments import advance_of
from tests.factories.payments import DAY, make_account, make_invoice, make_network, signed
from tests.fixtures.blocked import wait_until_somebody_waits

GATE = "/payments/gateway/easypay/"
SENDERS = (16, 20)


@pytest.fixture(scope="module", autouse=True)
def network(fresh_database):
    make_network()


def send(parameters):
    """Send one request on a connection of its own; who is told to come back comes back, as terminals do."""
    try:
        while is_to_come_back(answer := Client().get(GATE, signed(parameters, at=machine_now())).content):
            time.sleep(0.05)
        return answer
    finally:
        connections.close_all()


def is_to_come_back(answer):
    """On a machine with too much to do a request may wait at a lock for so long that it is sent away."""
    return answer == b"Busy" or etree.fromstring(answer).findtext("result") == str(int(Result.ASK_AGAIN))


def all_at_once(requests):
    """Send every request in a thread of its own, the threads let go together."""
    gate = threading.Barrier(len(requests))

    def wait_and_send(parameters):
        gate.wait(timeout=60)
        return send(parameters)

    with ThreadPoolExecutor(max_workers=len(requests)) as pool:
        return list(pool.map(wait_and_send, requests))


def request_of(account, *, txn_id, amount="100"):
    return {
        "command": "pay",
        "txn_id": txn_id,
        "account": account.number,
        "sum": amount,
        "txn_date": "20260305085900",
    }


def results(answers):
    return Counter(etree.fromstring(answer).findtext("result") for answer in answers)


@pytest.mark.parametrize("senders", SENDERS)
def test_same_transaction_at_once_posts_once_and_answers_alike(senders):
    """000-12: the same txn_id sent 20 times at once: one payment, 20 equal answers. 3c row 1."""
    account = make_account()
    make_invoice(account, gross_minor=30, due_on=DAY)

    answers = all_at_once([request_of(account, txn_id=str(senders))] * senders)

    assert len(set(answers)) == 1
    assert results(answers) == {"0": senders}
    payment = Payment.objects.get(account=account)
    assert LedgerEntry.objects.filter(source_type="PAYMENT", source_id=str(payment.pk)).count() == 1
    assert balance_of(account.ledger_account_id) == -100
    assert Allocation.objects.filter(payment=payment).count() == 1
    assert advance_of(account.pk) == 70


def test_a_hundred_repetitions_of_five_payments_post_five():
    """3c row 1, as ``bench gateway-retries`` in small: whoever is told to come back comes back."""
    account = make_account()
    orders = [request_of(account, txn_id=f"5{n % 5}") for n in range(100)]

    with ThreadPoolExecutor(max_workers=32) as pool:
        told = set(pool.map(send, orders))

    assert len(told) == 5
    assert results(told) == {"0": 5}
    assert Payment.objects.filter(account=account).count() == 5
    assert balance_of(account.ledger_account_id) == -500


def test_cancel_sixteen_times_at_once_takes_back_once():
    """3c row 9."""
    account = make_account()
    send(request_of(account, txn_id="600"))

    answers = all_at_once([{"command": "cancel", "txn_id": "600"}] * 16)

    assert len(set(answers)) == 1
    assert results(answers) == {"0": 16}
    assert PaymentReversal.objects.filter(payment__account=account).count() == 1
    assert balance_of(account.ledger_account_id) == 0


def test_same_transaction_with_other_accounts_at_once_posts_one_of_them():
    """Invariant 30: the losers wait at the unique key, then are told of the conflict."""
    accounts = [make_account() for _ in range(8)]

    answers = all_at_once([request_of(account, txn_id="777") for account in accounts])

    assert results(answers) == {"0": 1, "8": 7}
    payment = Payment.objects.get(key="easypay:777")
    assert sum(balance_of(account.ledger_account_id) for account in accounts) == -100
    assert [balance_of(account.ledger_account_id) for account in accounts if account.pk == payment.account_id] == [-100]


def test_many_payments_of_one_account_at_once_never_use_a_bill_twice():
    """Invariant 35: twelve payments of 100 for bills of 450."""
    account = make_account()
    bills = [make_invoice(account, gross_minor=minor, due_on=DAY.replace(day=n)) for n, minor in [(1, 150), (2, 300)]]

    answers = all_at_once([request_of(account, txn_id=f"9{n:03d}") for n in range(12)])

    assert results(answers) == {"0": 12}
    used: Counter[int] = Counter()
    for invoice_id, amount in Allocation.objects.filter(payment__account=account).values_list(
        "invoice_id", "amount_minor"
    ):
        used[invoice_id] += amount
    assert used == {bills[0].pk: 150, bills[1].pk: 300}
    assert advance_of(account.pk) == 1200 - 450
    assert balance_of(account.ledger_account_id) == -1200


def test_first_request_that_fails_lets_the_second_one_in():
    """The one that waits at the key is not answered with a payment that was never committed."""
    account = make_account()
    seen = []
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM subscribers_account WHERE id = %s FOR UPDATE", [account.pk])
        waiting = threading.Thread(target=lambda: seen.append(send(request_of(account, txn_id="555"))))
        waiting.start()
        wait_until_somebody_waits()
        assert not seen
        cursor.execute("ROLLBACK")
    waiting.join(timeout=60)

    assert results(seen) == {"0": 1}
    assert Payment.objects.filter(key="easypay:555").count() == 1
