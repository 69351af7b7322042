"""
A web process that dies after the commit and before its answer, at each door by which money or its proof comes in.

Who asked does not know what became of it and asks again: the first answer comes, and nothing is there twice. The
gateway of payment networks has its own tests of this: see ``test_terminal_killed``.
"""

import signal
from http.client import HTTPConnection, RemoteDisconnected
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from billing_site.console.books import check_books
from billing_site.core import clock
from billing_site.identity.roles import Role
from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerEntry
from payments.models import OnlinePayment, Payment, TillReceipt
from reconciliation.models import TerminalRegister
from tests.factories.identity import make_centre, make_staff
from tests.factories.online import begin_online, told
from tests.factories.payments import make_account, make_network
from tests.factories.subscribers import make_account as make_account_at
from tests.factories.tills import make_till, open_till
from tests.flows.kills import digest_of
from tests.flows.test_terminal_killed import web_process
from tests.reconciliation.planted import DAY, HEAD, take_payments

BACKEND = "billing_site.identity.backends.RoleBackend"
CSRF = "k" * 32
REGISTERS = ("reconciliation_terminalregister", "reconciliation_terminalregisterline", "reconciliation_terminalcheck")


@pytest.fixture(scope="module", autouse=True)
def _committed(fresh_database):
    """What the web process has committed is seen here."""


def post_and_lose_the_answer(path, body, *, content_type, client=None, headers=None):
    """Post to a web process of its own, which commits and dies."""
    cookies = {name: morsel.value for name, morsel in (client.cookies if client else {}).items()}
    jar = "; ".join(f"{name}={value}" for name, value in {**cookies, "csrftoken": CSRF}.items())
    told_with = {"Content-Type": content_type, "Cookie": jar, "X-CSRFToken": CSRF, **(headers or {})}
    with web_process(dies="before-the-answer") as (process, port):
        asking = HTTPConnection("127.0.0.1", port, timeout=60)
        asking.request("POST", path, body=body, headers=told_with)
        with pytest.raises((RemoteDisconnected, ConnectionError)):
            asking.getresponse()
        asking.close()
        assert process.wait(timeout=60) == -signal.SIGKILL


def signed_in(role, **fields):
    client = Client()
    person = make_staff(role, **fields)
    client.force_login(person, backend=BACKEND)
    return client, person


def test_till_form_whose_answer_was_lost_has_taken_the_money_once():
    """001-06; reliability 3f.1."""
    centre = make_centre(code="HALL-1")
    client, clerk = signed_in(Role.CLERK, centre=centre)
    session = open_till(make_till(centre, actor=make_staff(Role.BILLING_SPECIALIST)), clerk, at=clock.now())
    account = make_account_at(centre=centre)
    form = {"account": account.number, "session": str(session.pk), "form_key": str(uuid4()), "amount_1": "100"}
    body = encode_multipart(BOUNDARY, form)
    post_and_lose_the_answer("/payments/till/", body, content_type=MULTIPART_CONTENT, client=client)
    receipt = TillReceipt.objects.get()

    again, once_more = client.post("/payments/till/", form), client.post("/payments/till/", form)

    assert again["Location"] == once_more["Location"]
    assert str(receipt.pk) in again["Location"]
    assert (TillReceipt.objects.count(), Payment.objects.filter(account=account).count()) == (1, 1)
    assert balance_of(account.ledger_account_id) == -100
    assert check_books(only=("ledger", "payments", "audit", "jobs")) == ()


def test_notice_whose_answer_was_lost_has_paid_once():
    """A provider that hears nothing sends its notice again, by the same bytes."""
    account = make_account()
    begun = begin_online(account, 300, at=clock.now())
    body, headers = told(begun)
    path = "/payments/online/sandbox/notice/"
    post_and_lose_the_answer(path, body, content_type="application/json", headers=headers)
    assert OnlinePayment.objects.get(pk=begun.pk).state == "PAID"

    answers = [Client().post(path, body, content_type="application/json", headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (Payment.objects.filter(account=account).count(), balance_of(account.ledger_account_id)) == (1, -300)
    assert LedgerEntry.objects.filter(source_type="PAYMENT").count() == Payment.objects.count()
    assert check_books(only=("ledger", "payments", "audit", "jobs")) == ()


def test_register_whose_answer_was_lost_is_known_and_compared_once():
    """3d: sent again it is refused as known, with when it came; its lines are there once."""
    lines = take_payments(make_network(), [make_account()], count=3)
    client, _accountant = signed_in(Role.ACCOUNTANT)
    content = "".join([HEAD, *lines]).encode()
    form = {"network": "easypay", "day": DAY.isoformat(), "register": SimpleUploadedFile("0304.csv", content)}
    path = "/reconciliation/terminal-checks/load/"
    body = encode_multipart(BOUNDARY, form)
    post_and_lose_the_answer(path, body, content_type=MULTIPART_CONTENT, client=client)
    before = digest_of(*REGISTERS)
    assert TerminalRegister.objects.count() == 1

    again = client.post(path, {**form, "register": SimpleUploadedFile("0304.csv", content)}, follow=True)

    assert again.status_code == 422
    assert "loaded" in again.content.decode()
    assert digest_of(*REGISTERS) == before
