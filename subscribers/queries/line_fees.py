"""What a line's fees cost, in service and while it is suspended; and the cycles in which accounts are billed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, QuerySet

from subscribers.models import BillCycle, Subscription, SubscriptionFeature, SubscriptionPlan
from tariffs.models import FeaturePrice, Price
from tariffs.queries.plans import find_published_version

WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFee:
    """A fee of a line: for so many months, in the major unit, and what per cent of it a suspended day costs."""

    names: dict[str, str]
    amount: Decimal
    months: int
    suspended_percent: int

    @property
    def suspended_amount(self) -> Decimal:
        """What the whole period costs where the line is suspended all the time."""
        return self.amount * self.suspended_percent / WHOLE


def fees_of_line(*, subscription: Subscription, on: date) -> tuple[LineFee, ...]:
    """Return the fees of the plan and of the features that a line has on a day, with what a suspended day costs."""
    held = SubscriptionPlan.objects.filter(subscription=subscription, during__contains=on).first()
    version = find_published_version(plan_id=held.plan_id, on=on) if held is not None else None
    prices = Price.objects.filter(plan_version=version, kind=Price.Kind.RECURRING) if version is not None else []
    features = SubscriptionFeature.objects.filter(subscription=subscription, during__contains=on).values("feature")
    of_features = FeaturePrice.objects.filter(feature__in=features, during__contains=on).select_related("feature")
    return (
        *(
            LineFee(
                names=price.names, amount=price.amount, months=price.months, suspended_percent=price.suspended_percent
            )
            for price in prices
        ),
        *(
            LineFee(
                names=price.feature.names,
                amount=price.amount,
                months=price.feature.months,
                suspended_percent=price.feature.suspended_percent,
            )
            for price in of_features.order_by("feature__code")
        ),
    )


def bill_cycles() -> "QuerySet[BillCycle]":
    """Return the cycles with how many accounts are billed in each (``account_count``)."""
    return BillCycle.objects.annotate(account_count=Count("accounts"))
