"""A terminal takes a payment back, or asks what became of one: 3c row 9 and the status command, in every state."""

from datetime import timedelta

import pytest
from django.db import connection
from lxml import etree

from billing_site.core.clock import machine_now, today
from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerEntry
from payments.models import Payment, PaymentReversal, TerminalNetwork
from payments.operations.reversals import reverse_payment
from payments.queries.payments import open_debts
from tests.factories.payments import DAY, make_account, make_invoice, make_network, pay, signed

pytestmark = pytest.mark.django_db
GATE = "/payments/gateway/easypay/"


@pytest.fixture
def account():
    account = make_account()
    make_invoice(account, gross_minor=1000, due_on=DAY)
    pay(account.number, "1500", network=make_network(), txn_id="17")
    return account


def ask(client, command, *, txn_id="17", **more):
    response = client.get(GATE, signed({"command": command, "txn_id": txn_id, **more}, at=machine_now()))
    assert response.status_code == 200
    return {element.tag: element.text or "" for element in etree.fromstring(response.content)}


def assert_nothing_was_taken_back():
    assert not PaymentReversal.objects.exists()
    assert LedgerEntry.objects.count() == 1


def test_cancel_takes_the_payment_back_once_and_opens_its_bill(client, account):
    first = ask(client, "cancel", account=account.number, sum="1500.00", ccy="AMD")
    again = ask(client, "cancel")

    payment = Payment.objects.get()
    assert first == again
    assert (first["result"], first["prv_txn"]) == ("0", str(payment.pk))
    reversal = PaymentReversal.objects.get()
    assert (reversal.payment_id, reversal.kind) == (payment.pk, "CANCELLED")
    assert balance_of(account.ledger_account_id) == 0
    assert [debt.amount_minor for debt in open_debts(account.pk)] == [1000]
    assert LedgerEntry.objects.count() == 2


@pytest.mark.parametrize("other", [{"sum": "700"}, {"account": "000000124"}, {"ccy": "USD"}, {"sum": "1500.01"}])
def test_cancel_of_a_part_or_of_other_content_is_refused_for_good(client, account, other):
    assert ask(client, "cancel", **other)["result"] == "8"
    assert_nothing_was_taken_back()


def test_cancel_of_what_never_came_is_refused_for_good(client, account):
    assert ask(client, "cancel", txn_id="18")["result"] == "300"
    assert ask(client, "cancel", txn_id="017")["result"] == "300"
    assert_nothing_was_taken_back()


def test_cancel_of_a_payment_in_a_closed_period_is_an_entry_of_the_open_one(client, account):
    entry = LedgerEntry.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_close_through(%s)", [today()])

    assert ask(client, "cancel")["result"] == "0"

    reversal = PaymentReversal.objects.get()
    mirrored = LedgerEntry.objects.exclude(pk=entry.pk).get()
    assert mirrored.reverses_id == entry.pk
    assert mirrored.posted_on == reversal.posted_on == today() + timedelta(days=1)


def test_cancel_of_money_that_the_bank_took_back_is_refused(client, account):
    payment = Payment.objects.get()
    reverse_payment(payment_id=payment.pk, kind="RETURNED", reason="No cover", reversed_at=machine_now())

    assert ask(client, "cancel")["result"] == "7"
    assert PaymentReversal.objects.get().kind == "RETURNED"


def test_status_answers_from_what_is_stored(client, account):
    payment = Payment.objects.get()
    TerminalNetwork.objects.update(maximum_minor=10)

    assert ask(client, "status") == {
        "osmp_txn_id": "17",
        "prv_txn": str(payment.pk),
        "sum": "1500",
        "result": "0",
        "comment": "OK",
    }
    assert ask(client, "status", txn_id="18")["result"] == "300"
    ask(client, "cancel")
    assert ask(client, "status")["result"] == "7"
    assert ask(client, "status")["prv_txn"] == str(payment.pk)


def test_payment_sent_again_after_its_cancel_gets_its_first_answer_and_books_nothing(client, account):
    ask(client, "cancel")
    more = {"account": account.number, "sum": "1500", "txn_date": "20260305085900"}

    assert ask(client, "pay", **more)["result"] == "0"
    assert LedgerEntry.objects.count() == 2
    assert balance_of(account.ledger_account_id) == 0


def test_clock_of_the_terminal_counts_for_nothing(client, account):
    """3c row 11: a day off, the day of the books is ours."""
    theirs = (machine_now() - timedelta(days=1)).strftime("%Y%m%d%H%M%S")

    assert ask(client, "pay", txn_id="19", account=account.number, sum="5", txn_date=theirs)["result"] == "0"

    payment = Payment.objects.get(network_txn_id="19")
    assert payment.posted_on == today()
    assert payment.paid_at is not None
    assert payment.paid_at < payment.received_at - timedelta(hours=12)
