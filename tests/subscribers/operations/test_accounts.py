"""Subscribers and their accounts."""

from datetime import date
from typing import Any

import pytest

from billing_site.audit.models import AuditEntry
from billing_site.core.checkdigits import is_valid
from billing_site.core.errors import BillingError
from billing_site.db.transactions import durable
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entry
from subscribers.models import Account, AccountDiscount, BillCycle, PastCategory, Subscriber
from subscribers.operations.accounts import (
    AccountHasLines,
    AccountIsClosed,
    AccountNotSettled,
    BillDayUnsound,
    CategoryDayUnsound,
    CategoryReasonMissing,
    CategoryUnchanged,
    CategoryUnknown,
    CycleCodeTaken,
    DiscountAlreadyGiven,
    DiscountPeriodEmpty,
    change_account_category,
    close_account,
    create_bill_cycle,
    give_discount,
)
from subscribers.operations.subscribers import NameUnsound, create_subscriber, rename_subscriber
from subscribers.operations.subscriptions import activate_subscription, terminate_subscription
from subscribers.queries.holders import category_on
from tests.factories.subscribers import NOW, make_account, make_cycle, make_line
from tests.factories.tariffs import make_discount, make_plan

MARCH = date(2026, 3, 1)
pytestmark = pytest.mark.django_db


@durable
def owe(account: Account, *, amount_minor: int) -> None:
    books = open_accounts(codes=["REVENUE:TEST"], kind="REVENUE", currency="AMD")
    sides = [account.ledger_account_id, books["REVENUE:TEST"]]
    debit, credit = sides if amount_minor > 0 else reversed(sides)
    pair = Pair(debit_id=debit, credit_id=credit, amount_minor=abs(amount_minor))
    post_entry(
        NewEntry(source_type="TEST", source_id=account.number, posted_on=MARCH, actor="t", pairs=[pair], currency="AMD")
    )


def test_account_has_a_number_with_check_digit_and_a_place_in_the_books(clerk):
    account = make_account()

    assert len(account.number) == 9
    assert is_valid(account.number)
    book = LedgerAccount.objects.get(pk=account.ledger_account_id)
    assert (book.code, book.kind, book.currency) == (f"SUB:{account.number}", "SUBSCRIBER", "AMD")
    assert AuditEntry.objects.filter(action="subscribers.open_account", subject_id=str(account.pk)).count() == 1


def test_account_numbers_follow_each_other():
    first, second = (make_account(cycle=make_cycle(), centre=None) for _ in range(2))

    assert int(second.number[:-1]) == int(first.number[:-1]) + 1


def test_name_is_kept_as_written_without_stray_spaces(clerk):
    subscriber = create_subscriber(kind="PERSON", name="  欧阳建国 ", language="zh-hans", actor=clerk)

    assert subscriber.name == "欧阳建国"
    assert "ouyangjianguo" in subscriber.search_key


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_name_that_is_none_is_refused(name):
    with pytest.raises(NameUnsound):
        create_subscriber(kind="PERSON", name=name, language="en", actor=None)

    assert not Subscriber.objects.exists()


def test_renamed_subscriber_is_found_by_the_new_name(ani, supervisor):
    renamed = rename_subscriber(subscriber_id=ani.account.subscriber_id, name="Պետրոսյան Անի", actor=supervisor)

    assert "petrosyan" in renamed.search_key
    assert "grigoryan" not in renamed.search_key


@pytest.mark.parametrize("day", [0, 32])
def test_bill_day_that_no_month_has_is_refused(day):
    with pytest.raises(BillDayUnsound):
        create_bill_cycle(code="X", names={}, bill_day=day, open_from=MARCH, actor=None)

    assert not BillCycle.objects.exists()


def test_cycle_code_is_taken_once():
    make_cycle(code="FIRST")

    with pytest.raises(CycleCodeTaken):
        create_bill_cycle(code="FIRST", names={}, bill_day=2, open_from=MARCH, actor=None)


def test_settled_account_without_lines_is_closed(specialist):
    account = make_account()

    close_account(account_id=account.pk, closed_on=MARCH, actor=specialist)

    account.refresh_from_db()
    assert (account.state, account.closed_on) == ("CLOSED", MARCH)
    with pytest.raises(AccountIsClosed):
        close_account(account_id=account.pk, closed_on=MARCH, actor=specialist)


