"""The limit of a network's day, kept by the database: nobody gets past it, and no row is scanned for it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections

from billing_site.ledger.models import LedgerEntry
from payments.domain.gateway import CheckRequest, PayRequest, Result, StatusRequest
from payments.models import NetworkDay, NetworkDayPart, Payment, TerminalNetwork
from payments.operations.gateway import answer_network
from payments.queries.gateway import under_way
from tests.factories.payments import DAY, MORNING, make_account, make_network, pay


@pytest.fixture(scope="module", autouse=True)
def network(fresh_database):
    return make_network(maximum_minor=100, daily_limit_minor=1000)


def ask_to_pay(account, txn_id, amount, *, at=MORNING):
    try:
        asked = PayRequest(txn_id=txn_id, account_number=account.number, amount=Decimal(amount))
        return answer_network(network=TerminalNetwork.objects.get(), asked=asked, at=at).result
    finally:
        connections.close_all()


def day():
    row = NetworkDay.objects.get(day=DAY)
    return row.count, row.amount_minor


def test_day_limit_holds_against_sixteen_at_once():
    account, gate = make_account(), threading.Barrier(16)

    def together(n):
        gate.wait(timeout=30)
        return ask_to_pay(account, str(n), 100)

    with ThreadPoolExecutor(max_workers=16) as pool:
        results = list(pool.map(together, range(16)))

    assert sorted(results) == [Result.OK] * 10 + [Result.SUM_TOO_LARGE] * 6
    assert day() == (10, 1000)
    assert Payment.objects.count() == LedgerEntry.objects.count() == 10
    assert not NetworkDayPart.objects.exists()
    taken = Payment.objects.values_list("network_txn_id", flat=True)[0]
    assert ask_to_pay(account, taken, 100) is Result.OK
    check = CheckRequest(account_number=account.number, amount=Decimal(1))
    assert answer_network(network=TerminalNetwork.objects.get(), asked=check, at=MORNING).result is Result.SUM_TOO_LARGE
    assert ask_to_pay(account, "tomorrow", 1, at=MORNING + timedelta(days=1)) is Result.OK


def test_other_doors_meet_the_same_limit():
    before = Payment.objects.count()

    with pytest.raises(IntegrityError):
        pay(make_account().number, "1", network=TerminalNetwork.objects.get(), txn_id="other door")

    assert Payment.objects.count() == LedgerEntry.objects.count() == before


@pytest.mark.parametrize("table", ["payments_networkday", "payments_networkdaypart"])
def test_counts_are_the_database_s_own(table):
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute(f"DELETE FROM {table}")


def test_status_of_a_payment_under_way_elsewhere_is_not_finished():
    """Result 90: the network asks again."""
    ask, begun, done = StatusRequest(txn_id="77"), threading.Event(), threading.Event()

    def pays():
        with under_way("easypay:77"):
            begun.set()
            done.wait(timeout=30)
        connections.close_all()

    paying = threading.Thread(target=pays)
    paying.start()
    assert begun.wait(timeout=30)
    during = answer_network(network=TerminalNetwork.objects.get(), asked=ask, at=MORNING).result
    done.set()
    paying.join()

    assert during is Result.NOT_FINISHED
    assert answer_network(network=TerminalNetwork.objects.get(), asked=ask, at=MORNING).result is Result.OTHER


def test_payment_that_waits_too_long_is_to_be_sent_again():
    """3c row 8: our own limit; nothing is posted, nothing is half done, the retry posts once."""
    account = make_account()
    late = MORNING + timedelta(days=2)
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM subscribers_account WHERE id = %s FOR UPDATE", [account.pk])
        with ThreadPoolExecutor(max_workers=1) as pool:
            result = pool.submit(ask_to_pay, account, "88", 5, at=late).result(timeout=30)
        cursor.execute("ROLLBACK")

    assert result is Result.ASK_AGAIN
    assert not Payment.objects.filter(account=account).exists()
    assert ask_to_pay(account, "88", 5, at=late) is Result.OK
    assert Payment.objects.filter(account=account).count() == 1


def test_check_that_cannot_be_answered_says_that_the_state_is_unknown():
    """3c.8: 243, not "no such account": the terminal takes no money and sends nobody away for good."""
    account = make_account()

    def check():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = '300ms'")
            asked = CheckRequest(account_number=account.number)
            return answer_network(network=TerminalNetwork.objects.get(), asked=asked, at=MORNING).result
        finally:
            connections.close_all()

    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE subscribers_account IN ACCESS EXCLUSIVE MODE")
        with ThreadPoolExecutor(max_workers=1) as pool:
            result = pool.submit(check).result(timeout=30)
        cursor.execute("ROLLBACK")

    assert result is Result.STATE_UNKNOWN
    assert check() is Result.OK
