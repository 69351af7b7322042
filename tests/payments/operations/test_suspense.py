"""Money whose owner is not known is held, and given to its owner, wholly or in parts."""

from decimal import Decimal

import pytest

from billing_site.audit.models import AuditEntry
from billing_site.core.checkdigits import with_check_digit
from billing_site.ledger.balances import balance_of, turnover_of
from billing_site.ledger.models import LedgerAccount
from payments.models import Payment
from payments.operations.payments import AccountNeverExisted, PaymentConflict
from payments.operations.reversals import reverse_payment
from payments.operations.suspense import (
    AccountNumberMistyped,
    AccountTakesNoMoney,
    NotInSuspense,
    SuspensePart,
    SuspensePartUnsound,
    SuspenseReasonMissing,
    SuspenseTooMuch,
    give_suspense_payment,
    hold_payment,
)
from payments.queries.payments import allocations_of
from payments.queries.suspense import left_in_suspense, suspense_figures
from tests.factories.payments import DAY, MORNING, make_account, make_invoice, make_network, pay
from tests.payments.operations.test_reversals import findings

pytestmark = pytest.mark.django_db


def hold(amount="100", *, reason="NO_ACCOUNT", key="s1/7"):
    network = make_network(code=f"bank{LedgerAccount.objects.count()}")
    return hold_payment(
        channel="BANK",
        key=key,
        amount=Decimal(amount),
        reason=reason,
        received_at=MORNING,
        clearing_account_id=network.clearing_account_id,
        account_number="flat 7",
    ).payment_id


def give(payment_id, *parts, actor=None):
    wanted = [SuspensePart(account_number=number, amount_minor=minor) for number, minor in parts]
    return give_suspense_payment(payment_id=payment_id, parts=wanted, given_at=MORNING, actor=actor)


def test_money_of_nobody_is_held_once_for_its_key():
    """Invariant 31: an unknown owner is no error page."""
    held = hold()

    payment = Payment.objects.get(pk=held)
    assert (payment.state, payment.suspense_reason, payment.account_number) == ("SUSPENSE", "NO_ACCOUNT", "flat 7")
    assert hold() == held
    with pytest.raises(PaymentConflict):
        hold("101")
    with pytest.raises(SuspenseReasonMissing):
        hold(key="s1/8", reason=" ")
    figures = suspense_figures()
    assert (figures.count, figures.left_minor, figures.oldest_on) == (1, 100, DAY)
    assert findings() == []


def test_money_is_given_to_its_owners_in_parts_and_pays_their_bills(accountant):
    one, two = make_account(), make_account()
    bill = make_invoice(one, gross_minor=50, due_on=DAY).pk
    held = hold()

    first, second = give(held, (one.number, 60), (two.number, 30), actor=accountant)

    assert [(line.invoice_id, line.amount_minor) for line in allocations_of(first.payment_id)] == [(bill, 50)]
    assert [balance_of(account.ledger_account_id) for account in (one, two)] == [-60, -30]
    given = Payment.objects.filter(origin=held).order_by("id")
    assert list(given.values_list("channel", "key")) == [("SUSPENSE", f"{held}/1"), ("SUSPENSE", f"{held}/2")]
    assert left_in_suspense(held) == 10
    reverse_payment(payment_id=second.payment_id, kind="CANCELLED", reason="Another's", reversed_at=MORNING)
    assert left_in_suspense(held) == 40
    (third,) = give(held, (two.number, 40))
    assert Payment.objects.get(pk=third.payment_id).key == f"{held}/3"
    assert (left_in_suspense(held), suspense_figures().oldest_on) == (0, None)
    suspense = LedgerAccount.objects.get(code="SUSPENSE:AMD")
    debits, credits_ = turnover_of(suspense.pk, first=DAY, until=DAY.replace(day=20))
    assert (debits, credits_) == (130, 130)
    acts = AuditEntry.objects.filter(action="payments.give_suspense_payment", subject_id=str(held)).order_by("id")
    assert acts[0].changes == {"given_minor": {one.number: "60", two.number: "30"}}
    assert findings() == []


def test_gift_that_is_not_sound_is_refused_and_gives_nothing():
    owner, closed = make_account(), make_account(is_closed=True)
    held, posted = hold(), pay(owner.number, "5", network=make_network(), txn_id="1").payment_id
    mistyped = owner.number[:-1] + str((int(owner.number[-1]) + 1) % 10)
    for refusal, payment_id, parts in (
        (SuspenseTooMuch, held, [(owner.number, 101)]),
        (SuspensePartUnsound, held, []),
        (SuspensePartUnsound, held, [(owner.number, 0)]),
        (SuspensePartUnsound, held, [(owner.number, 1), (owner.number, 2)]),
        (AccountNumberMistyped, held, [(mistyped, 1)]),
        (AccountNeverExisted, held, [(with_check_digit("99999999"), 1)]),
        (AccountTakesNoMoney, held, [(owner.number, 1), (closed.number, 1)]),
        (NotInSuspense, posted, [(owner.number, 1)]),
    ):
        with pytest.raises(refusal):
            give(payment_id, *parts)

    assert not Payment.objects.filter(channel="SUSPENSE").exists()
    assert (balance_of(owner.ledger_account_id), left_in_suspense(held)) == (-5, 100)