def test_account_with_a_line_is_not_closed(ani, specialist):
    with pytest.raises(AccountHasLines):
        close_account(account_id=ani.account.pk, closed_on=MARCH, actor=specialist)

    terminate_subscription(subscription_id=ani.line.pk, ended_on=MARCH, actor=specialist)
    close_account(account_id=ani.account.pk, closed_on=MARCH, actor=specialist)


@pytest.mark.parametrize("amount_minor", [500, -500])
def test_account_with_a_balance_is_not_closed(specialist, amount_minor):
    account = make_account()
    owe(account, amount_minor=amount_minor)

    with pytest.raises(AccountNotSettled) as refused:
        close_account(account_id=account.pk, closed_on=MARCH, actor=specialist)

    assert str(amount_minor) in refused.value.message
    account.refresh_from_db()
    assert account.state == "ACTIVE"


def test_nothing_is_sold_to_a_closed_account(specialist):
    account = make_account()
    discount = make_discount()
    close_account(account_id=account.pk, closed_on=MARCH, actor=specialist)

    with pytest.raises(AccountIsClosed):
        make_line(account=account)
    with pytest.raises(AccountIsClosed):
        give_discount(account_id=account.pk, discount_id=discount.pk, from_on=MARCH, actor=specialist)

    assert not account.subscriptions.exists()
    assert not AccountDiscount.objects.exists()


def test_discount_counts_once_a_day(supervisor):
    account, discount = make_account(), make_discount()
    give_discount(account_id=account.pk, discount_id=discount.pk, from_on=MARCH, actor=supervisor)

    with pytest.raises(DiscountAlreadyGiven):
        give_discount(account_id=account.pk, discount_id=discount.pk, from_on=date(2026, 4, 1), actor=supervisor)
    with pytest.raises(DiscountPeriodEmpty):
        give_discount(account_id=account.pk, discount_id=discount.pk, from_on=MARCH, until_on=MARCH, actor=supervisor)

    assert AccountDiscount.objects.count() == 1


def test_refused_line_leaves_nothing_behind(clerk):
    account = make_account()
    plan = make_plan(is_published=False)
    acts = AuditEntry.objects.count()

    with pytest.raises(Exception, match="cannot be sold"):
        activate_subscription(account_id=account.pk, plan_id=plan.pk, active_from=MARCH, at=NOW, actor=clerk)

    assert not account.subscriptions.exists()
    assert AuditEntry.objects.count() == acts


def test_category_changes_with_a_reason_and_a_refusal_writes_nothing(clerk):
    account = make_account()
    day: dict[str, Any] = {"changed_on": date(2026, 2, 10), "today": date(2026, 2, 20)}
    refused: list[tuple[dict[str, Any], type[BillingError]]] = [
        ({**day, "category": "KIOSK", "reason": "why"}, CategoryUnknown),
        ({**day, "category": "STATE", "reason": " "}, CategoryReasonMissing),
        ({**day, "category": "HOME", "reason": "x"}, CategoryUnchanged),
        ({**day, "category": "STATE", "reason": "x", "today": date(2026, 2, 9)}, CategoryDayUnsound),
    ]
    for given, refusal in refused:
        with pytest.raises(refusal):
            change_account_category(account_id=account.pk, actor=clerk, **given)
    acts = AuditEntry.objects.filter(action="subscribers.change_account_category")
    assert (Account.objects.get().category, acts.count(), PastCategory.objects.count()) == ("HOME", 0, 0)

    change_account_category(account_id=account.pk, category="STATE", reason=" A school ", actor=clerk, **day)

    assert Account.objects.get().category == "STATE"
    assert acts.get().changes == {"before": "HOME", "after": "STATE", "from": "2026-02-10", "reason": "A school"}
    account.refresh_from_db()
    assert [category_on(account, on=date(2026, 2, at)) for at in (9, 10)] == ["HOME", "STATE"]
    with pytest.raises(CategoryDayUnsound):
        change_account_category(account_id=account.pk, category="HOME", reason="x", actor=clerk, **day)
    close_account(account_id=account.pk, closed_on=MARCH, actor=clerk)
    with pytest.raises(AccountIsClosed):
        change_account_category(account_id=account.pk, category="HOME", reason="x", actor=clerk, **day)
    assert (Account.objects.get().category, PastCategory.objects.count()) == ("STATE", 1)
