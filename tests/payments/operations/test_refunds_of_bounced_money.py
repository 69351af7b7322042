"""A cheque without cover whose money was given back before: it is owed again, and dunned with the next bill."""

from datetime import UTC, datetime, timedelta

import pytest

from billing_site.ledger.balances import balance_of
from payments.domain.gateway import CheckRequest
from payments.models import RefundPart
from payments.operations.refunds import approve_refund, pay_refund, request_refund
from payments.operations.reversals import reverse_payment
from payments.queries.gateway import check_account
from payments.queries.payments import advance_of, open_debts
from payments.queries.standings import read_standings
from payments.queries.till_dues import find_till_account
from tests.factories.invoicing import DUE, bill_cycle, invoice_of
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_plan
from tests.payments.operations.test_reversals import findings

pytestmark = pytest.mark.django_db
AT = datetime(2026, 2, 20, 6, tzinfo=UTC)
AFTER = datetime(2026, 3, 10, 6, tzinfo=UTC)


@pytest.fixture
def line():
    return make_line(account=make_account(), plan=make_plan())


@pytest.fixture
def network():
    return make_network()


@pytest.fixture
def cheque(line, network, clerk, accountant):
    """1,000 that were given back, and then did not stand."""
    paid = pay(line.account.number, "1000", network=network, txn_id="cheque", received_at=AT).payment_id
    refund = request_refund(
        account_id=line.account_id,
        amount_minor=1000,
        way="BANK",
        payee="Ani",
        bank_account="AM12345678904321",
        reason="He asked for it",
        at=AT,
        actor=clerk,
    )
    approve_refund(refund_id=refund.pk, at=AT, actor=accountant)
    pay_refund(refund_id=refund.pk, clearing_account_id=network.clearing_account_id, paid_at=AT, actor=accountant)
    reverse_payment(payment_id=paid, kind="BOUNCED", reason="No cover", reversed_at=AT)
    return paid


def asked(line, network):
    """Return what terminal and till ask for, and the balance."""
    request = CheckRequest(txn_id="1", account_number=line.account.number, amount=None)
    debt = check_account(network=network, asked=request, day=AT.date()).debt
    till = find_till_account(number=line.account.number, on=AT.date())
    assert till is not None
    return debt, till.due_minor, balance_of(line.account.ledger_account_id)


def test_money_given_back_of_a_cheque_that_bounced_is_asked_for_and_paid_once(line, network, cheque):
    """000-18, 3d row 5."""
    assert asked(line, network) == ("1000", 1000, 1000)

    pay(line.account.number, "1300", network=network, txn_id="2", received_at=AT)

    assert asked(line, network) == ("0", 0, -300)
    assert advance_of(line.account_id) == 300
    assert list(RefundPart.objects.order_by("pk").values_list("amount_minor", flat=True)) == [1000, 1000]
    assert findings() == []


def test_next_bill_asks_for_it_and_is_dunned_for_what_is_not_paid(line, network, cheque):
    """The money of a payer who pays the new charges alone stands for the older debt first."""
    bill = invoice_of(line, run=bill_cycle(make_cycle()))
    assert (bill.gross_minor, bill.frozen["to_pay_minor"]) == (1200, 2200)

    pay(line.account.number, "1200", network=network, txn_id="2", received_at=AFTER)

    assert [(debt.invoice_id, debt.amount_minor) for debt in open_debts(line.account_id)] == [(bill.pk, 1000)]
    assert (asked(line, network), advance_of(line.account_id)) == (("1000", 1000, 1000), 0)
    (standing,) = read_standings([line.account_id], on=DUE + timedelta(days=1))
    assert standing.standing.overdue_minor == 1000
    pay(line.account.number, "1000", network=network, txn_id="3", received_at=AFTER)
    assert (open_debts(line.account_id), asked(line, network)) == ((), ("0", 0, 0))
    assert findings() == []


def test_advance_that_a_bill_run_finds_stands_for_it_first(line, network, cheque):
    """The bulk way leaves such accounts to the exact one."""
    pay(line.account.number, "400", network=network, txn_id="2", received_at=AT)
    assert (advance_of(line.account_id), asked(line, network)) == (0, ("600", 600, 600))
    bill = invoice_of(line, run=bill_cycle(make_cycle()))

    assert bill.frozen["to_pay_minor"] == 1800
    assert asked(line, network) == ("1800", 1800, 1800)


def test_money_that_stands_for_it_can_be_taken_back_and_it_is_owed_again(line, network, cheque):
    """A clerk's mistake is no refund of that money; what was given back itself stays refused."""
    first = pay(line.account.number, "1000", network=network, txn_id="2", received_at=AT + timedelta(days=1)).payment_id

    reverse_payment(payment_id=first, kind="CANCELLED", reason="Not his", reversed_at=AFTER)

    assert asked(line, network) == ("1000", 1000, 1000)
    pay(line.account.number, "1000", network=network, txn_id="3", received_at=AFTER)
    assert asked(line, network) == ("0", 0, 0)
    assert findings() == []
