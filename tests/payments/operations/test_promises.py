"""Promises to pay and accounts left out: 001-13, P-09."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from payments.models import DunningAct, DunningExclusion, PaymentPromise
from payments.operations.promises import (
    AlreadyLeftOut,
    ExclusionUnsound,
    NothingOverdue,
    PromiseAmountUnsound,
    PromiseDayUnsound,
    PromiseOpen,
    PromisesUsedUp,
    end_dunning_exclusion,
    exclude_from_dunning,
    promise_payment,
)
from payments.operations.reversals import reverse_payment
from tests.factories.dunning import make_debt, make_policy, run_on
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 5)
AT = datetime.fromisoformat("2026-03-05T06:00:00+00:00")


@pytest.fixture
def account():
    make_policy(promises_a_year=2, promise_days=14)
    made = make_account()
    make_debt(made, 1000, due_on=DAY - timedelta(days=10))
    return made


def promise(account, *, minor=1000, days=3, at=AT):
    return promise_payment(
        account_id=account.pk,
        amount_minor=minor,
        pay_until_on=at.date() + timedelta(days=days),
        channel="PHONE",
        given_by="Mary",
        at=at,
        actor=None,
    )


def days_of_steps():
    return [(act.n, act.run.day) for act in DunningAct.objects.select_related("run").order_by("id")]


def test_promise_holds_the_ladder_and_broken_goes_on_at_the_same_step(account):
    promise(account)
    for days in (0, 3, 4):
        run_on(DAY + timedelta(days=days))

    assert days_of_steps() == [(1, DAY + timedelta(days=4))]
    assert PaymentPromise.objects.get().state == "BROKEN"


def test_promise_is_kept_with_the_money(account):
    promise(account)
    pay(account.number, "1000", network=make_network(), txn_id="1", received_at=AT + timedelta(days=1))
    run_on(DAY + timedelta(days=5))

    assert (PaymentPromise.objects.get().state, days_of_steps()) == ("KEPT", [])


def test_promises_of_a_year_are_counted(account):
    for start in (0, 10):
        promise(account, days=1, at=AT + timedelta(days=start))
        run_on(DAY + timedelta(days=start + 2))
    with pytest.raises(PromisesUsedUp):
        promise(account, at=AT + timedelta(days=20))

    assert PaymentPromise.objects.count() == 2


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"minor": 0}, PromiseAmountUnsound),
        ({"minor": 1001}, PromiseAmountUnsound),
        ({"days": -1}, PromiseDayUnsound),
        ({"days": 15}, PromiseDayUnsound),
    ],
)
def test_unsound_promise_is_refused(account, wish, refusal):
    with pytest.raises(refusal):
        promise(account, **wish)

    assert not PaymentPromise.objects.exists()


def test_second_promise_and_one_for_nothing_are_refused(account):
    promise(account)
    with pytest.raises(PromiseOpen):
        promise(account)
    with pytest.raises(NothingOverdue):
        promise(make_account())

    assert PaymentPromise.objects.count() == 1


def test_promise_that_has_ended_stays_as_it_is(account):
    made = promise(account, days=0)
    run_on(DAY + timedelta(days=1))

    for change in ({"state": "OPEN", "ended_at": None}, {"amount_minor": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PaymentPromise.objects.filter(pk=made.pk).update(**change)


def test_account_left_out_is_not_reminded_until_it_ends(account):
    row = exclude_from_dunning(account_id=account.pk, reason="In hospital", first_on=DAY, last_on=None, actor=None)
    run_on(DAY)
    end_dunning_exclusion(exclusion_id=row.pk, today=DAY + timedelta(days=1), actor=None)
    run_on(DAY + timedelta(days=1))

    assert days_of_steps() == [(1, DAY + timedelta(days=1))]


def test_unsound_exclusions_are_refused(account):
    exclude_from_dunning(account_id=account.pk, reason="x", first_on=DAY, last_on=DAY, actor=None)
    with pytest.raises(AlreadyLeftOut):
        exclude_from_dunning(account_id=account.pk, reason="x", first_on=DAY, last_on=None, actor=None)
    with pytest.raises(ExclusionUnsound):
        exclude_from_dunning(account_id=account.pk, reason=" ", first_on=DAY, last_on=None, actor=None)

    assert DunningExclusion.objects.count() == 1


@pytest.mark.parametrize(("days", "expected"), [(2, "OPEN"), (5, "BROKEN")])
def test_promise_kept_with_money_that_did_not_stand_is_open_or_broken_again(account, days, expected):
    """What was kept with a cheque without cover is not kept: open until its day, broken after it."""
    made = promise(account)
    paid = pay(account.number, "1000", network=make_network(), txn_id="1", received_at=AT + timedelta(days=1))
    made.refresh_from_db()
    assert made.state == "KEPT"

    back = AT + timedelta(days=days)
    reverse_payment(payment_id=paid.payment_id, kind="BOUNCED", reason="No cover", reversed_at=back)

    made.refresh_from_db()
    assert (made.state, made.ended_at) == (expected, None if expected == "OPEN" else back)
    run_on(back.date())
    assert days_of_steps() == ([] if expected == "OPEN" else [(1, back.date())])


def test_promise_that_other_money_keeps_stays_kept(account):
    made, network = promise(account), make_network()
    paid = pay(account.number, "1000", network=network, txn_id="1", received_at=AT + timedelta(days=1))
    pay(account.number, "1000", network=network, txn_id="2", received_at=AT + timedelta(days=2))
    reverse_payment(payment_id=paid.payment_id, kind="RETURNED", reason="Asked", reversed_at=AT + timedelta(days=3))

    made.refresh_from_db()
    assert made.state == "KEPT"
