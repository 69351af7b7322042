"""Re-ratings as people look at them: what each would change or has changed, whom most, and which records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Abs

from billing_site.core import clock
from billing_site.core.periods import midnight_of
from billing_site.identity.models import User
from rating.models import RatedUsage, Rerating, ReratingAccount, UsageSource
from subscribers.models import Account
from tariffs.models import Plan, PlanVersion, Zone

MICRO = 1_000_000
# Differences of an account, in the major unit, at which the picture's bars meet.
EDGES = (-1_000, -100, -10, 0, 10, 100, 1_000)
MOST_AFFECTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ReratingSums:
    """All accounts of a re-rating together, in millionths; ``written_...`` is what the run wrote."""

    account_count: int
    record_count: int
    old_micro: int
    new_micro: int
    billed_micro: int
    unpriced_count: int
    stuck_count: int
    written_count: int
    written_micro: int

    @property
    def difference_micro(self) -> int:
        """How much more is paid in all."""
        return self.new_micro - self.old_micro

    @property
    def open_micro(self) -> int:
        """Of it: what is of periods that are open yet."""
        return self.difference_micro - self.billed_micro


@dataclass(frozen=True, slots=True, kw_only=True)
class ReratingScope:
    """The scope in words: what is ``None`` or empty is any."""

    plan: Plan | None
    zone: Zone | None
    source: UsageSource | None
    accounts: Sequence[Account]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How many accounts differ by an amount between two edges of the major unit; ``None`` is no edge."""

    low: int | None
    high: int | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRecord:
    """A record with what it costs and what it would cost."""

    start_at: datetime
    calling: str
    called: str
    duration_seconds: int
    old_zone: str
    new_zone: str
    old_plan: str
    new_plan: str
    old_allowance_units: int
    new_allowance_units: int
    old_micro: int
    new_micro: int

    @property
    def difference_micro(self) -> int:
        """How much more it costs."""
        return self.new_micro - self.old_micro


def reratings() -> QuerySet[Rerating]:
    """Return all re-ratings with the people."""
    return Rerating.objects.select_related("proposed_by", "approved_by", "job")


def reratings_to_approve(person: User) -> QuerySet[Rerating]:
    """Return the previewed re-ratings that a person may approve: those that another one proposed."""
    return Rerating.objects.filter(state=Rerating.State.PREVIEWED).exclude(proposed_by=person)


def find_rerating(rerating_id: int) -> Rerating | None:
    """Return one, or ``None``."""
    return reratings().filter(pk=rerating_id).first()


def sum_rerating(*, rerating_id: int) -> ReratingSums:
    """Return the sums of a re-rating over its accounts."""
    names = ("record_count", "old_micro", "new_micro", "billed_micro", "unpriced_count", "written_count")
    found = ReratingAccount.objects.filter(rerating_id=rerating_id).aggregate(
        account_count=Count("pk", filter=Q(record_count__gt=0) | Q(written_count__gt=0)),
        stuck_count=Count("pk", filter=Q(is_stuck=True)),
        written_micro=Sum("written_micro"),
        **{name: Sum(name) for name in names},
    )
    return ReratingSums(**{name: int(value or 0) for name, value in found.items()})


def rerating_accounts(*, rerating_id: int) -> QuerySet[ReratingAccount]:
    """Return the accounts of a re-rating with ``size``, how much they differ in either direction; unordered."""
    accounts = ReratingAccount.objects.filter(rerating_id=rerating_id).select_related("account__subscriber")
    return accounts.annotate(size=Abs(F("new_micro") - F("old_micro")))


def most_affected(*, rerating_id: int) -> list[ReratingAccount]:
    """Return the accounts that differ most."""
    size = Abs(F("new_micro") - F("old_micro"))
    return list(rerating_accounts(rerating_id=rerating_id).order_by(size.desc(), "pk")[:MOST_AFFECTED])


def spread_of(*, rerating_id: int) -> tuple[Spread, ...]:
    """Return how many accounts differ by how much, from the lowest edge to the highest."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT width_bucket(new_micro - old_micro, %s::bigint[]), count(*) FROM rating_reratingaccount"
            " WHERE rerating_id = %s AND record_count > 0 GROUP BY 1",
            [[edge * MICRO for edge in EDGES], rerating_id],
        )
        counts = dict(cursor.fetchall())
    lows = (None, *EDGES)
    highs = (*EDGES, None)
    return tuple(
        Spread(low=low, high=high, count=counts.get(at, 0))
        for at, (low, high) in enumerate(zip(lows, highs, strict=True))
    )


def count_in_scope(*, used_from: date, used_until: date, numbers: Sequence[str] = ()) -> dict[str, int]:
    """
    Return how many accounts and records of the days there are to look at.

    :param numbers: of accounts; none: all
    """
    zone = clock.operator_zone()
    records = RatedUsage.objects.filter(
        start_at__gte=midnight_of(used_from, zone=zone), start_at__lt=midnight_of(used_until, zone=zone), revision=0
    )
    if numbers:
        accounts = list(Account.objects.filter(number__in=numbers).values_list("pk", flat=True))
        records = records.filter(account_id__in=accounts)
    return records.aggregate(accounts=Count("account_id", distinct=True), records=Count("file_id"))


def scope_of(rerating: Rerating) -> ReratingScope:
    """Return what a scope names."""
    scope = rerating.scope
    return ReratingScope(
        plan=Plan.objects.filter(pk=scope.get("plan")).first(),
        zone=Zone.objects.filter(pk=scope.get("zone")).first(),
        source=UsageSource.objects.filter(pk=scope.get("source")).first(),
        accounts=list(Account.objects.filter(pk__in=scope.get("accounts", ())).order_by("pk")),
    )


def shown_records(row: ReratingAccount) -> tuple[ShownRecord, ...]:
    """Return the records of an account that the preview found to differ most, in order of time."""
    sides = [side for record in row.shown for side in (record["was"], record["now"])]
    zones = dict(Zone.objects.filter(pk__in={side["zone_id"] for side in sides}).values_list("pk", "code"))
    versions = PlanVersion.objects.filter(pk__in={side["plan_version_id"] for side in sides}).select_related("plan")
    plans = {version.pk: f"{version.plan.code} {version.number}" for version in versions}
    return tuple(_shown(record, zones, plans) for record in row.shown)


def _shown(record: dict[str, Any], zones: dict[int, str], plans: dict[int, str]) -> ShownRecord:
    was, now = record["was"], record["now"]
    return ShownRecord(
        start_at=datetime.fromisoformat(record["start_at"]),
        calling=record["calling"],
        called=record["called"],
        duration_seconds=record["duration"],
        old_zone=zones.get(was["zone_id"], ""),
        new_zone=zones.get(now["zone_id"], ""),
        old_plan=plans.get(was["plan_version_id"], ""),
        new_plan=plans.get(now["plan_version_id"], ""),
        old_allowance_units=was["allowance_units"],
        new_allowance_units=now["allowance_units"],
        old_micro=was["amount_micro"],
        new_micro=now["amount_micro"],
    )


def account_of_rerating(*, rerating_id: int, account_id: int) -> ReratingAccount | None:
    """Return what a re-rating says of an account, or ``None``."""
    return rerating_accounts(rerating_id=rerating_id).filter(account_id=account_id).first()


def last_day(rerating: Rerating) -> date:
    """Return the last day of usage that is priced again."""
    return date.fromordinal(rerating.used_until.toordinal() - 1)
