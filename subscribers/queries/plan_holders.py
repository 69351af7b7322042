"""How many have a plan."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Count

from subscribers.models import SubscriptionPlan


def count_plan_holders(plan_ids: Collection[int], on: date) -> Mapping[int, int]:
    """Return how many subscriptions have each of the plans on a day; a plan that nobody has is left out."""
    rows = SubscriptionPlan.objects.filter(plan_id__in=plan_ids, during__contains=on)
    return dict(rows.values("plan_id").annotate(holders=Count("*")).values_list("plan_id", "holders"))
