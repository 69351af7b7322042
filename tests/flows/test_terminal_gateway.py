"""A terminal network asks and pays over HTTP: everything it may send, and what it is told."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from lxml import etree

from billing_site.audit.models import AuditEntry
from billing_site.core.clock import machine_now
from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerEntry
from payments.models import BadSender, NetworkAlarm, Payment, TerminalNetwork
from payments.views.terminal import BODY_LIMIT
from tests.factories.payments import SECRET, make_account, make_network, signed

pytestmark = pytest.mark.django_db
GATE = "/payments/gateway/easypay/"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def account():
    make_network()
    return make_account()


def told(response):
    """Read an answer: every element by its name."""
    assert response["Content-Type"].startswith("application/xml")
    return {element.tag: element.text or "" for element in etree.fromstring(response.content)}


def ask(client, parameters, *, path=GATE, **signing):
    return client.get(path, signed(parameters, **{"at": machine_now(), **signing}))


def pay(client, account_number, *, txn_id="17", amount="1500.00", **more):
    sent = {"command": "pay", "txn_id": txn_id, "account": account_number, "sum": amount, "txn_date": "20260305085900"}
    return ask(client, {**sent, **more})


def check(client, account_number, **more):
    return ask(client, {"command": "check", "txn_id": "17", "account": account_number, **more})


def assert_no_money():
    assert not Payment.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_check_then_pay_ends_in_the_books(client, account):
    checked = told(check(client, account.number, sum="1500.00"))
    assert_no_money()
    paid = told(pay(client, account.number))

    payment = Payment.objects.get()
    assert checked == {"osmp_txn_id": "17", "result": "0", "comment": "OK"}
    assert paid == {"osmp_txn_id": "17", "prv_txn": str(payment.pk), "sum": "1500", "result": "0", "comment": "OK"}
    assert payment.account_number == account.number
    assert payment.paid_at == datetime(2026, 3, 5, 4, 59, tzinfo=UTC)
    assert balance_of(account.ledger_account_id) == -1500


def test_leading_zeros_are_part_of_the_account_number(client, account):
    zeros = make_account(number="000000124")

    assert told(pay(client, "000000124"))["result"] == "0"
    assert told(pay(client, "124", txn_id="18"))["result"] == "5"
    assert Payment.objects.get().account_id == zeros.pk


def test_same_payment_again_gets_the_first_answer_byte_by_byte(client, account):
    """3c row 1: after a time-out, and long after that."""
    first = pay(client, account.number)
    again = pay(client, account.number)
    TerminalNetwork.objects.update(maximum_minor=10)
    much_later = pay(client, account.number, txn_date="20270305085900")

    assert first.content == again.content == much_later.content
    assert Payment.objects.count() == LedgerEntry.objects.count() == 1


def test_decimals_of_a_sum_and_zeros_of_a_transaction(client, account):
    """3c.1 and 3c.2: 1500 is 1500.00, the same payment; 20 digits are kept, and zeros before them make another one."""
    first = pay(client, account.number, txn_id="0" * 19 + "7", amount="1500")
    again = pay(client, account.number, txn_id="0" * 19 + "7", amount="1500.00")
    other = pay(client, account.number, txn_id="7", amount="1500.0")
    whole = pay(client, account.number, txn_id="9" * 20, amount="000000001500")

    assert first.content == again.content
    assert [told(one)["result"] for one in (first, other, whole)] == ["0"] * 3
    assert told(pay(client, account.number, txn_id="9" * 21))["result"] == "300"
    ids = Payment.objects.order_by("pk").values_list("network_txn_id", "amount_minor")
    assert list(ids) == [("0" * 19 + "7", 1500), ("7", 1500), ("9" * 20, 1500)]


@pytest.mark.parametrize("change", [{"amount": "1501"}, {"account_number": "000000124"}, {"ccy": "USD"}])
def test_same_id_with_other_content_is_a_conflict(client, account, change):
    """3c row 2."""
    make_account(number="000000124")
    pay(client, account.number)

    answer = told(pay(client, **{"account_number": account.number, **change}))

    assert answer["result"] == "8"
    assert "prv_txn" not in answer
    assert Payment.objects.count() == LedgerEntry.objects.count() == 1
    assert AuditEntry.objects.filter(action="payments.note_conflict").count() == 1
    alarm = NetworkAlarm.objects.get()
    assert (alarm.kind, alarm.subject, alarm.times) == ("CONFLICT", "17", 1)
    assert told(pay(client, **{"account_number": account.number, **change})) == answer
    assert NetworkAlarm.objects.get().times == 2


@pytest.mark.parametrize("text", ["-5", "1e3", "5,00", "5.005", "NaN", "9999999999999", "٥٠٠", "", "1 000"])
def test_sum_outside_the_grammar_is_refused_for_good(client, account, text):
    """3c row 4."""
    assert told(pay(client, account.number, amount=text))["result"] == "300"
    assert_no_money()


@pytest.mark.parametrize(("text", "result"), [("0", "241"), ("0.00", "241"), ("99999999999", "242"), ("10.50", "300")])
def test_sum_outside_the_limits_is_refused_for_good(client, account, text, result):
    """3c row 4: the dram has no hundredths in use."""
    assert told(pay(client, account.number, amount=text))["result"] == result
    assert told(check(client, account.number, sum=text))["result"] == result
    assert_no_money()


def test_account_is_named_unknown_misshapen_or_closed(client, account):
    closed = make_account(is_closed=True)

    assert told(check(client, "999999999"))["result"] == told(pay(client, "999999999"))["result"] == "5"
    assert told(check(client, "12-3"))["result"] == told(pay(client, "12-3"))["result"] == "4"
    assert told(check(client, closed.number))["result"] == "79"
    assert_no_money()


def test_account_closed_after_the_check_pays_into_suspense(client, account):
    """3c row 3: the money was taken; it is kept, and the terminal is told that it is final."""
    assert told(check(client, account.number))["result"] == "0"
    type(account).objects.filter(pk=account.pk).update(state="CLOSED")

    assert told(pay(client, account.number))["result"] == "0"

    payment = Payment.objects.get()
    assert (payment.state, payment.account_id) == ("SUSPENSE", None)


def test_network_switched_off_is_told_so(client, account):
    TerminalNetwork.objects.update(is_active=False)

    assert told(pay(client, account.number))["result"] == told(check(client, account.number))["result"] == "7"
    assert_no_money()


def pollutions(good):
    query = urlencode(good)
    return {
        "sum twice": {"QUERY_STRING": query + "&sum=5"},
        "account twice, the same": {"QUERY_STRING": query + f"&account={good['account']}"},
        "no value": {"QUERY_STRING": query + "&sum"},
        "bytes that are no text": {"QUERY_STRING": query + "&x=%ff"},
        "a GET with a body": {"QUERY_STRING": query, "CONTENT_LENGTH": "3"},
        "far too long": {"QUERY_STRING": query + "&x=" + "1" * BODY_LIMIT},
    }


@pytest.mark.parametrize("name", list(pollutions({"account": ""})))
def test_polluted_query_is_refused(client, account, name):
    """3c row 6."""
    good = signed(
        {"command": "pay", "txn_id": "17", "account": account.number, "sum": "5", "txn_date": "20260305085900"},
        at=machine_now(),
    )

    response = client.get(GATE, **pollutions(good)[name])

    assert (response.status_code, response.content) == (403, b"Forbidden")
    assert_no_money()


@pytest.mark.parametrize("name", ["Sum", "SUM", "extra", "prv_txn"])
def test_wrong_case_and_extra_names_are_refused(client, account, name):
    """3c row 6: signed with them, and still refused."""
    assert told(pay(client, account.number, **{name: "500"}))["result"] == "300"
    assert_no_money()


def test_parameters_in_query_and_body_are_refused(client, account):
    """3c row 6."""
    sent = {"command": "pay", "txn_id": "17", "account": account.number, "sum": "5", "txn_date": "20260305085900"}
    good = urlencode(signed(sent, at=machine_now()))

    both = client.post(f"{GATE}?sum=500", good, content_type=FORM)
    body_alone = client.post(GATE, good, content_type=FORM)

    assert (both.status_code, both.content) == (403, b"Forbidden")
    assert told(body_alone)["result"] == "0"
    assert Payment.objects.get().amount_minor == 5


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'<!DOCTYPE x [<!ENTITY e "5">]><pay>&e;</pay>', "text/xml"),
        (b"<pay>", "application/xml"),
        (b"command=pay", "text/plain"),
        (b"command=%D0%", FORM + "; charset=utf-7"),
        ("command=пay".encode(), FORM),
        (b"x=" + b"1" * BODY_LIMIT, FORM),
    ],
)
def test_body_that_is_no_short_form_is_refused(client, account, content, kind):
    """3c row 7: no XML is ever parsed, and nothing longer than 64 KB is read."""
    response = client.post(GATE, content, content_type=kind)

    assert (response.status_code, response.content) == (403, b"Forbidden")
    assert_no_money()


def test_every_reason_for_distrust_has_one_answer(client, account):
    """3c row 5: signature, key, age and network; the answer does not tell which."""
    sent = {"command": "pay", "txn_id": "17", "account": account.number, "sum": "5", "txn_date": "20260305085900"}
    make_network(code="other", secret="another key")
    TerminalNetwork.objects.filter(code="easypay").update(addresses=["127.0.0.0/8"])
    now = machine_now()
    refused = [
        client.get(GATE, sent),
        client.get(GATE, {**signed(sent, at=now), "sum": "500"}),
        client.get(GATE, {**signed(sent, at=now), "signature": "0" * 64}),
        ask(client, sent, secret="wrong"),
        ask(client, sent, secret="another key", code="other"),
        ask(client, sent, secret=""),
        ask(client, sent, at=now - timedelta(minutes=6)),
        ask(client, sent, at=now + timedelta(minutes=6)),
        ask(client, sent, path="/payments/gateway/unknown/", code="unknown"),
        client.get(GATE),
        client.post(GATE, "<pay/>", content_type="text/xml"),
        client.get(GATE, signed(sent, at=now), headers={"X-Forwarded-For": "192.0.2.9"}, REMOTE_ADDR="192.0.2.1"),
        client.get(GATE, signed(sent, at=now), REMOTE_ADDR="nonsense"),
    ]

    assert {(r.status_code, r.content, r["Content-Type"]) for r in refused} == {(403, b"Forbidden", "text/plain")}
    assert_no_money()
    assert BadSender.objects.get(network__code="easypay", address="192.0.2.1").last_reason == "ADDRESS"
    assert BadSender.objects.get(network=None).last_reason == "UNKNOWN"


def test_tenth_bad_request_locks_its_address_and_no_other(client, account):
    """3c row 5: lock after N; a good request before that begins the count anew."""
    sent = {"command": "check", "txn_id": "17", "account": account.number}

    def bad(times):
        return [ask(client, sent, secret="wrong").status_code for _ in range(times)]

    assert bad(9) == [403] * 9
    assert told(ask(client, sent))["result"] == "0"
    assert bad(10) == [403] * 10
    assert ask(client, sent).content == b"Forbidden"
    elsewhere = client.get(GATE, signed(sent, at=machine_now()), REMOTE_ADDR="192.0.2.7")
    assert told(elsewhere)["result"] == "0"
    alarm = NetworkAlarm.objects.get()
    assert (alarm.kind, alarm.subject) == ("LOCKED", "127.0.0.1")
    BadSender.objects.update(locked_until=machine_now())
    assert told(ask(client, sent))["result"] == "0"


def test_nonce_is_good_once_and_for_its_network_alone(client, account):
    """3c row 5: a replayed nonce, however well signed."""
    make_network(code="other", secret="another key")
    sent = {"command": "check", "txn_id": "17", "account": account.number, "nonce": "b7f9"}

    assert told(ask(client, sent))["result"] == "0"
    assert ask(client, sent).content == b"Forbidden"
    assert told(ask(client, {**sent, "nonce": "b7fa"}))["result"] == "0"
    theirs = ask(client, sent, secret="another key", code="other", path="/payments/gateway/other/")
    assert told(theirs)["result"] == "0"
    assert BadSender.objects.get().last_reason == "REPLAYED"
    assert [ask(client, {**sent, "nonce": bad}).content for bad in ("", "a b", "\0", "n" * 65)] == [b"Forbidden"] * 4


def test_no_key_is_written_to_the_log(client, account, caplog):
    """3c row 5: logged without the key."""
    sent = {"command": "check", "txn_id": "17", "account": account.number, "nonce": "n"}
    good = signed(sent, at=machine_now())
    client.get(GATE, good)
    client.get(GATE, good)

    assert "REPLAYED" in caplog.text
    assert SECRET not in caplog.text
    assert good["signature"] not in caplog.text


def test_next_key_is_trusted_beside_the_present_one(client, account):
    TerminalNetwork.objects.update(next_secret="the next key")

    sent = {"command": "check", "txn_id": "17", "account": account.number}

    assert told(ask(client, sent, secret="the next key"))["result"] == "0"
    assert told(ask(client, sent))["result"] == "0"


def test_gateway_needs_neither_session_nor_form_token(account):
    stranger = Client(enforce_csrf_checks=True)
    sent = {"command": "check", "txn_id": "17", "account": account.number}

    response = stranger.post(GATE, urlencode(signed(sent, at=machine_now())), content_type=FORM)

    assert told(response)["result"] == "0"
    assert "Set-Cookie" not in response
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, account, method):
    assert getattr(client, method)(GATE).status_code == 405
