"""What each plan brought in: added up from posted bills alone, and shown on the list of plans (screen 15)."""

from datetime import date

import pytest

from invoicing.models import Invoice, PlanRevenue
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


def test_bill_that_was_taken_back_counts_no_more_and_old_months_stay_as_they_are():
    book = make_small_book()
    total_plan_revenue(on=TODAY)
    Invoice.objects.filter(pk=book.other_invoice_id).update(state="CANCELLED")

    total_plan_revenue(on=date(2026, 6, 1))
    assert PlanRevenue.objects.get().net_minor == 2 * (USAGE_NET + FEE_NET)
    total_plan_revenue(on=TODAY)
    assert PlanRevenue.objects.get().net_minor == USAGE_NET + FEE_NET
