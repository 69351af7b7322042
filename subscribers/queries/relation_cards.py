"""Favourite numbers and closed groups as the front desk reads them."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from billing_site.db.ranges import date_period, days_from
from subscribers.models import FavouriteNumber, NumberAssignment, UserGroup, UserGroupMember

Names = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationCard:
    """A favourite number of a line, or the group that it is in; ``until`` is the first day without, ``None`` open."""

    key: int
    line_number: str
    favourite: str
    group_names: Names
    from_on: date
    until: date | None


def favourites_of_account(*, account_id: int, on: date, at: datetime) -> tuple[RelationCard, ...]:
    """Return the favourite numbers of an account's lines that hold or will hold, by line."""
    rows = FavouriteNumber.objects.filter(subscription__account_id=account_id, during__overlap=days_from(on))
    return tuple(
        RelationCard(
            key=row.pk,
            line_number=row.line_number or "",
            favourite=row.number,
            group_names={},
            from_on=date_period(row.during).start,
            until=date_period(row.during).until,
        )
        for row in rows.annotate(line_number=_number_at(at)).order_by("subscription", "number")
    )


def groups_of_account(*, account_id: int, on: date, at: datetime) -> tuple[RelationCard, ...]:
    """Return the groups that an account's lines are in or will be in, by line."""
    rows = UserGroupMember.objects.filter(subscription__account_id=account_id, during__overlap=days_from(on))
    return tuple(
        RelationCard(
            key=row.pk,
            line_number=row.line_number or "",
            favourite="",
            group_names=row.group.names,
            from_on=date_period(row.during).start,
            until=date_period(row.during).until,
        )
        for row in rows.select_related("group").annotate(line_number=_number_at(at)).order_by("subscription")
    )


def user_groups(*, on: date) -> "QuerySet[UserGroup]":
    """Return every group with ``member_count``: how many lines are in it on a day."""
    return UserGroup.objects.annotate(member_count=Count("members", filter=Q(members__during__contains=on)))


def members_of_group(*, group_id: int, at: datetime) -> "QuerySet[UserGroupMember]":
    """Return the memberships of a group, past ones too, with ``line_number``: the number that the line has."""
    members = UserGroupMember.objects.filter(group_id=group_id)
    return members.select_related("subscription__account__subscriber").annotate(line_number=_number_at(at))


def _number_at(at: datetime) -> Subquery:
    held = NumberAssignment.objects.filter(subscription=OuterRef("subscription"), during__contains=at)
    return Subquery(held.order_by("number").values("number")[:1])
