"""Groups of accounts (firms, families, ministries), their members and their discounts."""

from collections.abc import Mapping
from datetime import date

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from subscribers.models import CustomerGroup, CustomerGroupDiscount, CustomerGroupMember
from subscribers.operations.accounts import DiscountPeriodEmpty, lock_open_account
from subscribers.operations.subscriptions import PeriodAlreadyBilled
from tariffs.models import Discount
from tariffs.operations.codes import check_code_free


class GroupKindUnknown(BillingError):
    """No such kind of group."""

    default_message = gettext_noop("There is no kind of group %(kind)s.")
    default_code = "GROUP_KIND_UNKNOWN"


class InCustomerGroup(BillingError):
    """An account is in one group at a time."""

    default_message = gettext_noop("Account %(account)s is in a group on some of these days already.")
    default_code = "IN_CUSTOMER_GROUP"


class NotInCustomerGroup(BillingError):
    """There is nothing to leave."""

    default_message = gettext_noop("Account %(account)s is not in the group on %(day)s.")
    default_code = "NOT_IN_CUSTOMER_GROUP"


class GroupLacksDiscount(BillingError):
    """There is nothing to end."""

    default_message = gettext_noop("Group %(group)s does not have this discount on %(day)s.")
    default_code = "GROUP_LACKS_DISCOUNT"


class GroupHasDiscount(BillingError):
    """The same discount does not count twice."""

    default_message = gettext_noop("Group %(group)s has this discount on some of these days already.")
    default_code = "GROUP_HAS_DISCOUNT"


@durable
def create_customer_group(*, code: str, kind: str, names: Mapping[str, str], actor: User | None) -> CustomerGroup:
    """
    Create a group; accounts join it one by one.

    :param kind: one of ``CustomerGroup.Kind``
    :raises CodeTaken: if a group has the code
    :raises GroupKindUnknown: for any other kind
    """
    check_code_free(CustomerGroup.objects.all(), code)
    if kind not in CustomerGroup.Kind.values:
        raise GroupKindUnknown(context={"kind": kind})
    group = CustomerGroup.objects.create(code=code, kind=kind, names=dict(names))
    record("subscribers.create_customer_group", actor=actor, subject=group, changes={"code": code, "kind": kind})
    return group


@durable
def join_customer_group(*, account_id: int, group_id: int, from_on: date, actor: User | None) -> CustomerGroupMember:
    """
    Let an account be in a group from a day on.

    :raises AccountIsClosed: if nothing more is sold to it
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    :raises InCustomerGroup: if it is in a group on that day or later
    """
    account = lock_open_account(account_id)
    if from_on < account.cycle.open_from:
        raise PeriodAlreadyBilled(context={"day": from_on, "open": account.cycle.open_from})
    group = CustomerGroup.objects.get(pk=group_id)
    named = {"account": account.number}
    with constraint_errors({"subscribers_customergroupmember_one_at_a_time": lambda: InCustomerGroup(context=named)}):
        member = CustomerGroupMember.objects.create(group=group, account=account, during=days_from(from_on))
    changes = {"group": group.code, "from": from_on.isoformat()}
    record("subscribers.join_customer_group", actor=actor, subject=account, changes=changes)
    return member


@durable
def leave_customer_group(*, member_id: int, until_on: date, actor: User | None) -> CustomerGroupMember:
    """
    Let an account leave its group: ``until_on`` is the first day outside.

    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    :raises NotInCustomerGroup: if it is not in it on the day before
    """
    rows = CustomerGroupMember.objects.select_related("account__cycle").select_for_update(of=("self",))
    member = rows.get(pk=member_id)
    open_from = member.account.cycle.open_from
    if until_on < open_from:
        raise PeriodAlreadyBilled(context={"day": until_on, "open": open_from})
    during = date_period(member.during)
    if until_on <= during.start or (during.until is not None and during.until <= until_on):
        raise NotInCustomerGroup(context={"account": member.account.number, "day": until_on})
    member.during = days_from(during.start, until_on)
    member.save(update_fields=["during"])
    changes = {"group": member.group_id, "until": until_on.isoformat()}
    record("subscribers.leave_customer_group", actor=actor, subject=member.account, changes=changes)
    return member


@durable
def give_group_discount(
    *, group_id: int, discount_id: int, from_on: date, actor: User | None, until_on: date | None = None
) -> CustomerGroupDiscount:
    """
    Give every account of a group a discount from a day on, or up to, but without, ``until_on``.

    :raises DiscountPeriodEmpty: if no day is left
    :raises GroupHasDiscount: if it has the same discount on one of the days
    """
    group = CustomerGroup.objects.select_for_update(no_key=True).get(pk=group_id)
    if until_on is not None and until_on <= from_on:
        raise DiscountPeriodEmpty(context={"first": from_on, "until": until_on})
    twice = {"subscribers_customergroupdiscount_not_twice": lambda: GroupHasDiscount(context={"group": group.code})}
    discount = Discount.objects.get(pk=discount_id)
    with constraint_errors(twice):
        given = CustomerGroupDiscount.objects.create(
            group=group, discount=discount, during=days_from(from_on, until_on)
        )
    changes = {"discount": discount.code, "from": from_on.isoformat()}
    record("subscribers.give_group_discount", actor=actor, subject=group, changes=changes)
    return given


@durable
def end_group_discount(*, given_id: int, until_on: date, actor: User | None) -> CustomerGroupDiscount:
    """
    End a discount of a group: ``until_on`` is the first day without it.

    :raises GroupLacksDiscount: if the group does not have it on the day before
    """
    given = CustomerGroupDiscount.objects.select_related("group").select_for_update(of=("self",)).get(pk=given_id)
    during = date_period(given.during)
    if until_on <= during.start or (during.until is not None and during.until <= until_on):
        raise GroupLacksDiscount(context={"group": given.group.code, "day": until_on})
    given.during = days_from(during.start, until_on)
    given.save(update_fields=["during"])
    changes = {"discount": given.discount_id, "until": until_on.isoformat()}
    record("subscribers.end_group_discount", actor=actor, subject=given.group, changes=changes)
    return given
