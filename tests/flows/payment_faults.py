"""Payments through a real web server while PostgreSQL goes down under them: a part of ``fault_bench``."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

from lxml import etree

PAYMENTS, SENDERS = 40, 8
# The bills are made by hand here, so theirs would not agree.
CHECKED = ("ledger", "payments", "audit", "jobs")
GATE = "/payments/gateway/easypay/"
PATIENCE_SECONDS = 90


def survive_restarts(server: Any) -> dict[str, Any]:
    """
    Send payments from eight terminals, each until it is answered, and crash the server meanwhile.

    :param server: the bench's own, which can ``crash``
    :returns: ``answered`` (payments told that all is well), ``stored``, ``posted`` (entries), ``failures`` (answers
        that never came or said come back), ``findings`` (of the check of the books)
    """
    from django.db import connections

    from billing_site.console.bench.gateway import web_server
    from billing_site.console.books import check_books
    from billing_site.ledger.models import LedgerEntry
    from payments.models import Payment
    from tests.factories.payments import DAY, make_account, make_invoice, make_network
    from tests.fixtures.databases import copy_of_template, django_on

    with copy_of_template(survives_crash=True) as database, django_on(database):
        make_network()
        numbers = []
        for _ in range(SENDERS):
            account = make_account()
            make_invoice(account, gross_minor=250, due_on=DAY)
            numbers.append(account.number)
        with web_server({**os.environ, "SALDO_LOG_LEVEL": "CRITICAL"}) as port:
            told = _pay_through_crash(server, port, numbers)
        connections.close_all()
        return {
            "answered": sum(one == {"0"} for one, _failures in told),
            "stored": Payment.objects.count(),
            "posted": LedgerEntry.objects.filter(source_type="PAYMENT").count(),
            "failures": sum(failures for _one, failures in told),
            "findings": [str(finding) for finding in check_books(only=CHECKED)],
        }


def _pay_through_crash(server: Any, port: int, numbers: list[str]) -> list[tuple[set[str], int]]:
    """Crash the server when a part of the payments is answered; every payment is sent once more at the end."""
    done = threading.Semaphore(0)

    def send(n: int) -> tuple[set[str], int]:
        failures = 0
        results = set()
        for _ in range(2):
            for answer in _until_answered(port, numbers[n % SENDERS], txn_id=str(n)):
                failures += answer is None
                results |= {answer} if answer is not None else set()
            done.release()
        return results, failures

    with ThreadPoolExecutor(max_workers=SENDERS) as pool:
        waiting = [pool.submit(send, n) for n in range(PAYMENTS)]
        for _ in range(PAYMENTS):
            done.acquire(timeout=PATIENCE_SECONDS)
        server.crash()
        return [one.result() for one in waiting]


def _until_answered(port: int, number: str, *, txn_id: str) -> Iterator[str | None]:
    """Yield nothing for each try that failed or is to be repeated, then the result."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        result = _ask(port, number, txn_id=txn_id)
        yield result
        if result is not None:
            return
        time.sleep(0.3)


def _ask(port: int, number: str, *, txn_id: str) -> str | None:
    from billing_site.core.clock import machine_now
    from tests.factories.payments import signed

    sent = {"command": "pay", "txn_id": txn_id, "account": number, "sum": "10", "txn_date": "20260305085900"}
    asking = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        asking.request("GET", f"{GATE}?{urlencode(signed(sent, at=machine_now()))}")
        answer = asking.getresponse()
        content = answer.read()
    except (OSError, HTTPException):
        return None
    finally:
        asking.close()
    result = etree.fromstring(content).findtext("result") if answer.status == 200 else None
    return None if result in {"1", "90"} else result
