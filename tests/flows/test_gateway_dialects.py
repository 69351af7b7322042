"""A wallet that sends objects and one that confirms with MD5, over HTTP, end where the terminals end."""

import json
import threading
from urllib.parse import urlencode

import pytest
from django.test import Client

from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerEntry
from payments.domain.dialects import idram, json_checksum
from payments.models import NetworkAlarm, Payment
from payments.views import terminal
from payments.views.gate import Gate
from tests.factories.payments import DAY, SECRET, make_account, make_invoice, make_network

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def account():
    account = make_account(number="000000124")
    make_invoice(account, gross_minor=1000, due_on=DAY)
    return account


def send(client, *, secret=SECRET, code="wallet", **sent):
    flat = {**sent, "Inputs": sent["Inputs"][0]}
    signed = {**sent, "Checksum": json_checksum.checksum_of(flat, secret=secret)}
    return client.post(f"/payments/gateway/{code}/", json.dumps(signed), content_type="application/json")


def test_objects_check_pay_and_ask(client, account):
    make_network(code="wallet", dialect="JSON")
    common = {"Inputs": [account.number, "", "", ""], "Currency": "AMD", "Lang": "en"}
    payment = {**common, "TransactID": "0" * 19 + "7", "Amount": "1500.00"}

    checked = send(client, **common).json()
    first, again = send(client, **payment), send(client, **payment)
    asked = send(client, **common, TransactID=payment["TransactID"]).json()

    assert checked == {"ResponseCode": 0, "ResponseMessage": "OK", "Debt": "1000"}
    assert first.content == again.content
    stored = Payment.objects.get()
    assert first.json() == asked
    assert asked == {
        "ResponseCode": 0,
        "ResponseMessage": "OK",
        "TransactID": "00000000000000000007",
        "PaymentID": str(stored.pk),
        "Amount": "1500",
    }
    assert balance_of(account.ledger_account_id) == -1500
    assert send(client, **{**payment, "Amount": "1501"}).json()["ResponseCode"] == 8
    assert send(client, **{**payment, "Currency": "USD"}).json()["ResponseCode"] == 8
    assert send(client, **{**common, "Currency": "USD"}).json()["ResponseCode"] == 300
    assert send(client, **{**common, "Inputs": ["999999999"]}).json()["ResponseCode"] == 5
    assert send(client, secret="wrong", **payment).content == b"Forbidden"
    assert NetworkAlarm.objects.get().times == 2
    assert Payment.objects.count() == LedgerEntry.objects.count() == 1


CONFIRMED = {
    "EDP_BILL_NO": "000000124",
    "EDP_REC_ACCOUNT": "100000114",
    "EDP_PAYER_ACCOUNT": "200000117",
    "EDP_AMOUNT": "1500.00",
    "EDP_TRANS_ID": "00000000000017",
    "EDP_TRANS_DATE": "05/03/2026",
}


def confirm(client, *, secret=SECRET, **changes):
    sent = {**CONFIRMED, **changes}
    sent["EDP_CHECKSUM"] = idram.checksum_of(sent, secret=secret)
    return client.post("/payments/gateway/idram/", urlencode(sent), content_type=FORM)


def precheck(client, *, at="127.0.0.1", **changes):
    sent = {name: CONFIRMED[name] for name in ("EDP_BILL_NO", "EDP_REC_ACCOUNT", "EDP_AMOUNT")}
    content = urlencode({**sent, "EDP_PRECHECK": "YES", **changes})
    return client.post("/payments/gateway/idram/", content, content_type=FORM, REMOTE_ADDR=at)


def test_wallet_prechecks_confirms_and_is_told_ok(client, account):
    make_network(code="idram", dialect="IDRAM", partner_id="100000114", addresses=["127.0.0.0/8"])

    assert precheck(client).content == b"OK"
    assert precheck(client, EDP_BILL_NO="999999999").content == b"5 There is no such account."
    assert precheck(client, at="192.0.2.7").content == b"Forbidden"
    assert precheck(client, EDP_REC_ACCOUNT="1").content == b"Forbidden"
    assert not Payment.objects.exists()

    answers = [confirm(client).content for _ in range(3)]

    assert answers == [b"OK"] * 3
    assert Payment.objects.get().network_txn_id == "00000000000017"
    assert balance_of(account.ledger_account_id) == -1500
    assert confirm(client, EDP_AMOUNT="1501.00").content.startswith(b"8 ")
    assert confirm(client, EDP_TRANS_ID="18", secret="wrong").content == b"Forbidden"
    assert Payment.objects.count() == LedgerEntry.objects.count() == 1


def test_above_its_places_the_gateway_says_come_back_and_begins_nothing(client, account, monkeypatch):
    """3c row 12: no half work."""
    make_network(code="idram", dialect="IDRAM", partner_id="100000114", addresses=["127.0.0.0/8"])
    monkeypatch.setattr(terminal, "gate", Gate(running=1, waiting=0))
    entered, leave = threading.Event(), threading.Event()

    def stays():
        with terminal.gate.enter() as is_open:
            assert is_open
            entered.set()
            leave.wait(timeout=30)

    inside = threading.Thread(target=stays)
    inside.start()
    entered.wait(timeout=30)
    busy = confirm(Client())
    leave.set()
    inside.join()

    assert (busy.status_code, busy["Retry-After"], busy.content) == (503, "1", b"Busy")
    assert not Payment.objects.exists()
    assert confirm(Client()).content == b"OK"
