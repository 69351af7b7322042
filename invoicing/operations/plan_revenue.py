"""What each plan brought in: added up from the posted bills each night."""

from datetime import date

from django.conf import settings

from billing_site.core.periods import add_months
from billing_site.db.sql import run_sql
from billing_site.db.transactions import durable, take_time
from invoicing.models import PlanRevenue

# Bills of older months are posted, or taken back, too seldom to be added up each night.
MONTHS_ANEW = 3


@durable
def total_plan_revenue(*, on: date, months: int = MONTHS_ANEW) -> int:
    """
    Add up anew what the posted bills of the last months charge by plan, net; return how many rows that made.

    :param on: today
    :param months: how many, today's among them
    """
    take_time()
    first = add_months(on.replace(day=1), 1 - months)
    PlanRevenue.objects.filter(month__gte=first).delete()
    return run_sql("invoicing", "total_plan_revenue", {"first": first, "currency": settings.SALDO_CURRENCY})
