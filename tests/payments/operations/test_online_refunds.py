"""Money paid online goes back through its provider: two people, once, posted when the provider has given it back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing_site.audit.models import AuditEntry
from billing_site.ledger.balances import balance_of
from payments.domain.online import RefundRefused
from payments.models import OnlinePayment, Refund, SandboxRefund
from payments.operations.online_adapters import adapter_of
from payments.operations.online_payments import page_of_provider
from payments.operations.refunds import (
    RefundGoesOnline,
    RefundNotThere,
    RefundRequestedBySamePerson,
    RefundTooMuch,
    RefundUnsound,
    approve_refund,
    pay_online_refund,
    pay_refund,
    reject_refund,
    request_refund,
)
from payments.operations.sandbox import decide_sandbox_payment
from payments.queries.refunds import refundable_online
from tests.factories.online import AT, begin_online, make_provider
from tests.factories.payments import make_account
from tests.payments.operations.test_reversals import findings

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(clerk):
    """500 paid in the sandbox, of which the account owes nothing: all of it is in his favour."""
    account = make_account()
    begun = begin_online(account, 500)
    page_of_provider(online_payment=begun, return_url="/my/pay/", language="en")
    decide_sandbox_payment(reference=begun.reference, choice="PAY", at=AT)
    begun.refresh_from_db()
    assert (begun.state, balance_of(account.ledger_account_id)) == ("PAID", -500)
    return begun


@pytest.fixture
def ask(paid, clerk):
    def request(amount, **fields):
        given = {"way": "ONLINE", "online_payment_id": paid.pk, "payee": "Ani", "bank_account": "", **fields}
        return request_refund(
            account_id=paid.account_id, amount_minor=amount, reason="Paid twice", at=AT, actor=clerk, **given
        )

    return request


def test_refund_goes_back_through_the_provider_once(paid, ask, clerk, accountant):
    """Two people; asked again the provider names the same refund; it leaves the provider's clearing account."""
    made = ask(200)
    with pytest.raises(RefundNotThere):
        pay_online_refund(refund_id=made.pk, paid_at=AT, actor=accountant)
    with pytest.raises(RefundRequestedBySamePerson):
        approve_refund(refund_id=made.pk, at=AT, actor=clerk)
    approve_refund(refund_id=made.pk, at=AT, actor=accountant)
    with pytest.raises(RefundGoesOnline):
        pay_refund(
            refund_id=made.pk,
            clearing_account_id=make_provider().clearing_account_id,
            paid_at=AT,
            actor=accountant,
        )
    assert not SandboxRefund.objects.exists()
    # As if the process had died after the provider's answer: it is asked again, under the same name.
    wish = {"reference": paid.reference, "wish": f"refund-{made.pk}", "amount": Decimal(200)}
    number = adapter_of(paid.provider).refund(**wish)

    done = pay_online_refund(refund_id=made.pk, paid_at=AT + timedelta(minutes=5), actor=accountant)

    assert (done.state, done.provider_reference, SandboxRefund.objects.count()) == ("PAID", number, 1)
    assert done.clearing_account_id == paid.provider.clearing_account_id
    assert (balance_of(paid.account.ledger_account_id), refundable_online(paid.pk)) == (-300, 300)
    assert AuditEntry.objects.get(action="payments.pay_online_refund").changes["provider_reference"] == number
    assert findings() == []
    with pytest.raises(RefundNotThere):
        pay_online_refund(refund_id=made.pk, paid_at=AT, actor=accountant)


def test_no_more_goes_back_than_was_paid_this_way(paid, ask, accountant):
    first = ask(400)
    for amount, fields, refusal in (
        (101, {}, RefundTooMuch),
        (50, {"online_payment_id": None}, RefundUnsound),
        (50, {"way": "CASH"}, RefundUnsound),
        (50, {"online_payment_id": begin_online(make_account(), 5).pk}, RefundUnsound),
    ):
        with pytest.raises(refusal):
            ask(amount, **fields)
    assert Refund.objects.count() == 1
    reject_refund(refund_id=first.pk, at=AT, actor=accountant)
    assert refundable_online(paid.pk) == 500
    assert refundable_online(OnlinePayment.objects.exclude(pk=paid.pk).get().pk) == 0


def test_provider_that_refuses_leaves_everything_as_it_was(paid, ask, accountant):
    made = ask(500)
    approve_refund(refund_id=made.pk, at=AT, actor=accountant)
    adapter_of(paid.provider).refund(reference=paid.reference, wish="somebody else's", amount=Decimal(1))

    with pytest.raises(RefundRefused):
        pay_online_refund(refund_id=made.pk, paid_at=AT, actor=accountant)

    made.refresh_from_db()
    assert (made.state, balance_of(paid.account.ledger_account_id)) == ("APPROVED", -500)
    assert findings() == []
