"""Money given back and money held: two people, never more than there is, in the books to the last unit."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from billing_site.ledger.balances import balance_of, turnover_of
from billing_site.ledger.models import LedgerAccount
from payments.models import Deposit, Payment, Refund, RefundPart
from payments.operations.allocations import allocate_advance
from payments.operations.deposits import DepositKeyTaken, DepositTooSmall, DepositUnsound, take_deposit, use_deposit
from payments.operations.refunds import (
    RefundNotThere,
    RefundRequestedBySamePerson,
    RefundTooMuch,
    RefundUnsound,
    approve_refund,
    pay_refund,
    reject_refund,
    request_refund,
)
from payments.operations.reversals import PaymentGivenBack, reverse_payment
from payments.queries.deposits import find_deposit
from payments.queries.payments import advance_of, open_debts
from payments.queries.refunds import refundable_of
from tests.factories.dunning import make_debt
from tests.factories.payments import DAY, MORNING, make_network, pay
from tests.factories.subscribers import make_account
from tests.payments.operations.test_reversals import findings

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def network():
    return make_network()


@pytest.fixture
def ask(account, clerk):
    def request(amount, *, way="BANK", target="AM12 3456 7890 4321", **fields):
        given = {"account_id": account.pk, "payee": "Ani", "reason": "Left us", "at": MORNING, "actor": clerk}
        return request_refund(amount_minor=amount, way=way, bank_account=target, **{**given, **fields})

    return request


@pytest.fixture
def pay_out(accountant, network):
    def perform(refund):
        approve_refund(refund_id=refund.pk, at=MORNING, actor=accountant)
        return pay_refund(
            refund_id=refund.pk, clearing_account_id=network.clearing_account_id, paid_at=MORNING, actor=accountant
        )

    return perform


@pytest.fixture
def deposit(account, network, clerk):
    return take_deposit(
        account_id=account.pk,
        key="receipt 7",
        amount_minor=500,
        reason="Telephone",
        clearing_account_id=network.clearing_account_id,
        taken_at=MORNING,
        actor=clerk,
    )


def left_of(deposit):
    """Return what of a deposit is still held."""
    held = find_deposit(deposit.pk)
    return held.left_minor if held is not None else None


def test_advance_goes_back_by_two_people_and_is_no_advance_then(account, network, ask, pay_out):
    """Invariant 29."""
    for n, amount in enumerate(("100", "50"), start=1):
        pay(account.number, amount, network=network, txn_id=str(n))

    refund = ask(120)
    assert (refund.bank_account, refund.masked_account) == ("AM12345678904321", "…4321")
    assert refundable_of(account.pk) == 30
    pay_out(refund)

    assert (balance_of(account.ledger_account_id), advance_of(account.pk)) == (-30, 30)
    assert list(RefundPart.objects.order_by("id").values_list("amount_minor", flat=True)) == [100, 20]
    assert turnover_of(network.clearing_account_id, first=DAY, until=DAY + timedelta(days=1)) == (150, 120)
    make_debt(account, 200, due_on=DAY)
    assert allocate_advance(account_id=account.pk) == 30
    assert sum(debt.amount_minor for debt in open_debts(account.pk)) == 170
    given_back = Payment.objects.earliest("id").pk
    # Money that was given back is not handed out once more; what a bank takes back is gone all the same.
    with pytest.raises(PaymentGivenBack):
        reverse_payment(payment_id=given_back, kind="CANCELLED", reason="x", reversed_at=MORNING)
    assert balance_of(account.ledger_account_id) == 170
    reverse_payment(payment_id=given_back, kind="BOUNCED", reason="x", reversed_at=MORNING)
    assert balance_of(account.ledger_account_id) == 270
    assert findings() == []


def test_refund_that_is_not_sound_is_refused_and_changes_nothing(account, network, ask, clerk, accountant):
    """3f row 7: more than paid, and the second person."""
    pay(account.number, "100", network=network, txn_id="1")
    for refusal, fields in (
        (RefundTooMuch, {"amount": 101}),
        (RefundUnsound, {"amount": 0}),
        (RefundUnsound, {"amount": 1, "target": ""}),
        (RefundUnsound, {"amount": 1, "way": "CASH"}),
        (RefundUnsound, {"amount": 1, "reason": " "}),
    ):
        with pytest.raises(refusal):
            ask(**fields)
    assert not Refund.objects.exists()

    refund = ask(80)
    with pytest.raises(RefundTooMuch):
        ask(21)
    with pytest.raises(RefundRequestedBySamePerson):
        approve_refund(refund_id=refund.pk, at=MORNING, actor=clerk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.update(state="APPROVED", decided_by=clerk, decided_at=MORNING)
    where = {"clearing_account_id": network.clearing_account_id, "paid_at": MORNING, "actor": accountant}
    with pytest.raises(RefundNotThere):
        pay_refund(refund_id=refund.pk, **where)
    approve_refund(refund_id=refund.pk, at=MORNING, actor=accountant)
    make_debt(account, 30, due_on=DAY)
    allocate_advance(account_id=account.pk)
    with pytest.raises(RefundTooMuch):
        pay_refund(refund_id=refund.pk, **where)
    with pytest.raises(RefundNotThere):
        reject_refund(refund_id=refund.pk, at=MORNING, actor=accountant)
    assert (Refund.objects.get().state, RefundPart.objects.count(), balance_of(account.ledger_account_id)) == (
        "APPROVED",
        0,
        -70,
    )


def test_deposit_is_a_liability_until_it_pays_a_debt_or_goes_back(account, deposit, ask, pay_out, clerk):
    held = LedgerAccount.objects.get(code="DEPOSIT:AMD")
    assert (balance_of(account.ledger_account_id), held.kind) == (0, "DEPOSIT")
    make_debt(account, 200, due_on=DAY)

    paid = use_deposit(deposit_id=deposit.pk, amount_minor=150, used_at=MORNING, actor=clerk)

    assert (balance_of(account.ledger_account_id), left_of(deposit)) == (50, 350)
    assert turnover_of(held.pk, first=DAY, until=DAY + timedelta(days=1)) == (150, 500)
    refund = ask(300, deposit_id=deposit.pk)
    with pytest.raises(DepositTooSmall):
        use_deposit(deposit_id=deposit.pk, amount_minor=51, used_at=MORNING, actor=clerk)
    use_deposit(deposit_id=deposit.pk, amount_minor=50, used_at=MORNING, actor=clerk)
    pay_out(refund)
    assert (balance_of(account.ledger_account_id), left_of(deposit)) == (0, 0)
    reverse_payment(payment_id=paid, kind="CANCELLED", reason="Another's debt", reversed_at=MORNING)
    assert (balance_of(account.ledger_account_id), left_of(deposit)) == (150, 150)
    assert findings() == []


def test_deposit_is_taken_once_and_its_wall_stands(account, deposit, network, clerk, accountant):
    wish = {
        "account_id": account.pk,
        "key": "receipt 7",
        "amount_minor": 500,
        "reason": "Telephone",
        "clearing_account_id": network.clearing_account_id,
        "taken_at": MORNING,
        "actor": clerk,
    }
    assert take_deposit(**wish) == deposit
    with pytest.raises(DepositKeyTaken):
        take_deposit(**{**wish, "amount_minor": 501})
    for fields in ({"amount_minor": 0}, {"reason": " "}, {"key": ""}):
        with pytest.raises(DepositUnsound):
            take_deposit(**{**wish, **fields})
    with pytest.raises(IntegrityError), transaction.atomic():
        _pay_too_much(deposit, by=clerk, decided_by=accountant)
    for statement in ("UPDATE payments_deposit SET amount_minor = 1", "DELETE FROM payments_refund"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert (Deposit.objects.count(), Refund.objects.count(), findings()) == (1, 0, [])


def _pay_too_much(deposit, *, by, decided_by):
    """Write a refund past the operations, of one unit more than the deposit is."""
    Refund.objects.create(
        account=deposit.account,
        deposit=deposit,
        amount_minor=deposit.amount_minor + 1,
        currency="AMD",
        way="CASH",
        payee="Ani",
        reason="x",
        state="PAID",
        requested_by=by,
        requested_at=MORNING,
        decided_by=decided_by,
        decided_at=MORNING,
        paid_by=by,
        paid_at=MORNING,
        posted_on=DAY,
        clearing_account=deposit.clearing_account,
    )
