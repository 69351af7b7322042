"""Money taken back, given to its owner and given back by many at once, with real threads and real commits."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections

from billing_site.console.books import check_books
from billing_site.core.errors import BillingError
from billing_site.identity.roles import Role
from billing_site.ledger.balances import balance_of
from payments.models import Allocation, Payment, PaymentReversal
from payments.operations.refunds import approve_refund, pay_refund, request_refund
from payments.operations.reversals import PaymentAlreadyReversed, reverse_payment
from payments.operations.suspense import SuspensePart, SuspenseTooMuch, give_suspense_payment, hold_payment
from payments.queries.suspense import left_in_suspense
from tests.factories.identity import make_staff
from tests.factories.payments import DAY, MORNING, make_account, make_invoice, make_network, pay

AT_ONCE = 12


@pytest.fixture(scope="module")
def network(fresh_database):
    return make_network()


def all_at_once(act: Callable[[int], object]) -> Counter[str]:
    """Let threads act together, each on a connection of its own; count what became of them."""
    gate = threading.Barrier(AT_ONCE)

    def wait_and_act(n: int) -> str:
        gate.wait(timeout=30)
        try:
            act(n)
        except BillingError as refusal:
            return type(refusal).__name__
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return Counter(pool.map(wait_and_act, range(AT_ONCE)))


def wrong_money():
    return [one for one in check_books() if one.invariant.startswith(("payments.", "ledger."))]


def test_payment_taken_back_by_many_at_once_is_taken_back_once_and_pays_nothing(network):
    """3c row 9: cancel of cancelled; meanwhile other money comes in and pays the bill that is open again."""
    account = make_account()
    bill = make_invoice(account, gross_minor=100, due_on=DAY).pk
    paid = pay(account.number, "100", network=network, txn_id="1").payment_id

    def act(n: int) -> None:
        if n % 2:
            pay(account.number, "10", network=network, txn_id=f"other{n}")
        else:
            reverse_payment(payment_id=paid, kind="CANCELLED", reason="x", reversed_at=MORNING)

    assert all_at_once(act) == {"done": AT_ONCE // 2 + 1, PaymentAlreadyReversed.__name__: AT_ONCE // 2 - 1}
    assert PaymentReversal.objects.filter(payment_id=paid).count() == 1
    used = Allocation.objects.filter(invoice_id=bill).values_list("amount_minor", flat=True)
    assert (sum(used), balance_of(account.ledger_account_id)) == (60, -60)
    assert wrong_money() == []


def test_money_in_suspense_given_by_many_at_once_is_given_once(network):
    """Invariant 31: 100 wait, twelve people give 30 each to owners of their own."""
    owners = [make_account() for _ in range(AT_ONCE)]
    held = hold_payment(
        channel=Payment.Channel.BANK,
        key="s/1",
        amount=Decimal(100),
        reason="x",
        received_at=MORNING,
        clearing_account_id=network.clearing_account_id,
    ).payment_id

    def act(n: int) -> None:
        part = SuspensePart(account_number=owners[n].number, amount_minor=30)
        give_suspense_payment(payment_id=held, parts=[part], given_at=MORNING, actor=None)

    assert all_at_once(act) == {"done": 3, SuspenseTooMuch.__name__: AT_ONCE - 3}
    assert left_in_suspense(held) == 10
    assert sum(balance_of(owner.ledger_account_id) for owner in owners) == -90
    assert wrong_money() == []


def test_refund_paid_by_many_at_once_leaves_once(network):
    account = make_account()
    pay(account.number, "100", network=network, txn_id="credit")
    asker, decider = (
        make_staff(Role.BILLING_SPECIALIST, username="asker"),
        make_staff(Role.ACCOUNTANT, username="decider"),
    )
    refund = request_refund(
        account_id=account.pk,
        amount_minor=60,
        way="CASH",
        payee="Ani",
        bank_account="",
        reason="x",
        at=MORNING,
        actor=asker,
    )
    approve_refund(refund_id=refund.pk, at=MORNING, actor=decider)

    def act(_n: int) -> None:
        where = network.clearing_account_id
        pay_refund(refund_id=refund.pk, clearing_account_id=where, paid_at=MORNING, actor=decider)

    assert all_at_once(act)["done"] == 1
    assert balance_of(account.ledger_account_id) == -40
    assert wrong_money() == []
