"""An agreement to pay in parts: dunning leaves the bills alone while it is kept, and goes on where it is broken."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from payments.domain.instalments import Part
from payments.models import DunningAct, InstalmentPlan
from payments.operations.instalments import (
    PlanEnded,
    PlanOpen,
    PlanUnsound,
    PlanWithoutBills,
    agree_instalment_plan,
    end_instalment_plan,
)
from payments.operations.reversals import reverse_payment
from payments.queries.instalments import find_plan
from payments.queries.standings import read_standings
from subscribers.models import SubscriptionRestriction
from tests.factories.dunning import make_debt, make_policy, run_on
from tests.factories.payments import DAY, MORNING, make_network, pay
from tests.factories.subscribers import make_account, make_line
from tests.payments.operations.test_reversals import findings

pytestmark = pytest.mark.django_db
FIRST = DAY + timedelta(days=10)


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def bills(account):
    """900 and 101, both overdue, and 50 that is due later."""
    return [
        make_debt(account, minor, due_on=DAY + timedelta(days=n)).pk for minor, n in ((900, -25), (101, -1), (50, 45))
    ]


def agree(account, bills, **fields):
    given = {"count": 2, "first_due_on": FIRST, "agreed_with": "Ani", "at": MORNING, "actor": None, **fields}
    return agree_instalment_plan(account_id=account.pk, invoice_ids=bills, **given)


def overdue(account, on):
    return read_standings([account.pk], on=on)[0].standing.overdue_minor


def state():
    return InstalmentPlan.objects.values_list("state", flat=True).get()


def test_dunning_leaves_the_bills_alone_while_the_plan_is_kept_and_the_last_part_ends_it(account, bills):
    """P-09."""
    make_policy()
    line, network = make_line(account=account), make_network()
    for days in (5, 15, 20):
        run_on(DAY - timedelta(days=25 - days))
    assert DunningAct.objects.count() == 3

    plan = agree(account, bills[:2])

    assert list(plan.instalments.order_by("n").values_list("due_on", "amount_minor")) == [
        (FIRST, 501),
        (date(2026, 4, 15), 500),
    ]
    assert overdue(account, DAY) == 0
    rows = SubscriptionRestriction.objects.filter(subscription=line).order_by("id")
    assert list(rows.values_list("state", flat=True)) == ["RESTRICTED", "RESTORED"]
    run_on(FIRST)
    assert (DunningAct.objects.count(), state()) == (3, "OPEN")
    pay(account.number, "501", network=network, txn_id="1", received_at=MORNING + timedelta(days=9))
    run_on(FIRST + timedelta(days=3))
    assert (overdue(account, FIRST + timedelta(days=3)), state()) == (0, "OPEN")
    pay(account.number, "500", network=network, txn_id="2", received_at=MORNING + timedelta(days=20))
    assert state() == "KEPT"
    assert findings() == []


def test_part_unpaid_past_its_day_makes_the_whole_due_again(account, bills):
    make_policy()
    plan = agree(account, bills[:2])
    pay(account.number, "500", network=make_network(), txn_id="1")
    assert [overdue(account, FIRST + timedelta(days=n)) for n in (0, 1)] == [0, 501]

    run_on(FIRST + timedelta(days=6))

    assert state() == "BROKEN"
    assert overdue(account, FIRST + timedelta(days=6)) == 501
    assert DunningAct.objects.count() == 1
    standing = find_plan(plan.pk)
    assert standing is not None
    assert (standing.paid_minor, standing.left_minor) == (500, 501)
    assert standing.next_part() == Part(due_on=FIRST, amount_minor=501)


def test_plan_called_off_makes_the_whole_due_again(account, bills):
    plan = agree(account, bills)

    end_instalment_plan(plan_id=plan.pk, at=MORNING, actor=None)

    assert (state(), overdue(account, DAY)) == ("ENDED", 1001)
    with pytest.raises(PlanEnded):
        end_instalment_plan(plan_id=plan.pk, at=MORNING, actor=None)


def test_plan_that_is_not_sound_is_refused_and_agrees_nothing(account, bills):
    foreign = make_debt(make_account(), 10, due_on=DAY).pk
    for refusal, chosen, fields in (
        (PlanWithoutBills, [], {}),
        (PlanWithoutBills, [bills[0], foreign], {}),
        (PlanUnsound, bills, {"count": 1}),
        (PlanUnsound, bills, {"count": 37}),
        (PlanUnsound, bills, {"first_due_on": DAY - timedelta(days=1)}),
        (PlanUnsound, bills, {"agreed_with": " "}),
    ):
        with pytest.raises(refusal):
            agree(account, chosen, **fields)
    assert not InstalmentPlan.objects.exists()

    agree(account, bills[:1])
    with pytest.raises(PlanOpen):
        agree(account, bills[1:])
    with pytest.raises(IntegrityError), transaction.atomic():
        _write_badly(account)
    for statement in ("UPDATE payments_instalment SET amount_minor = 1", "DELETE FROM payments_instalmentplan"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert InstalmentPlan.objects.count() == 1


def _write_badly(account):
    """A plan without its parts: the wall sees it at the end of the transaction."""
    InstalmentPlan.objects.create(
        account=account, amount_minor=5, agreed_with="x", agreed_at=MORNING, state="KEPT", ended_at=MORNING
    )
    connection.check_constraints()


def test_plan_kept_with_money_that_did_not_stand_is_open_again(account, bills):
    agree(account, bills[:2])
    paid = pay(account.number, "1001", network=make_network(), txn_id="1", received_at=MORNING)
    assert state() == "KEPT"

    reverse_payment(payment_id=paid.payment_id, kind="BOUNCED", reason="No cover", reversed_at=MORNING)
    assert state() == "OPEN"
    assert findings() == []
