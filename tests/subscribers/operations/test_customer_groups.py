"""Groups of accounts: made, joined, left, given discounts; what is refused writes nothing."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from subscribers.models import CustomerGroup, CustomerGroupDiscount, CustomerGroupMember
from subscribers.operations.accounts import DiscountPeriodEmpty
from subscribers.operations.customer_groups import (
    GroupHasDiscount,
    GroupKindUnknown,
    InCustomerGroup,
    NotInCustomerGroup,
    create_customer_group,
    give_group_discount,
    join_customer_group,
    leave_customer_group,
)
from subscribers.operations.subscriptions import PeriodAlreadyBilled
from tests.factories.account_rules import make_group
from tests.factories.subscribers import make_account
from tests.factories.tariffs import make_discount

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
pytestmark = pytest.mark.django_db


def test_group_of_an_unknown_kind_is_refused():
    with pytest.raises(GroupKindUnknown):
        create_customer_group(code="CLUB", kind="CLUB", names={"en": "Club"}, actor=None)

    assert not CustomerGroup.objects.exists()


def test_account_is_in_one_group_at_a_time():
    account = make_account()
    make_group(account)
    other = make_group(code="OTHER")

    with pytest.raises(InCustomerGroup):
        join_customer_group(account_id=account.pk, group_id=other.pk, from_on=MARCH, actor=None)
    with pytest.raises(PeriodAlreadyBilled):
        join_customer_group(account_id=account.pk, group_id=other.pk, from_on=date(2026, 1, 1), actor=None)

    assert CustomerGroupMember.objects.count() == 1


def test_account_leaves_its_group_and_joins_another():
    account = make_account()
    make_group(account)
    member = CustomerGroupMember.objects.get()

    leave_customer_group(member_id=member.pk, until_on=MARCH, actor=None)
    join_customer_group(account_id=account.pk, group_id=make_group(code="OTHER").pk, from_on=MARCH, actor=None)

    assert CustomerGroupMember.objects.count() == 2
    with pytest.raises(NotInCustomerGroup):
        leave_customer_group(member_id=member.pk, until_on=MARCH, actor=None)
    with pytest.raises(PeriodAlreadyBilled):
        leave_customer_group(member_id=member.pk, until_on=date(2026, 1, 1), actor=None)


def test_group_has_a_discount_once_and_for_a_day_at_least():
    group, discount = make_group(), make_discount(percent=Decimal(5))
    give = partial(give_group_discount, group_id=group.pk, discount_id=discount.pk, actor=None)
    give(from_on=FEBRUARY)

    with pytest.raises(GroupHasDiscount):
        give(from_on=MARCH)
    with pytest.raises(DiscountPeriodEmpty):
        give(from_on=MARCH, until_on=MARCH)

    assert CustomerGroupDiscount.objects.count() == 1
