"""Which zones the subscribers of a plan called, and records that stand for many."""

from collections.abc import Mapping
from datetime import date, datetime, time

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from billing_site.core import clock
from rating.models import RatedUsage
from tariffs.models import PlanVersion


def count_calls_by_zone(plan_id: int, first: date, until: date) -> Mapping[int, int]:
    """Return how many calls of a plan went to each zone (by id) on days from ``first`` up to ``until``."""
    rows = _records(plan_id, first, until).values("zone_id").annotate(calls=Count("*")).order_by("zone_id")
    return {row["zone_id"]: row["calls"] for row in rows}


def sample_records(*, plan_id: int, first: date, until: date, count: int) -> tuple[RatedUsage, ...]:
    """
    Return up to ``count`` charged records of a plan without allowances, spread evenly over its zones.

    The longest calls come first: they meet the most rules.
    """
    order = Window(
        RowNumber(), partition_by=[F("zone_id")], order_by=[F("duration_seconds").desc(), F("start_at").asc()]
    )
    rows = _records(plan_id, first, until).filter(allowance_units=0, allowance_id=None, duration_seconds__gt=0)
    ranked = rows.annotate(place=order).filter(place__lte=count).order_by("place", "zone_id")
    return tuple(ranked[:count])


def _records(plan_id: int, first: date, until: date) -> "QuerySet[RatedUsage]":
    zone = clock.operator_zone()
    versions = PlanVersion.objects.filter(plan_id=plan_id).values_list("pk", flat=True)
    return RatedUsage.objects.filter(
        plan_version_id__in=list(versions),
        revision=0,
        start_at__gte=datetime.combine(first, time.min, tzinfo=zone),
        start_at__lt=datetime.combine(until, time.min, tzinfo=zone),
    )
