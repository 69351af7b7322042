"""What can be sold on a day."""

from datetime import date

from django.db.models import QuerySet

from tariffs.models import Plan, PlanVersion


def published_versions(*, on: date) -> "QuerySet[PlanVersion]":
    """Return the published versions in force on a day: one a plan."""
    return PlanVersion.objects.filter(state=PlanVersion.State.PUBLISHED, during__contains=on)


def plans_for_sale(*, on: date, kind: str | None = None) -> "QuerySet[Plan]":
    """Return the plans that a subscription can take on a day, of one kind of service or of all."""
    plans = Plan.objects.filter(pk__in=published_versions(on=on).values("plan_id"))
    return plans.filter(kind=kind) if kind else plans


def find_published_version(*, plan_id: int, on: date) -> PlanVersion | None:
    """Return the version of a plan in force on a day, or ``None``."""
    return published_versions(on=on).filter(plan_id=plan_id).first()
