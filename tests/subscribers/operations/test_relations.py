"""Favourite numbers and closed groups: as many as the plan allows, from a day on."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from billing_site.audit.models import AuditEntry
from billing_site.core.periods import DatePeriod
from billing_site.db.ranges import date_period, days_from
from subscribers.models import FavouriteNumber, UserGroup, UserGroupMember
from subscribers.operations.relations import (
    FavouriteAlreadyHeld,
    FavouriteNotHeld,
    FavouriteUnsound,
    GroupAlreadyHeld,
    GroupNotHeld,
    TooManyFavourites,
    add_favourite_number,
    create_user_group,
    join_user_group,
    leave_user_group,
    remove_favourite_number,
)
from subscribers.operations.subscriptions import LineNotActiveThen, PeriodAlreadyBilled, terminate_subscription
from subscribers.queries.relations import favourite_columns_sql, favourites_of, group_columns_sql, relations_of
from tariffs.domain.relations import Relation
from tariffs.operations.codes import CodeTaken
from tariffs.operations.draft_inputs import NewRate, NewStep
from tariffs.operations.plans import VersionDraft, draft_plan_version
from tests.factories.tariffs import make_scheme, make_zone, publish

MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)
FRIEND, OTHER = "99910555555", "99910666666"
pytestmark = pytest.mark.django_db


@pytest.fixture
def line(ani):
    """Ani's line; from March on her plan allows two favourite numbers."""
    draft = VersionDraft(
        valid_from=MARCH,
        window_scheme_code=make_scheme().code,
        currency="AMD",
        rates=[NewRate(code="L", zone_code=make_zone().code, steps=[NewStep(price=Decimal(1))])],
        favourite_count=2,
    )
    publish(draft_plan_version(plan_id=ani.line.plans.get().plan_id, draft=draft, actor=None))
    return ani.line


def add(line, number=FRIEND, from_on=MARCH, actor=None):
    return add_favourite_number(subscription_id=line.pk, number=number, from_on=from_on, actor=actor)


def test_favourite_number_holds_from_day_to_day(line, clerk):
    add(line, actor=clerk)
    remove_favourite_number(subscription_id=line.pk, number=FRIEND, until_on=MAY, actor=clerk)

    assert date_period(FavouriteNumber.objects.get().during) == DatePeriod(MARCH, MAY)
    assert [favourites_of(subscription_id=line.pk, on=day) for day in (MARCH, MAY)] == [(FRIEND,), ()]
    acts = AuditEntry.objects.filter(actor=clerk).order_by("id").values_list("action", flat=True)
    assert list(acts) == ["subscribers.add_favourite_number", "subscribers.remove_favourite_number"]


@pytest.mark.parametrize(
    ("number", "from_on", "refusal"),
    [
        (FRIEND, MAY, FavouriteAlreadyHeld),
        ("12", MARCH, FavouriteUnsound),
        ("٣٧٤١٠١٢٣", MARCH, FavouriteUnsound),
        (OTHER, date(2025, 1, 1), LineNotActiveThen),
        (OTHER, date(2026, 1, 15), PeriodAlreadyBilled),
        (OTHER, date(2026, 2, 15), TooManyFavourites),
    ],
)
def test_favourite_number_that_cannot_be_is_refused(line, number, from_on, refusal):
    add(line)

    with pytest.raises(refusal):
        add(line, number, from_on)
    assert [row.number for row in FavouriteNumber.objects.all()] == [FRIEND]


def test_plan_allows_so_many_favourites_and_no_more(line):
    add(line)
    add(line, OTHER, MAY)

    with pytest.raises(TooManyFavourites, match="allows 2 favourite numbers"):
        add(line, "99910777777")
    with pytest.raises(FavouriteNotHeld):
        remove_favourite_number(subscription_id=line.pk, number=OTHER, until_on=MARCH, actor=None)
    assert FavouriteNumber.objects.count() == 2


def group_of(*lines):
    group = create_user_group(code="TEAM", names={"en": "Team"}, actor=None)
    for line in lines:
        join_user_group(subscription_id=line.pk, group_id=group.pk, from_on=MARCH, actor=None)
    return group


def test_group_holds_while_both_are_in_it(line, najla):
    group_of(line, najla.line)
    leave_user_group(subscription_id=najla.line.pk, until_on=MAY, actor=None)

    found = [
        relations_of(
            subscription_id=line.pk,
            called=najla.number,
            at=datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
            on=day,
        )
        for day in (date(2026, 2, 28), MARCH, MAY)
    ]
    assert found == [frozenset(), {Relation.GROUP}, frozenset()]


def test_line_is_in_one_group_at_a_time(line):
    group = group_of(line)

    with pytest.raises(GroupAlreadyHeld):
        join_user_group(subscription_id=line.pk, group_id=group.pk, from_on=MAY, actor=None)
    with pytest.raises(GroupNotHeld):
        leave_user_group(subscription_id=line.pk, until_on=date(2026, 2, 10), actor=None)
    with pytest.raises(CodeTaken):
        create_user_group(code="TEAM", names={}, actor=None)
    assert (UserGroup.objects.count(), UserGroupMember.objects.count()) == (1, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        UserGroupMember.objects.create(group=group, subscription=line, during=days_from(MAY))


def test_end_of_the_line_ends_what_it_has(line):
    group_of(line)
    add(line)
    terminate_subscription(subscription_id=line.pk, ended_on=MAY, actor=None)

    periods = [date_period(row.during) for row in (FavouriteNumber.objects.get(), UserGroupMember.objects.get())]
    assert periods == [DatePeriod(MARCH, MAY)] * 2


def test_relations_come_in_bulk_by_days(line):
    group = group_of(line)
    add(line)

    with connection.cursor() as cursor:
        found = []
        for make_sql in (favourite_columns_sql, group_columns_sql):
            cursor.execute(make_sql(first_on=MARCH, last_on=MAY, cursor=cursor.cursor))
            found.append(cursor.fetchall())
        cursor.execute(
            favourite_columns_sql(first_on=date(2026, 2, 1), last_on=date(2026, 2, 28), cursor=cursor.cursor)
        )
        before = cursor.fetchall()
    march = (MARCH - date(1970, 1, 1)).days
    assert found == [[(line.pk, FRIEND, march, None)], [(line.pk, group.pk, march, None)]]
    assert before == []
