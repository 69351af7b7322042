"""What a feature would cost a line: the whole period, and the part of it from a day on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing_site.core.money import currency_digits, decimal_to_micro, micro_per_minor, round_half_up
from billing_site.core.periods import add_months
from invoicing.domain.fees import FeeKey, FeeSpan, due_parts_of
from invoicing.queries.fee_terms import terms_from
from subscribers.models import Subscription, SubscriptionFeature
from tariffs.models import Feature, FeaturePrice


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureCost:
    """A feature that a line may have: its price for so many months, and what the first part costs until a day."""

    feature_id: int
    code: str
    names: Mapping[str, str]
    amount: Decimal
    months: int
    part_minor: int
    until_on: date


def feature_costs(*, line: Subscription, on: date) -> tuple[FeatureCost, ...]:
    """
    Return the features with a price on a day that a line does not have then, as a bill would charge them.

    A line that is not in service on the day has none: nothing can be added to it then.
    """
    if line.active_from is None or not line.active_from <= on < (line.active_until or date.max):
        return ()
    held = SubscriptionFeature.objects.filter(subscription=line, during__contains=on).values("feature")
    prices = FeaturePrice.objects.filter(during__contains=on).exclude(feature__in=held).select_related("feature")
    return tuple(_cost(line, price, active_from=line.active_from, on=on) for price in prices.order_by("feature__code"))


def _cost(line: Subscription, price: FeaturePrice, *, active_from: date, on: date) -> FeatureCost:
    feature: Feature = price.feature
    terms = terms_from(
        feature.proration,
        [feature.timing, feature.months, feature.end_proration, feature.change_proration, feature.suspended_percent],
    )
    micro = decimal_to_micro(price.amount)
    span = FeeSpan(
        FeeKey(line.pk, feature.bill_item_id, None, feature.pk, micro),
        0,  # taxes are no part of a price list
        terms,
        on,
        None,
        active_from,
        begins=on == active_from,
        ends=False,
    )
    until = add_months(on, 2 * feature.months)
    first = next(due_parts_of(span, bill_day=line.account.cycle.bill_day, up_to=until, since=on))
    assert first.days.until is not None, "parts of periods have an end"
    minor = micro_per_minor(digits=currency_digits(line.account.currency))
    return FeatureCost(
        feature_id=feature.pk,
        code=feature.code,
        names=feature.names,
        amount=price.amount,
        months=feature.months,
        part_minor=round_half_up(numerator=micro * first.share.numerator, denominator=first.share.denominator * minor),
        until_on=first.days.until,
    )
