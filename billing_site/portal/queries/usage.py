"""What a subscriber has used so far in the running bill period: of his limits and of what his plans include."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from billing_site.core.periods import bill_period_of
from rating.models import AllowanceBucket
from rating.queries.limits import AccountLimits, get_account_limits, lines_of
from subscribers.models import Account, Subscription, SubscriptionPlan
from subscribers.queries.restrictions import numbers_of_lines
from tariffs.models import Allowance
from tariffs.queries.plans import published_versions

WHOLE = 100
SHARED, OWN = AllowanceBucket.HolderKind.ACCOUNT, AllowanceBucket.HolderKind.SUBSCRIPTION


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAllowance:
    """What a plan includes and what is used of it; ``unit`` says in what: seconds, events, bytes or micro units."""

    names: Mapping[str, str]
    unit: str
    whole_units: int
    used_units: int

    @property
    def percent(self) -> int:
        """Whole percent used, rounded down, at most a hundred."""
        return min(WHOLE, max(0, self.used_units * WHOLE // self.whole_units))

    @property
    def left_units(self) -> int:
        """What is left."""
        return max(0, self.whole_units - self.used_units)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLine:
    """A line that is in use, the number that it holds, and what its plan includes."""

    line: Subscription
    number: str
    allowances: tuple[OwnAllowance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnUsage:
    """The use of an account in the running bill period."""

    account: Account
    limits: AccountLimits
    lines: tuple[OwnLine, ...]


def get_own_usage(*, account: Account, at: datetime, today: date) -> OwnUsage:
    """Return what an account has used so far, with a fixed number of queries however many lines it has."""
    lines = list(lines_of(account_id=account.pk))
    numbers = numbers_of_lines(account_id=account.pk, at=at)
    allowances = _allowances(account, lines, today)
    return OwnUsage(
        account=account,
        limits=get_account_limits(account_id=account.pk, at=at, today=today),
        lines=tuple(
            OwnLine(line=line, number=numbers.get(line.pk, ""), allowances=allowances.get(line.pk, ()))
            for line in lines
        ),
    )


def _allowances(account: Account, lines: list[Subscription], today: date) -> dict[int, tuple[OwnAllowance, ...]]:
    """Return what the plans of lines include today, by line."""
    plans = dict(
        SubscriptionPlan.objects.filter(subscription__in=lines, during__contains=today).values_list(
            "subscription_id", "plan_id"
        )
    )
    versions = dict(published_versions(on=today).filter(plan_id__in=set(plans.values())).values_list("plan_id", "pk"))
    included: dict[int, list[Allowance]] = {}
    for allowance in Allowance.objects.filter(plan_version_id__in=versions.values()).order_by("priority"):
        included.setdefault(allowance.plan_version_id, []).append(allowance)
    buckets = _buckets(account, lines, bill_period_of(today, account.cycle.bill_day).start)
    found = {}
    for line_id, plan_id in plans.items():
        pairs = [
            (one, buckets.get((SHARED, account.pk, one.pk) if one.shared_by_account else (OWN, line_id, one.pk)))
            for one in included.get(versions.get(plan_id, 0), ())
        ]
        found[line_id] = tuple(_own_allowance(one, bucket) for one, bucket in pairs)
    return found


def _buckets(
    account: Account, lines: list[Subscription], period_start: date
) -> dict[tuple[str, int, int], AllowanceBucket]:
    of_period = AllowanceBucket.objects.filter(period_start=period_start)
    own = of_period.filter(holder_kind=OWN, holder_id__in=[line.pk for line in lines])
    shared = of_period.filter(holder_kind=SHARED, holder_id=account.pk)
    return {(row.holder_kind, row.holder_id, row.allowance_id): row for rows in (own, shared) for row in rows}


def _own_allowance(allowance: Allowance, bucket: AllowanceBucket | None) -> OwnAllowance:
    carried, used = (bucket.carried_units, bucket.used_units) if bucket else (0, 0)
    return OwnAllowance(
        names=allowance.names, unit=allowance.unit, whole_units=allowance.quantity + carried, used_units=used
    )
