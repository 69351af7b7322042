"""What each plan brought in: added up from posted bills alone, and shown on the list of plans (screen 15)."""

from datetime import date

import pytest

from invoicing.models import PlanRevenue
from invoicing.operations.plan_revenue import total_plan_revenue
from subscribers.models import SubscriptionPlan
from tariffs.queries.plans import plan_overviews
from tests.factories.small_book import FEE_NET, USAGE_NET, make_small_book

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 5)


def test_revenue_of_last_month_is_what_posted_bills_charge_for_the_plan():
    book = make_small_book()
    plan_id = SubscriptionPlan.objects.values_list("plan_id", flat=True).get(subscription_id=book.subscription_id)

    assert total_plan_revenue(on=TODAY) == 1
    assert total_plan_revenue(on=TODAY) == 1

    kept = PlanRevenue.objects.get()
    assert (kept.month, kept.plan_id, kept.net_minor) == (date(2026, 2, 1), plan_id, 2 * (USAGE_NET + FEE_NET))
    shown = {one.plan.pk: one.revenue_minor for one in plan_overviews(today=TODAY)}
    assert shown[plan_id] == kept.net_minor
    assert {one.revenue_minor for one in plan_overviews(today=date(2026, 4, 5))} == {None}


def test_old_months_stay_and_those_of_the_last_are_added_up_anew():
    book = make_small_book()
    plan_id = SubscriptionPlan.objects.values_list("plan_id", flat=True).get(subscription_id=book.subscription_id)
    old, last = date(2025, 11, 1), date(2026, 2, 1)
    PlanRevenue.objects.bulk_create([PlanRevenue(month=month, plan_id=plan_id, net_minor=7) for month in (old, last)])

    total_plan_revenue(on=TODAY)

    kept = dict(PlanRevenue.objects.values_list("month", "net_minor"))
    assert kept == {old: 7, last: 2 * (USAGE_NET + FEE_NET)}
