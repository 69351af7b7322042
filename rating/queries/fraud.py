"""Fraud rules, what they found, and the records behind a hit."""

from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F, QuerySet, Value

from rating.models import FraudHit, FraudRule, RatedUsage
from tariffs.models import Zone

LONGEST_CALL = timedelta(days=1)
SECOND = Value(timedelta(seconds=1))


def fraud_rules() -> QuerySet[FraudRule]:
    """Return the rules with their destinations, by code."""
    return FraudRule.objects.select_related("zone", "usage_category").order_by("code")


def fraud_hits(*, state: str | None = None, rule: FraudRule | None = None) -> QuerySet[FraudHit]:
    """Return hits with their rules and accounts, the latest first."""
    hits = FraudHit.objects.select_related("rule", "subscription__account__subscriber", "dismissed_by").order_by("-id")
    if state is not None:
        hits = hits.filter(state=state)
    return hits if rule is None else hits.filter(rule=rule)


def records_of_hit(*, hit: FraudHit) -> QuerySet[RatedUsage]:
    """Return the records behind a hit, in order of time: those of its line in its window that its rule counts."""
    first, last = hit.window.lower, hit.window.upper
    assert first is not None
    assert last is not None
    records = RatedUsage.objects.filter(subscription_id=hit.subscription_id)
    rule = hit.rule
    if rule.kind == FraudRule.Kind.SIMULTANEOUS:
        ends_at = ExpressionWrapper(F("start_at") + F("duration_seconds") * SECOND, output_field=DateTimeField())
        records = records.filter(start_at__gte=first - LONGEST_CALL, start_at__lte=first, calling=hit.number)
        records = records.annotate(ends_at=ends_at).filter(ends_at__gt=first)
    elif rule.kind == FraudRule.Kind.SUM_PER_HOUR:
        records = records.filter(start_at__gt=first, start_at__lte=last)
    else:
        records = records.filter(start_at__gte=first, start_at__lt=last)
        if rule.zone is not None:
            records = records.filter(zone_id=rule.zone.pk)
        elif rule.usage_category is not None:
            records = records.filter(zone_id__in=Zone.objects.filter(usage_category=rule.usage_category).values("pk"))
    return records.order_by("start_at", "duplicate_key", "revision")
