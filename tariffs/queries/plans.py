"""What can be sold on a day."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import QuerySet

from billing_site.core.periods import add_months
from tariffs.models import Plan, PlanVersion
from tariffs.queries.plan_uses import count_holders, revenue_of_plans

Standing = PlanVersion.Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOverview:
    """A plan as the list shows it: its versions by what they mean today, and how many subscriptions have it."""

    plan: Plan
    standing: PlanVersion.Standing | None
    live: PlanVersion | None
    waiting: tuple[PlanVersion, ...]
    holder_count: int
    # What the bills of last month charge for it, net; ``None`` for nothing.
    revenue_minor: int | None = None

    @property
    def waiting_numbers(self) -> str:
        """The numbers of the versions that are to come."""
        return ", ".join(str(version.number) for version in self.waiting)


# What a plan as a whole is: live if anything of it is live, else what comes next.
_ORDER = (Standing.LIVE, Standing.SCHEDULED, Standing.SUBMITTED, Standing.DRAFT, Standing.RETIRED)


def plan_overviews(*, today: date, kind: str | None = None, standing: str | None = None) -> tuple[PlanOverview, ...]:
    """Return every plan, of one kind or of one standing of any of its versions, by code; four queries."""
    plans = list(Plan.objects.filter(kind=kind).order_by("code") if kind else Plan.objects.order_by("code"))
    versions: defaultdict[int, list[PlanVersion]] = defaultdict(list)
    for version in PlanVersion.objects.order_by("number"):
        versions[version.plan_id].append(version)
    holders = count_holders([plan.pk for plan in plans], on=today)
    revenue = revenue_of_plans([plan.pk for plan in plans], month=add_months(today.replace(day=1), -1))
    found = (
        replace(_overview(plan, versions[plan.pk], today, holders.get(plan.pk, 0)), revenue_minor=revenue.get(plan.pk))
        for plan in plans
    )
    return tuple(
        one
        for one in found
        if not standing or standing in {version.standing_on(today) for version in versions[one.plan.pk]}
    )


def _overview(plan: Plan, versions: list[PlanVersion], today: date, holder_count: int) -> PlanOverview:
    standings = {version.pk: version.standing_on(today) for version in versions}
    live = next((version for version in versions if standings[version.pk] is Standing.LIVE), None)
    to_come = {Standing.SCHEDULED, Standing.SUBMITTED, Standing.DRAFT}
    return PlanOverview(
        plan=plan,
        standing=next((one for one in _ORDER if one in standings.values()), None),
        live=live,
        waiting=tuple(version for version in versions if standings[version.pk] in to_come),
        holder_count=holder_count,
    )


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
