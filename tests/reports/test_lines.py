"""Lines begun and ended, counted while they do: 000-15, 001-21, 004-19."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection

from subscribers.models import Account, MonthCount, Subscription
from subscribers.operations.accounts import change_account_category
from subscribers.operations.daily_counts import merge_daily_counts
from subscribers.operations.subscriptions import resume_subscription, suspend_subscription, terminate_subscription
from subscribers.queries.daily_counts import lines_in_service
from tests.factories.identity import make_centre
from tests.factories.subscribers import make_account, make_line
from tests.factories.tariffs import make_plan
from tests.reports.asking import findings, rows_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 4)
BEFORE = date(2026, 2, 1)


@pytest.fixture
def lines(centre):
    """Three lines of one hall, one of another; on the day one begins and two end, for two reasons."""
    fixed, mobile = make_plan(kind="FIXED"), make_plan(kind="MOBILE")
    home, other = make_account(centre=centre), make_account(centre=make_centre(code="FAR"))
    old = [make_line(account=home, plan=fixed, active_from=BEFORE) for _ in range(3)]
    far = make_line(account=other, plan=mobile, active_from=BEFORE)
    make_line(account=home, plan=fixed, active_from=DAY)
    terminate_subscription(subscription_id=old[0].pk, ended_on=DAY, actor=None, reason="DEBT")
    terminate_subscription(subscription_id=old[1].pk, ended_on=DAY, actor=None)
    return home, other, far


def test_opening_and_activated_less_deactivated_is_closing(lines, centre):
    """000-15: yesterday by department; and the reasons say the same."""
    home, other, _far = lines
    own, far = (account.centre.department.names["en"] for account in (home, other))

    assert sorted(rows_of("line-movements", DAY, DAY)) == sorted(
        [(own, "FIXED", 3, 1, 2, 2), (far, "MOBILE", 1, 0, 0, 1)]
    )
    assert sorted(rows_of("line-reasons", DAY, DAY)) == [
        (DAY, own, "", 1, 0),
        (DAY, own, "DEBT", 0, 1),
        (DAY, own, "WISH", 0, 1),
    ]
    assert rows_of("line-movements", DAY, DAY, department_id=other.centre.department_id) == [
        (far, "MOBILE", 1, 0, 0, 1)
    ]
    assert sum(row[5] for row in rows_of("line-movements", DAY, DAY)) == lines_in_service(on=DAY) == 3


def test_counts_follow_what_changes_and_are_merged(lines):
    """001-21: accounts and lines by category and area are those that are there, also after one changes its category."""
    home, _other, _far = lines
    change_account_category(
        account_id=home.pk, category="BUSINESS", changed_on=date(2026, 3, 1), reason="A firm now", today=DAY, actor=None
    )
    customers = rows_of("customers", DAY, DAY)

    assert findings() == []
    assert merge_daily_counts(today=DAY) > 0
    assert findings() == []
    assert rows_of("customers", DAY, DAY) == customers
    assert {row[1:4] for row in customers} == {("BUSINESS", 1, 2), ("HOME", 1, 0)}
    assert sum(row[7] for row in customers) == lines_in_service(on=DAY)
    assert all(row[8] + row[9] - row[10] == row[2] for row in customers)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) - count(DISTINCT (day, centre_id, category, kind, reason)) FROM subscribers_dailycount"
        )
        assert cursor.fetchone() == (0,)


def test_bulk_writing_is_counted_as_well(lines):
    """A statement over many lines is counted as a set; taking them away takes the counts away."""
    home, _other, _far = lines
    Subscription.objects.bulk_create(
        [Subscription(account=home, kind="INTERNET", state="ACTIVE", active_from=DAY) for _ in range(5)]
    )
    Subscription.objects.filter(kind="INTERNET").update(active_from=DAY - timedelta(days=1))
    Account.objects.filter(pk=home.pk).update(centre=make_centre(code="MOVED"))
    assert findings() == []

    moved = rows_of("line-movements", DAY, DAY, centre_id=Account.objects.get(pk=home.pk).centre_id)
    assert [row[1:] for row in moved] == [("FIXED", 3, 1, 2, 2), ("INTERNET", 5, 0, 0, 5)]


def test_months_go_on_from_each_other(lines):
    """004-19: opening and activated less deactivated is closing, and that is the next opening; suspended ones apart."""
    _home, _other, far = lines
    suspend_subscription(subscription_id=far.pk, suspended_on=DAY, actor=None)
    assert findings() == []
    months = rows_of("lines-by-month", DAY, date(2026, 3, 5))
    Account.objects.filter(pk=far.account_id).update(centre=make_centre(code="MOVED"))
    own = rows_of("lines-by-month", DAY, DAY, centre_id=Account.objects.get(pk=far.account_id).centre_id)
    resume_subscription(subscription_id=far.pk, resumed_on=date(2026, 3, 5), actor=None)

    assert findings() == []
    assert (own[-1][4:], rows_of("lines-by-month", DAY, date(2026, 3, 5))[-1][4:]) == ((1, 1), (3, 0))
    assert len(months) == 13
    assert months[-2:] == [("2026-02", 0, 4, 0, 4, 0), ("2026-03", 4, 1, 2, 3, 1)]
    assert all(before[4] == after[1] for before, after in pairwise(months))


def asked_of_lines() -> list[list[Any]]:
    """Every figure of lines: of a day, of days over the turn of a month, of months up to the middle of one."""
    return [
        sorted(rows_of("line-movements", DAY, DAY), key=str),
        sorted(rows_of("line-movements", date(2026, 2, 20), DAY), key=str),
        sorted(rows_of("customers", date(2026, 1, 31), date(2026, 1, 31)), key=str),
        rows_of("lines-by-month", DAY, DAY),
        rows_of("lines-by-month", date(2026, 2, 1), date(2026, 2, 28)),
    ]


def test_months_are_the_same_before_and_after_the_night(lines):
    """004-19: figures are counted from the month's beginning; what changes the past changes all months since."""
    home, _other, far = lines
    before = asked_of_lines()
    for today in (date(2026, 1, 31), DAY, DAY):
        merge_daily_counts(today=today)
        assert (asked_of_lines(), findings()) == (before, [])
    assert MonthCount.objects.values_list("month", flat=True).distinct().count() == 3

    plan = make_plan(kind="INTERNET")
    suspend_subscription(subscription_id=far.pk, suspended_on=DAY, actor=None)
    for began in (date(2024, 12, 30), date(2025, 11, 3), date(2026, 2, 28), date(2026, 3, 3)):
        make_line(account=home, plan=plan, active_from=began)
    Account.objects.filter(pk=home.pk).update(centre=make_centre(code="MOVED"))
    changed = asked_of_lines()
    assert changed != before
    for today in (DAY, date(2026, 5, 1)):
        merge_daily_counts(today=today)
        assert (asked_of_lines(), findings()) == (changed, [])
    assert sum(row[5] for row in changed[0] if row[1] != "MOBILE") == lines_in_service(on=DAY) - 1
