"""Favourite numbers of a line, and closed groups of lines."""

from collections.abc import Mapping
from datetime import date

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import days_from
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from subscribers.models import FavouriteNumber, Subscription, SubscriptionPlan, UserGroup, UserGroupMember
from subscribers.operations.subscriptions import end_periods, lock_in_service
from tariffs.operations.codes import check_code_free
from tariffs.queries.plans import find_published_version

LONGEST_NUMBER = 15
SHORTEST_NUMBER = 3


class FavouriteUnsound(BillingError):
    """Not a number that can be called."""

    default_message = gettext_noop("%(number)s is no number: three to fifteen digits, the country code first.")
    default_code = "FAVOURITE_UNSOUND"


class FavouriteAlreadyHeld(BillingError):
    """The same number twice."""

    default_message = gettext_noop("%(number)s is a favourite number of this line on %(day)s already.")
    default_code = "FAVOURITE_ALREADY_HELD"


class TooManyFavourites(BillingError):
    """The plan allows no more."""

    default_message = gettext_noop("Plan %(plan)s allows %(count)s favourite numbers, and the line has as many.")
    default_code = "TOO_MANY_FAVOURITES"


class FavouriteNotHeld(BillingError):
    """There is nothing to take away."""

    default_message = gettext_noop("%(number)s is no favourite number of this line on %(day)s.")
    default_code = "FAVOURITE_NOT_HELD"


class GroupAlreadyHeld(BillingError):
    """A line is in one group at a time."""

    default_message = gettext_noop("The line is in a group on %(day)s or later already: it leaves that one first.")
    default_code = "GROUP_ALREADY_HELD"


class GroupNotHeld(BillingError):
    """The line is in no group."""

    default_message = gettext_noop("The line is in no group on %(day)s.")
    default_code = "GROUP_NOT_HELD"


@durable
def add_favourite_number(*, subscription_id: int, number: str, from_on: date, actor: User | None) -> FavouriteNumber:
    """
    Let a line call a number at the price of favourites from a day on.

    :param number: normalised: digits only, country code first
    :raises FavouriteUnsound: for anything but three to fifteen digits
    :raises LineNotActiveThen: if the line is not in service on that day
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    :raises FavouriteAlreadyHeld: if the line has it on that day or later
    :raises TooManyFavourites: if the plan of that day allows no more
    """
    is_number = number.isascii() and number.isdigit() and SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER
    if not is_number:
        raise FavouriteUnsound(context={"number": number})
    subscription = lock_in_service(subscription_id, on=from_on)
    _check_count(subscription, on=from_on)
    twice = {
        "subscribers_favouritenumber_once_a_day": lambda: FavouriteAlreadyHeld(
            context={"number": number, "day": from_on}
        )
    }
    with constraint_errors(twice):
        held = FavouriteNumber.objects.create(subscription=subscription, number=number, during=days_from(from_on))
    changes = {"number": number, "from": from_on.isoformat()}
    record("subscribers.add_favourite_number", actor=actor, subject=subscription, changes=changes)
    return held


@durable
def remove_favourite_number(*, subscription_id: int, number: str, until_on: date, actor: User | None) -> None:
    """
    Take a favourite number from a line: ``until_on`` is the first day without it.

    :raises FavouriteNotHeld: if the line does not have it on that day
    :raises LineNotActiveThen: if the line is not in service on that day
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    """
    subscription = lock_in_service(subscription_id, on=until_on)
    held = FavouriteNumber.objects.filter(subscription=subscription, number=number, during__contains=until_on)
    if not held.exists():
        raise FavouriteNotHeld(context={"number": number, "day": until_on})
    end_periods(held, on=until_on)
    changes = {"number": number, "until": until_on.isoformat()}
    record("subscribers.remove_favourite_number", actor=actor, subject=subscription, changes=changes)


@durable
def create_user_group(*, code: str, names: Mapping[str, str], actor: User | None) -> UserGroup:
    """
    Create a closed group; lines join it one by one.

    :raises CodeTaken: if a group has the code
    """
    check_code_free(UserGroup.objects.all(), code)
    group = UserGroup.objects.create(code=code, names=dict(names))
    record("subscribers.create_user_group", actor=actor, subject=group, changes={"code": code})
    return group


@durable
def join_user_group(*, subscription_id: int, group_id: int, from_on: date, actor: User | None) -> UserGroupMember:
    """
    Let a line be in a group from a day on.

    :raises LineNotActiveThen: if the line is not in service on that day
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    :raises GroupAlreadyHeld: if it is in a group on that day or later
    """
    subscription = lock_in_service(subscription_id, on=from_on)
    group = UserGroup.objects.get(pk=group_id)
    twice = {"subscribers_usergroupmember_one_at_a_time": lambda: GroupAlreadyHeld(context={"day": from_on})}
    with constraint_errors(twice):
        member = UserGroupMember.objects.create(group=group, subscription=subscription, during=days_from(from_on))
    changes = {"group": group.code, "from": from_on.isoformat()}
    record("subscribers.join_user_group", actor=actor, subject=subscription, changes=changes)
    return member


@durable
def leave_user_group(*, subscription_id: int, until_on: date, actor: User | None) -> None:
    """
    Let a line leave its group: ``until_on`` is the first day outside.

    :raises LineNotActiveThen: if the line is not in service on that day
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    :raises GroupNotHeld: if it is in no group on that day
    """
    subscription = lock_in_service(subscription_id, on=until_on)
    held = UserGroupMember.objects.filter(subscription=subscription, during__contains=until_on)
    if not held.exists():
        raise GroupNotHeld(context={"day": until_on})
    end_periods(held, on=until_on)
    changes = {"until": until_on.isoformat()}
    record("subscribers.leave_user_group", actor=actor, subject=subscription, changes=changes)


def _check_count(subscription: Subscription, *, on: date) -> None:
    """Refuse one favourite more than the plan of the day allows, on that day or later."""
    held_plan = SubscriptionPlan.objects.select_related("plan").get(subscription=subscription, during__contains=on)
    version = find_published_version(plan_id=held_plan.plan_id, on=on)
    allowed = 0 if version is None else version.favourite_count
    if FavouriteNumber.objects.filter(subscription=subscription, during__overlap=days_from(on)).count() >= allowed:
        raise TooManyFavourites(context={"plan": held_plan.plan.code, "count": allowed})
