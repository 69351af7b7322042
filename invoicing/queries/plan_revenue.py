"""What each plan brought in."""

from collections.abc import Collection, Mapping
from datetime import date

from invoicing.models import PlanRevenue


def find_plan_revenue(plan_ids: Collection[int], month: date) -> Mapping[int, int]:
    """
    Return by plan what posted bills of a month charge for it, net, in minor units; by last night's figures.

    :param month: first day of the month in which the bills' periods begin
    """
    kept = PlanRevenue.objects.filter(plan_id__in=list(plan_ids), month=month)
    return dict(kept.values_list("plan_id", "net_minor"))
