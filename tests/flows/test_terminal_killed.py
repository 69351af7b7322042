"""A web process that dies with a payment in hand: the money is wholly there or wholly not; asking again settles it."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from http.client import HTTPConnection, RemoteDisconnected
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from lxml import etree

from billing_site.core.clock import machine_now
from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerEntry
from payments.models import Payment
from tests.factories.payments import make_account, make_network, signed
from tests.fixtures.blocked import wait_until_somebody_waits

GATE = "/payments/gateway/easypay/"

# A web server of one process; told so, it dies after the application has answered and before a byte is sent.
SERVER = """
import os, signal, sys
from wsgiref.simple_server import make_server
from billing_site.wsgi import application

def dying(environ, start_response):
    answer = application(environ, start_response)
    if sys.argv[1] == "before-the-answer":
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

server = make_server("127.0.0.1", 0, dying)
print(server.server_port, flush=True)
server.serve_forever()
"""

SENDER = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=60)"


@pytest.fixture(scope="module", autouse=True)
def network(fresh_database):
    make_network()


@contextmanager
def web_process(*, dies):
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, dies], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def payment_of(account, txn_id):
    sent = {
        "command": "pay",
        "txn_id": txn_id,
        "account": account.number,
        "sum": "100",
        "txn_date": "20260305085900",
    }
    return signed(sent, at=machine_now())


def ask_again(account, txn_id):
    return etree.fromstring(Client().get(GATE, payment_of(account, txn_id)).content)


def test_process_killed_between_commit_and_answer_has_taken_the_money_once():
    """3c rows 1 and 8; invariant 30."""
    account = make_account()
    with web_process(dies="before-the-answer") as (process, port):
        connection_of_the_terminal = HTTPConnection("127.0.0.1", port, timeout=30)
        connection_of_the_terminal.request("GET", f"{GATE}?{urlencode(payment_of(account, '1'))}")
        with pytest.raises((RemoteDisconnected, ConnectionError)):
            connection_of_the_terminal.getresponse()
        connection_of_the_terminal.close()
        assert process.wait(timeout=60) == -signal.SIGKILL
    stored = Payment.objects.get(key="easypay:1")

    again, once_more = ask_again(account, "1"), ask_again(account, "1")

    assert etree.tostring(again) == etree.tostring(once_more)
    assert (again.findtext("result"), again.findtext("prv_txn")) == ("0", str(stored.pk))
    assert Payment.objects.filter(account=account).count() == 1
    assert balance_of(account.ledger_account_id) == -100


def test_process_killed_before_the_commit_has_taken_nothing():
    """000-12: server killed between request and answer: wholly not; then asked again, once."""
    account = make_account()
    with web_process(dies="never") as (process, port), connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM subscribers_account WHERE id = %s FOR UPDATE", [account.pk])
        sender = subprocess.Popen(
            [sys.executable, "-c", SENDER, f"http://127.0.0.1:{port}{GATE}?{urlencode(payment_of(account, '2'))}"],
            stderr=subprocess.DEVNULL,
        )
        wait_until_somebody_waits()
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=60)
        assert sender.wait(timeout=60) != 0
        cursor.execute("ROLLBACK")
    assert not Payment.objects.filter(account=account).exists()
    assert LedgerEntry.objects.count() == Payment.objects.count()

    again = ask_again(account, "2")

    assert again.findtext("result") == "0"
    assert Payment.objects.filter(account=account).count() == 1
    assert balance_of(account.ledger_account_id) == -100
