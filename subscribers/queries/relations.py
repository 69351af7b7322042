"""How caller and called stand to each other: one call at a time for people, as columns for the engine."""

from datetime import date, datetime
from typing import Any

from billing_site.db.sql import read_sql
from subscribers.models import FavouriteNumber, NumberAssignment, UserGroupMember
from tariffs.domain.relations import Relation


def relations_of(*, subscription_id: int, called: str, at: datetime, on: date) -> frozenset[Relation]:
    """
    Return the relations in which a line and the number that it calls stand.

    The called is in the caller's group where the line that holds the number at that instant is.

    :param called: normalised: digits with the country code
    :param at: start of the call, with a zone
    :param on: the local day of the start
    """
    found = set()
    favourites = FavouriteNumber.objects.filter(subscription_id=subscription_id, during__contains=on)
    if favourites.filter(number=called).exists():
        found.add(Relation.FAVOURITE)
    groups = UserGroupMember.objects.filter(subscription_id=subscription_id, during__contains=on).values("group_id")
    holders = NumberAssignment.objects.filter(number=called, during__contains=at).values("subscription_id")
    others = UserGroupMember.objects.filter(group_id__in=groups, during__contains=on)
    if others.filter(subscription_id__in=holders).exists():
        found.add(Relation.GROUP)
    return frozenset(found)


def favourites_of(*, subscription_id: int, on: date) -> tuple[str, ...]:
    """Return the favourite numbers of a line on a day, in order."""
    rows = FavouriteNumber.objects.filter(subscription_id=subscription_id, during__contains=on)
    return tuple(rows.order_by("number").values_list("number", flat=True))


def favourite_columns_sql(*, first_on: date, last_on: date, cursor: Any) -> str:
    """
    Return the SELECT of favourite numbers between two days, to be copied out in bulk.

    Columns: subscription_id, number, from_day, until_day (days since 1970; null = open).
    """
    return _filled("favourite_columns", first_on=first_on, last_on=last_on, cursor=cursor)


def group_columns_sql(*, first_on: date, last_on: date, cursor: Any) -> str:
    """
    Return the SELECT of the closed groups of lines between two days, to be copied out in bulk.

    Columns: subscription_id, group_id, from_day, until_day (days since 1970; null = open). A call is inside a group
    where caller's line and the line that holds the called number at the start have the same group on the local day.
    """
    return _filled("group_columns", first_on=first_on, last_on=last_on, cursor=cursor)


def _filled(name: str, *, first_on: date, last_on: date, cursor: Any) -> str:
    parameters = {"first_on": first_on, "last_on": last_on}
    return str(cursor.mogrify(read_sql("subscribers", name), parameters).decode())
