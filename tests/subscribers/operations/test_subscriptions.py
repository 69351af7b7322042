"""Lines: activated, changed, suspended, ended."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from billing_site.core.periods import DatePeriod, InstantPeriod, midnight_of
from billing_site.db.ranges import date_period, instant_period
from subscribers.domain.lifecycle import LineCannotMove
from subscribers.models import (
    NumberAssignment,
    PhoneNumber,
    Subscription,
    SubscriptionFeature,
    SubscriptionPlan,
    SubscriptionSuspension,
)
from subscribers.operations.numbers import NumberAlreadyTaken
from subscribers.operations.subscriptions import (
    FeatureAlreadyHeld,
    FeatureNotHeld,
    FeatureWithoutPrice,
    LineNotActiveThen,
    PeriodAlreadyBilled,
    PlanAlreadyHeld,
    PlanChangeAlreadyPlanned,
    PlanNotForSale,
    PlanOfAnotherKind,
    add_feature,
    change_plan,
    remove_feature,
    resume_subscription,
    suspend_subscription,
    terminate_subscription,
)
from tests.factories.subscribers import START, make_account, make_line
from tests.factories.tariffs import make_feature, make_plan

ZONE = ZoneInfo("Asia/Yerevan")
CHANGE = date(2026, 2, 15)
pytestmark = pytest.mark.django_db


def plans_of(line: Subscription) -> list[tuple[str, DatePeriod]]:
    rows = SubscriptionPlan.objects.filter(subscription=line).select_related("plan").order_by("during")
    return [(row.plan.code, date_period(row.during)) for row in rows]


def test_line_has_its_number_from_midnight_of_its_first_day(ani):
    assignment = NumberAssignment.objects.get(subscription=ani.line)

    assert instant_period(assignment.during) == InstantPeriod(midnight_of(START, zone=ZONE))
    assert PhoneNumber.objects.get(number=ani.number).state == "ASSIGNED"
    assert (ani.line.state, ani.line.kind) == ("ACTIVE", "FIXED")


def test_line_with_a_taken_number_is_not_made(ani):
    account = make_account()

    with pytest.raises(NumberAlreadyTaken):
        make_line(account=account, number=ani.number)

    assert not account.subscriptions.exists()


def test_draft_plan_is_not_sold():
    """000-10: a draft plan cannot be given to a subscriber."""
    account, plan = make_account(), make_plan(is_published=False)

    with pytest.raises(PlanNotForSale):
        make_line(account=account, plan=plan)

    assert not Subscription.objects.exists()


def test_day_of_the_change_belongs_to_the_new_plan(ani, clerk):
    old = SubscriptionPlan.objects.get(subscription=ani.line).plan
    new = make_plan(code="NEW")

    change_plan(subscription_id=ani.line.pk, plan_id=new.pk, changed_on=CHANGE, actor=clerk)

    assert plans_of(ani.line) == [(old.code, DatePeriod(START, CHANGE)), ("NEW", DatePeriod(CHANGE))]


def test_plan_that_cannot_be_taken_is_refused(ani, clerk):
    before = plans_of(ani.line)
    cases = [
        (make_plan(is_published=False), CHANGE, PlanNotForSale),
        (make_plan(kind="MOBILE"), CHANGE, PlanOfAnotherKind),
        (SubscriptionPlan.objects.get(subscription=ani.line).plan, CHANGE, PlanAlreadyHeld),
        (make_plan(), date(2026, 1, 20), PeriodAlreadyBilled),
        (make_plan(), date(2025, 12, 31), LineNotActiveThen),
    ]
    for plan, day, refusal in cases:
        with pytest.raises(refusal):
            change_plan(subscription_id=ani.line.pk, plan_id=plan.pk, changed_on=day, actor=clerk)

    assert plans_of(ani.line) == before


@pytest.mark.parametrize("day", [date(2026, 2, 10), CHANGE])
def test_change_before_a_planned_one_is_refused(ani, clerk, day):
    change_plan(subscription_id=ani.line.pk, plan_id=make_plan().pk, changed_on=CHANGE, actor=clerk)
    before = plans_of(ani.line)

    with pytest.raises(PlanChangeAlreadyPlanned):
        change_plan(subscription_id=ani.line.pk, plan_id=make_plan().pk, changed_on=day, actor=clerk)

    assert plans_of(ani.line) == before


def suspensions_of(line: Subscription) -> list[DatePeriod]:
    rows = SubscriptionSuspension.objects.filter(subscription=line).order_by("during")
    return [date_period(row.during) for row in rows]


def test_line_is_suspended_and_resumed_by_days(ani, clerk):
    first, last = date(2026, 2, 10), date(2026, 2, 20)
    key = {"subscription_id": ani.line.pk, "actor": clerk}

    assert suspend_subscription(suspended_on=first, reason="lost", **key).state == "SUSPENDED"
    with pytest.raises(LineCannotMove):
        suspend_subscription(suspended_on=last, **key)
    assert suspensions_of(ani.line) == [DatePeriod(first)]
    assert resume_subscription(resumed_on=last, **key).state == "ACTIVE"
    with pytest.raises(LineCannotMove):
        resume_subscription(resumed_on=last, **key)
    assert suspensions_of(ani.line) == [DatePeriod(first, last)]


def test_suspension_of_no_day_leaves_no_trace(ani, clerk):
    suspend_subscription(subscription_id=ani.line.pk, suspended_on=CHANGE, actor=clerk)
    resume_subscription(subscription_id=ani.line.pk, resumed_on=CHANGE, actor=clerk)

    assert suspensions_of(ani.line) == []


def test_line_is_not_suspended_in_a_period_that_is_billed(ani, clerk):
    with pytest.raises(PeriodAlreadyBilled):
        suspend_subscription(subscription_id=ani.line.pk, suspended_on=date(2026, 1, 31), actor=clerk)

    ani.line.refresh_from_db()
    assert (ani.line.state, suspensions_of(ani.line)) == ("ACTIVE", [])


def test_ended_line_gives_up_plan_features_and_number(ani, clerk):
    feature = make_feature()
    add_feature(subscription_id=ani.line.pk, feature_id=feature.pk, from_on=date(2026, 2, 1), actor=clerk)

    terminate_subscription(subscription_id=ani.line.pk, ended_on=CHANGE, actor=clerk)

    ani.line.refresh_from_db()
    assert (ani.line.state, ani.line.active_until) == ("TERMINATED", CHANGE)
    assert [period for _, period in plans_of(ani.line)] == [DatePeriod(START, CHANGE)]
    held = SubscriptionFeature.objects.get(subscription=ani.line)
    assert date_period(held.during) == DatePeriod(date(2026, 2, 1), CHANGE)
    assignment = NumberAssignment.objects.get(subscription=ani.line)
    assert instant_period(assignment.during).until == midnight_of(CHANGE, zone=ZONE)
    number = PhoneNumber.objects.get(number=ani.number)
    assert (number.state, number.quarantine_until) == ("QUARANTINE", date(2026, 5, 16))


def test_ended_line_takes_planned_changes_with_it(ani, clerk):
    change_plan(subscription_id=ani.line.pk, plan_id=make_plan().pk, changed_on=date(2026, 3, 1), actor=clerk)

    terminate_subscription(subscription_id=ani.line.pk, ended_on=CHANGE, actor=clerk)

    assert [period for _, period in plans_of(ani.line)] == [DatePeriod(START, CHANGE)]


def test_line_ends_once_and_not_in_a_billed_period(ani, clerk):
    with pytest.raises(PeriodAlreadyBilled):
        terminate_subscription(subscription_id=ani.line.pk, ended_on=date(2026, 1, 31), actor=clerk)
    with pytest.raises(LineNotActiveThen):
        terminate_subscription(subscription_id=ani.line.pk, ended_on=date(2025, 1, 31), actor=clerk)
    ani.line.refresh_from_db()
    assert ani.line.state == "ACTIVE"
    terminate_subscription(subscription_id=ani.line.pk, ended_on=CHANGE, actor=clerk)

    with pytest.raises(LineCannotMove):
        terminate_subscription(subscription_id=ani.line.pk, ended_on=CHANGE, actor=clerk)
    with pytest.raises(LineNotActiveThen):
        change_plan(subscription_id=ani.line.pk, plan_id=make_plan().pk, changed_on=CHANGE, actor=clerk)


def test_feature_is_held_once_and_taken_away(ani, clerk):
    feature = make_feature()
    add_feature(subscription_id=ani.line.pk, feature_id=feature.pk, from_on=CHANGE, actor=clerk)

    with pytest.raises(FeatureAlreadyHeld):
        add_feature(subscription_id=ani.line.pk, feature_id=feature.pk, from_on=date(2026, 3, 1), actor=clerk)
    remove_feature(subscription_id=ani.line.pk, feature_id=feature.pk, until_on=date(2026, 3, 1), actor=clerk)
    with pytest.raises(FeatureNotHeld):
        remove_feature(subscription_id=ani.line.pk, feature_id=feature.pk, until_on=date(2026, 3, 2), actor=clerk)

    held = SubscriptionFeature.objects.get(subscription=ani.line)
    assert date_period(held.during) == DatePeriod(CHANGE, date(2026, 3, 1))


def test_feature_without_a_price_is_not_sold(ani, clerk):
    feature = make_feature(valid_from=date(2026, 4, 1))

    with pytest.raises(FeatureWithoutPrice):
        add_feature(subscription_id=ani.line.pk, feature_id=feature.pk, from_on=CHANGE, actor=clerk)

    assert not SubscriptionFeature.objects.exists()


def test_instants_of_numbers_are_kept_in_utc(ani):
    period = instant_period(NumberAssignment.objects.get(subscription=ani.line).during)

    assert period.start == datetime(2025, 12, 31, 20, 0, tzinfo=UTC)
