"""Up to which day a plan is billed."""

from datetime import date

from django.db.models import Max

from invoicing.models import Invoice
from subscribers.models import SubscriptionPlan


def find_billed_until(plan_id: int) -> date | None:
    """Return the first day that no posted bill of an account with the plan covers; ``None`` if there is none."""
    accounts = SubscriptionPlan.objects.filter(plan_id=plan_id).values("subscription__account_id")
    posted = Invoice.objects.filter(state=Invoice.State.POSTED, account_id__in=accounts)
    found: date | None = posted.aggregate(until=Max("period_until"))["until"]
    return found
