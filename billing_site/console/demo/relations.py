"""Who calls whom at a price of its own, and who pays as a business: stories of the demo operator."""

from collections.abc import Sequence

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import MONTH_START
from billing_site.console.demo.words import five
from billing_site.core import clock
from subscribers.models import Account, FavouriteNumber, NumberAssignment, Subscription, UserGroup, UserGroupMember
from subscribers.operations.accounts import change_account_category
from subscribers.operations.relations import add_favourite_number, create_user_group, join_user_group

GROUP = "YUNCHUAN-TRADE"
FRIENDS = ("hy", "ru")
REASON = "Works from home: registered as a business on 28 January 2026."


def keep_relations() -> None:
    """One has favourite numbers, the lines of a company are a closed group, one has become a business."""
    actor = staff("clerk30")
    (line,) = _lines_of("smart phone")
    for story in FRIENDS:
        (number,) = numbers_of(_lines_of(story))
        if not FavouriteNumber.objects.filter(subscription=line, number=number).exists():
            add_favourite_number(subscription_id=line.pk, number=number, from_on=MONTH_START, actor=actor)
    if not UserGroup.objects.filter(code=GROUP).exists():
        names = five("Yunchuan Trade", "Յունչուան Թրեյդ", "Юньчуань Трейд", "云川贸易", "يونتشوان للتجارة")
        create_user_group(code=GROUP, names=names, actor=actor)
    group = UserGroup.objects.get(code=GROUP)
    for line in _lines_of("closed group"):
        if not UserGroupMember.objects.filter(subscription=line).exists():
            join_user_group(subscription_id=line.pk, group_id=group.pk, from_on=MONTH_START, actor=actor)
    account = account_of("became a business")
    if account.category == Account.Category.HOME:
        change_account_category(
            account_id=account.pk,
            category=Account.Category.BUSINESS,
            changed_on=MONTH_START,
            today=clock.today(),
            reason=REASON,
            actor=staff("supervisor30"),
        )


def friends_by_number() -> dict[str, tuple[str, ...]]:
    """Return whom lines of these stories like to call, by their own number."""
    (caller,) = numbers_of(_lines_of("smart phone"))
    group = numbers_of(_lines_of("closed group"))
    friends = tuple(number for story in FRIENDS for number in numbers_of(_lines_of(story)))
    return {caller: friends, **{number: tuple(other for other in group if other != number) for number in group}}


def numbers_of(lines: Sequence[Subscription]) -> tuple[str, ...]:
    """Return the numbers that lines hold or held, in order."""
    held = NumberAssignment.objects.filter(subscription__in=lines).order_by("number")
    return tuple(held.values_list("number", flat=True))


def _lines_of(story: str) -> list[Subscription]:
    return list(Subscription.objects.filter(account=account_of(story)).order_by("pk"))
