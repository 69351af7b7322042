"""Money comes in once, whole, and is used for the oldest bill."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from billing_site.audit.models import AuditEntry
from billing_site.core.money import AmountNotExact
from billing_site.ledger.balances import balance_of, turnover_of
from billing_site.ledger.models import LedgerAccount, LedgerEntry
from payments.models import Allocation, Payment
from payments.operations.payments import (
    AccountNeverExisted,
    PaymentConflict,
    PaymentTooLarge,
    PaymentTooSmall,
    note_conflict,
    receive_payment,
)
from payments.queries.payments import advance_of, allocations_of, payments_for
from tests.factories.payments import DAY, MORNING, make_account, make_invoice, make_network, pay

pytestmark = pytest.mark.django_db


def assert_nothing_taken():
    assert not Payment.objects.exists()
    assert not LedgerEntry.objects.exists()
    assert not Allocation.objects.exists()


def test_payment_is_posted_between_clearing_and_receivable():
    account, network = make_account(), make_network()

    receipt = pay(account.number, "1500.00", network=network, txn_id="17")

    payment = Payment.objects.get()
    assert receipt.payment_id == payment.pk
    assert not receipt.is_repeat
    assert (payment.state, payment.account_id, payment.posted_on) == ("POSTED", account.pk, DAY)
    assert (payment.amount_minor, str(payment.amount.currency)) == (1500, "AMD")
    assert payment.answer == receipt.answer
    assert balance_of(account.ledger_account_id) == -1500
    assert turnover_of(network.clearing_account_id, first=DAY, until=date(2026, 3, 6)) == (1500, 0)
    assert AuditEntry.objects.filter(action="payments.receive_payment", subject_id=str(payment.pk)).count() == 1


def test_day_of_the_books_is_the_operators():
    account, network = make_account(), make_network()
    last_minute = datetime(2026, 3, 4, 19, 59, 59, tzinfo=UTC)
    first_minute = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)

    pay(account.number, "10", network=network, txn_id="1", received_at=last_minute)
    pay(account.number, "10", network=network, txn_id="2", received_at=first_minute)

    assert list(Payment.objects.order_by("id").values_list("posted_on", flat=True)) == [date(2026, 3, 4), DAY]


def test_money_closes_the_oldest_bill_first_and_the_rest_is_advance():
    """002-16, 002-17; what a bill below zero gives is money as well: it has paid 300 of the oldest."""
    account, network = make_account(), make_network()
    second = make_invoice(account, gross_minor=1500, due_on=date(2026, 2, 20))
    first = make_invoice(account, gross_minor=1000, due_on=date(2026, 1, 20))
    make_invoice(account, gross_minor=-300, due_on=date(2026, 1, 1))
    make_invoice(account, gross_minor=700, due_on=date(2026, 1, 2), state="DRAFT")

    one = pay(account.number, "1200", network=network, txn_id="1")
    two = pay(account.number, "10000", network=network, txn_id="2")

    used = [(line.invoice_id, line.amount_minor) for line in allocations_of(one.payment_id)]
    assert used == [(first.pk, 700), (second.pk, 500)]
    assert [(line.invoice_id, line.amount_minor) for line in allocations_of(two.payment_id)] == [(second.pk, 1000)]
    assert advance_of(account.pk) == 9000
    assert [p.pk for p in payments_for(account.pk).order_by("-id")] == [two.payment_id, one.payment_id]


def test_repetition_gets_the_first_answer_and_posts_nothing():
    account, network = make_account(), make_network()
    first = pay(account.number, "1500", network=network, txn_id="17")

    again = pay(account.number, "1500.00", network=network, txn_id="17", received_at=MORNING.replace(year=2027))

    assert again.is_repeat
    assert (again.payment_id, again.answer) == (first.payment_id, first.answer)
    assert Payment.objects.count() == 1
    assert balance_of(account.ledger_account_id) == -1500


@pytest.mark.parametrize(("amount", "is_other"), [("1501", False), ("1500", True)])
def test_same_key_with_other_content_is_refused_and_changes_nothing(amount, is_other):
    account, other, network = make_account(), make_account(), make_network()
    pay(account.number, "1500", network=network, txn_id="17")

    with pytest.raises(PaymentConflict):
        pay((other if is_other else account).number, amount, network=network, txn_id="17")

    assert Payment.objects.count() == LedgerEntry.objects.count() == 1
    assert balance_of(account.ledger_account_id) == -1500
    assert balance_of(other.ledger_account_id) == 0


def test_conflict_is_noted_in_the_book_of_acts():
    account, network = make_account(), make_network()
    pay(account.number, "1500", network=network, txn_id="17")

    note_conflict(channel="TERMINAL", key="easypay:17", account_number="1", amount=Decimal(7))

    entry = AuditEntry.objects.get(action="payments.note_conflict")
    assert entry.changes == {"account_number": "1", "amount": "7"}


def test_account_that_never_existed_takes_no_money():
    """Ruling 17."""
    network = make_network()

    with pytest.raises(AccountNeverExisted):
        pay("999999999", "1500", network=network, txn_id="17")

    assert_nothing_taken()


def test_money_for_a_closed_account_goes_into_suspense():
    """Ruling 17."""
    account, network = make_account(is_closed=True), make_network()

    receipt = pay(account.number, "1500", network=network, txn_id="17")

    payment = Payment.objects.get()
    assert (payment.state, payment.account_id, payment.suspense_reason) == ("SUSPENSE", None, "ACCOUNT_CLOSED")
    assert receipt.answer["state"] == "SUSPENSE"
    suspense = LedgerAccount.objects.get(code="SUSPENSE:AMD")
    assert turnover_of(suspense.pk, first=DAY, until=date(2026, 3, 6)) == (0, 1500)
    assert balance_of(account.ledger_account_id) == 0


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        ("0", PaymentTooSmall),
        ("-5", PaymentTooSmall),
        ("9", PaymentTooSmall),
        ("501", PaymentTooLarge),
        ("10.5", AmountNotExact),
    ],
)
def test_amount_outside_the_limits_is_refused(amount, refusal):
    account, network = make_account(), make_network(minimum_minor=10, maximum_minor=500)

    with pytest.raises(refusal):
        pay(account.number, amount, network=network, txn_id="17")

    assert_nothing_taken()


def test_payment_at_a_till_names_its_clearing_account(django_assert_max_num_queries):
    account, network = make_account(), make_network()
    wish: dict[str, Any] = {
        "channel": "TILL",
        "key": "1:000001",
        "account_number": account.number,
        "amount": Decimal(10),
        "received_at": MORNING,
    }

    with pytest.raises(ValueError, match="clearing account"):
        receive_payment(**wish)
    with django_assert_max_num_queries(25):
        receive_payment(**wish, clearing_account_id=network.clearing_account_id)

    assert turnover_of(network.clearing_account_id, first=DAY, until=date(2026, 3, 6)) == (10, 0)
