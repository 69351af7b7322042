"""The card of an account."""

from datetime import date

import pytest

from billing_site.core.periods import DatePeriod
from subscribers.models import Account
from subscribers.operations.accounts import give_discount, open_account
from subscribers.operations.subscriptions import add_feature, change_plan
from subscribers.queries.accounts import accounts_for, get_account_card
from tests.factories.subscribers import NOW, START, make_line
from tests.factories.tariffs import make_discount, make_feature, make_plan

CHANGE = date(2026, 2, 15)
pytestmark = pytest.mark.django_db


def test_card_shows_lines_with_plans_features_and_numbers(ani, clerk):
    new = make_plan(code="NEW")
    change_plan(subscription_id=ani.line.pk, plan_id=new.pk, changed_on=CHANGE, actor=clerk)
    add_feature(subscription_id=ani.line.pk, feature_id=make_feature().pk, from_on=CHANGE, actor=clerk)
    give_discount(account_id=ani.account.pk, discount_id=make_discount().pk, from_on=CHANGE, actor=clerk)

    card = get_account_card(ani.account.pk)

    assert (card.number, card.name, card.language, card.balance_minor) == (
        ani.account.number,
        "Գրիգորյան Անի Հայկի",
        "hy",
        0,
    )
    [line] = card.lines
    assert (line.plans[0].code, line.plans[0].days) == ("NEW", DatePeriod(CHANGE))
    assert line.numbers_at(NOW) == (ani.number,)
    assert line.plan_on(CHANGE) == line.plans[0]
    assert line.plan_on(date(2025, 1, 1)) is None
    assert [feature.code for feature in line.features] == ["CALLER-ID"]
    assert [(held.code, held.percent) for held in card.discounts] == [("TENTH", "10")]


def test_card_names_other_accounts_of_the_subscriber(ani, centre):
    other = open_account(
        subscriber_id=ani.account.subscriber_id,
        centre_id=centre.pk,
        cycle_id=ani.account.cycle_id,
        opened_on=START,
        actor=None,
    )

    assert [one.number for one in get_account_card(ani.account.pk).other_accounts] == [other.number]


def test_card_costs_the_same_with_many_lines(ani, django_assert_num_queries):
    for count in (1, 3):
        while ani.account.subscriptions.count() < count:
            make_line(account=ani.account)
        with django_assert_num_queries(8):
            card = get_account_card(ani.account.pk)
        assert len(card.lines) == count


def test_card_of_nothing_is_refused(db):
    with pytest.raises(Account.DoesNotExist):
        get_account_card(0)


def test_accounts_are_listed_by_centre_and_cycle(ani, najla, centre):
    assert accounts_for(centre_id=centre.pk).count() == 2
    assert accounts_for(cycle_id=0).count() == 0
    assert accounts_for().count() == 2
