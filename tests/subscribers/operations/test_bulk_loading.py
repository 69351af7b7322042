"""Many accounts and lines at once."""

from datetime import date

import pytest

from billing_site.core.checkdigits import is_valid
from billing_site.ledger.models import LedgerAccount
from subscribers.models import Account, NumberAssignment, PhoneNumber, Subscriber, Subscription
from subscribers.operations import bulk_loading
from subscribers.operations.accounts import AccountIsClosed, close_account
from subscribers.operations.bulk_loading import (
    NewAccount,
    NewSubscription,
    TooManyRows,
    activate_subscriptions_in_bulk,
    open_accounts_in_bulk,
)
from subscribers.operations.numbers import NumberAlreadyTaken, NumberNotOurs, hold_number
from subscribers.operations.subscribers import NameUnsound
from subscribers.operations.subscriptions import PlanNotForSale
from tests.factories.subscribers import NOW, START, make_account, make_cycle, make_range
from tests.factories.tariffs import make_plan

FIRST = "99910500000"
pytestmark = pytest.mark.django_db


def new_account(centre, *, name: str) -> NewAccount:
    return NewAccount(
        kind="PERSON", name=name, language="hy", centre_id=centre.pk, cycle_id=make_cycle().pk, opened_on=START
    )


def line_of(account: Account, *, number: str | None = None, plan_id: int) -> NewSubscription:
    return NewSubscription(account_id=account.pk, plan_id=plan_id, active_from=START, number=number)


@pytest.mark.parametrize("count", [1, 30])
def test_accounts_come_back_in_the_given_order_by_the_same_queries(
    centre, specialist, count, django_assert_num_queries
):
    new = [new_account(centre, name=f"Անի {n}") for n in range(count)]

    with django_assert_num_queries(8):
        accounts = open_accounts_in_bulk(accounts=new, actor=specialist)

    assert [account.subscriber.name for account in accounts] == [one.name for one in new]
    assert all(is_valid(account.number) for account in accounts)
    assert LedgerAccount.objects.filter(kind="SUBSCRIBER").count() == count


def test_one_bad_name_refuses_all(centre):
    with pytest.raises(NameUnsound):
        open_accounts_in_bulk(accounts=[new_account(centre, name=name) for name in ("Ani", " ")], actor=None)

    assert (Subscriber.objects.count(), Account.objects.count()) == (0, 0)


def test_lines_get_their_numbers(centre, specialist):
    make_range(first=FIRST, centre=centre)
    plan = make_plan()
    accounts = [make_account(centre=centre) for _ in range(3)]
    numbers = [FIRST, None, "99910500001"]

    lines = activate_subscriptions_in_bulk(
        lines=[line_of(a, number=n, plan_id=plan.pk) for a, n in zip(accounts, numbers, strict=True)],
        at=NOW,
        actor=specialist,
    )

    assert [line.account_id for line in lines] == [account.pk for account in accounts]
    held = dict(NumberAssignment.objects.values_list("subscription", "number"))
    assert held == {lines[0].pk: FIRST, lines[2].pk: "99910500001"}
    assert PhoneNumber.objects.filter(state="ASSIGNED").count() == 2


def test_bulk_refuses_what_single_operations_refuse(centre, clerk):
    make_range(first=FIRST, centre=centre)
    open_one, closed = make_account(centre=centre), make_account(centre=centre)
    close_account(account_id=closed.pk, closed_on=date(2026, 2, 1), actor=None)
    hold_number(number="99910500005", at=NOW, actor=clerk)
    plan, draft = make_plan(), make_plan(is_published=False)
    cases = [
        ([line_of(closed, plan_id=plan.pk)], AccountIsClosed),
        ([line_of(open_one, plan_id=draft.pk)], PlanNotForSale),
        ([line_of(open_one, plan_id=plan.pk, number="99910999999")], NumberNotOurs),
        ([line_of(open_one, plan_id=plan.pk, number="99910500005")], NumberAlreadyTaken),
        ([line_of(open_one, plan_id=plan.pk, number=FIRST)] * 2, NumberAlreadyTaken),
    ]
    for lines, refusal in cases:
        with pytest.raises(refusal):
            activate_subscriptions_in_bulk(lines=lines, at=NOW, actor=None)

    assert not Subscription.objects.exists()
    assert not NumberAssignment.objects.exists()


def test_bulk_has_a_limit(centre, monkeypatch):
    monkeypatch.setattr(bulk_loading, "MAX_ROWS", 1)

    with pytest.raises(TooManyRows):
        open_accounts_in_bulk(accounts=[new_account(centre, name="Ani")] * 2, actor=None)


def test_nothing_loaded_is_nothing_written():
    assert open_accounts_in_bulk(accounts=[], actor=None) == []
    assert activate_subscriptions_in_bulk(lines=[], at=NOW, actor=None) == []
