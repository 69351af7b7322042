"""Who pays for whom: appointed, dismissed, and what is refused with nothing written."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing_site.audit.models import AuditEntry
from subscribers.models import Account, AccountPayer
from subscribers.operations.accounts import AccountIsClosed, AccountPaysForOthers, close_account
from subscribers.operations.payers import (
    PayerHeld,
    PayerInAnotherCycle,
    PayerIsPaidFor,
    PayerNotHeld,
    PayerUnsound,
    appoint_payer,
    dismiss_payer,
)
from subscribers.operations.subscriptions import PeriodAlreadyBilled
from tests.factories.subscribers import make_account, make_cycle
from tests.factories.tariffs import make_bill_item

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return make_account(name="Person"), make_account(name="Firm")


def appoint(account, payer, *, from_on=FEBRUARY, **more):
    return appoint_payer(account_id=account.pk, payer_id=payer.pk, from_on=from_on, actor=None, **more)


def test_payer_is_appointed_for_items_and_the_act_is_kept(pair):
    items = [make_bill_item(code=code).pk for code in ("CALLS", "DATA")]

    rows = appoint(*pair, bill_item_ids=items, percent=Decimal(40), until_on=date(2027, 1, 1))

    assert [(row.bill_item_id, row.percent) for row in rows] == [(items[0], 40), (items[1], 40)]
    assert AuditEntry.objects.filter(action="subscribers.appoint_payer").count() == 1


def test_payer_of_one_item_stands_beside_the_payer_of_the_rest(pair):
    account, payer = pair
    appoint(account, payer)
    appoint(account, make_account(), bill_item_ids=[make_bill_item().pk])

    assert AccountPayer.objects.count() == 2


@pytest.mark.parametrize(
    "more",
    [{"percent": Decimal(0)}, {"percent": Decimal("100.001")}, {"percent": Decimal("1.0001")}, {"until_on": FEBRUARY}],
)
def test_payer_of_no_share_or_no_day_is_refused(pair, more):
    with pytest.raises(PayerUnsound):
        appoint(*pair, **more)

    assert not AccountPayer.objects.exists()


def test_payer_is_not_oneself(pair):
    with pytest.raises(PayerUnsound):
        appoint(pair[0], pair[0])

    assert not AccountPayer.objects.exists()


def test_payers_never_make_a_ring_or_a_chain(pair):
    person, firm = pair
    appoint(person, firm)
    third = make_account()

    for account, payer in ((firm, person), (firm, third), (third, person)):
        with pytest.raises(PayerIsPaidFor):
            appoint(account, payer, from_on=MARCH)

    assert AccountPayer.objects.count() == 1


def test_payer_in_another_cycle_is_refused_with_the_remedy(pair):
    other = make_account(cycle=make_cycle(code="TENTH", bill_day=10))

    with pytest.raises(PayerInAnotherCycle, match="move one of them"):
        appoint(pair[0], other)

    assert not AccountPayer.objects.exists()


def test_account_with_a_payer_stays_in_its_cycle(pair):
    appoint(*pair)
    other = make_cycle(code="TENTH", bill_day=10)

    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=pair[1].pk).update(cycle=other)

    assert Account.objects.get(pk=pair[1].pk).cycle.code == "FIRST"


def test_second_payer_of_the_same_is_refused(pair):
    appoint(*pair)

    with pytest.raises(PayerHeld):
        appoint(pair[0], make_account(), from_on=MARCH)

    assert AccountPayer.objects.count() == 1


def test_payer_of_a_billed_period_or_a_closed_account_is_refused(pair):
    with pytest.raises(PeriodAlreadyBilled):
        appoint(*pair, from_on=date(2026, 1, 31))
    Account.objects.filter(pk=pair[1].pk).update(state="CLOSED", closed_on=FEBRUARY)
    with pytest.raises(AccountIsClosed):
        appoint(*pair)

    assert not AccountPayer.objects.exists()


def test_account_that_pays_for_others_is_not_closed(pair):
    appoint(*pair)

    with pytest.raises(AccountPaysForOthers):
        close_account(account_id=pair[1].pk, closed_on=MARCH, actor=None)

    assert Account.objects.get(pk=pair[1].pk).state == "ACTIVE"


def test_dismissed_payer_leaves_its_history_and_room_for_the_next(pair):
    (held,) = appoint(*pair)

    dismiss_payer(appointment_id=held.pk, until_on=MARCH, actor=None)
    appoint(pair[0], make_account(), from_on=MARCH)

    days = AccountPayer.objects.order_by("pk").values_list("during", flat=True)
    assert [(one.lower, one.upper) for one in days] == [(FEBRUARY, MARCH), (MARCH, None)]
    with pytest.raises(PayerNotHeld):
        dismiss_payer(appointment_id=held.pk, until_on=MARCH, actor=None)
