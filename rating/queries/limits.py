"""Limits of an account and its lines: which hold, what is used, what was told; and what a rating run touched."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Max, Min, Q, QuerySet

from billing_site.core.periods import DatePeriod, bill_period_of
from billing_site.db.sql import fetch_sql
from billing_site.jobs.models import Job
from rating.domain.limits import WHOLE
from rating.models import FraudRule, LimitNotice, UsageFile, UsageLimit
from subscribers.models import Account, BillCycle, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """What is used of a limit in the running bill period, in millionths; of an account or of one of its lines."""

    subscription_id: int | None
    limit: UsageLimit
    used_micro: int
    operator_micro: int | None
    subscriber_micro: int | None

    @property
    def percent(self) -> int:
        """Whole percent used, rounded down: 99 is not yet 100; below nothing is nothing."""
        return max(0, self.used_micro * WHOLE // self.limit.amount_micro)

    @property
    def shown_percent(self) -> int:
        """As much of it as a meter can show."""
        return min(self.percent, WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLimits:
    """The limits of an account as its page shows them."""

    account: Account
    period: DatePeriod
    used_micro: int
    meters: tuple[Meter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What a run rated: its lines and accounts, between the first and the last start of its files."""

    line_ids: tuple[int, ...]
    account_ids: tuple[int, ...]
    first_at: datetime
    last_at: datetime


def get_account_limits(*, account_id: int, at: datetime, today: date) -> AccountLimits:
    """
    Return what holds for an account and its lines, and what is used in the running bill period.

    :raises Account.DoesNotExist: if there is none
    """
    account = Account.objects.select_related("subscriber", "cycle").get(pk=account_id)
    period = bill_period_of(today, account.cycle.bill_day)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subscription_id, sum(amount_micro)::bigint FROM rating_usagetotal"
            " WHERE account_id = %s AND bill_period = %s GROUP BY subscription_id",
            [account_id, period.start],
        )
        used = dict(cursor.fetchall())
        cursor.execute("SELECT subscription_id, limit_id FROM rating_limits_at(%s, %s)", [at, [account_id]])
        held = cursor.fetchall()
    in_force = limits_in_force(account=account, at=at)
    rows = {row.pk: row for row in in_force}
    meters = [
        Meter(
            subscription_id=line,
            limit=rows[limit_id],
            used_micro=sum(used.values()) if line is None else used.get(line, 0),
            operator_micro=_lowest(in_force, line, UsageLimit.Kind.OPERATOR),
            subscriber_micro=_lowest(in_force, line, UsageLimit.Kind.SUBSCRIBER),
        )
        for line, limit_id in held
    ]
    ordered = sorted(meters, key=lambda meter: (meter.subscription_id is not None, meter.subscription_id))
    return AccountLimits(account=account, period=period, used_micro=sum(used.values()), meters=tuple(ordered))


def find_held_limit(*, account_id: int, subscription_id: int | None, at: datetime) -> int | None:
    """Return the limit that holds for an account or one of its lines, in millionths, or ``None``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT amount_micro FROM rating_limits_at(%s, %s) WHERE subscription_id IS NOT DISTINCT FROM %s",
            [at, [account_id], subscription_id],
        )
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def limits_in_force(*, account: Account, at: datetime) -> list[UsageLimit]:
    """Return every limit of an account, its lines and its category that is in force at an instant."""
    limits = UsageLimit.objects.filter(
        Q(account=account) | Q(account=None, category=account.category), during__contains=at
    )
    own = list(limits.select_related("set_by").order_by("pk"))
    has_own = any(
        one.account_id and one.subscription_id is None and one.kind == UsageLimit.Kind.OPERATOR for one in own
    )
    return [one for one in own if one.account_id or not has_own]


def limit_history(*, account_id: int) -> QuerySet[UsageLimit]:
    """Return every limit that an account and its lines ever had, the latest first."""
    return UsageLimit.objects.filter(account=account_id).select_related("set_by").order_by("-id")


def default_limits() -> QuerySet[UsageLimit]:
    """Return every limit by category that ever was, the latest first."""
    return UsageLimit.objects.filter(account=None).select_related("set_by").order_by("-id")


def limit_notices(*, account_id: int) -> QuerySet[LimitNotice]:
    """Return the notices that an account and its lines were given, the latest first."""
    return LimitNotice.objects.filter(account=account_id).select_related("limit").order_by("-id")


def lines_of(*, account_id: int) -> QuerySet[Subscription]:
    """Return the lines of an account that have not ended, in order."""
    lines = Subscription.objects.filter(account=account_id).exclude(state=Subscription.State.TERMINATED)
    return lines.order_by("pk")


def touched_by_run(*, job_id: int) -> Touched | None:
    """Return what a run rated, or ``None`` if it rated nothing."""
    files = UsageFile.objects.filter(job_id=job_id, rated_count__gt=0)
    ends = files.aggregate(first_at=Min("first_start_at"), last_at=Max("last_start_at"))
    if ends["first_at"] is None:
        return None
    rows = fetch_sql("rating", "touched_lines", {**ends, "files": list(files.values_list("pk", flat=True))})
    return Touched(
        line_ids=tuple(line for _account, line in rows),
        account_ids=tuple({account for account, _line in rows}),
        **ends,
    )


def running_periods(*, today: date) -> Mapping[str, Any]:
    """Return the bill cycles and the first day of the period of each that holds a day, as SQL parameters."""
    cycles = list(BillCycle.objects.order_by("pk"))
    return {
        "cycles": [cycle.pk for cycle in cycles],
        "days": [bill_period_of(today, cycle.bill_day).start for cycle in cycles],
    }


def lines_over_limits(
    *, account_ids: Collection[int] | None, at: datetime, today: date
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """
    Return the lines to bar for their limit, and those barred for it that are below it again.

    :param account_ids: of these accounts; ``None`` = of all
    """
    parameters = {"accounts": as_array(account_ids), "at": at, **running_periods(today=today)}
    rows = fetch_sql("rating", "lines_over_limits", parameters)
    return tuple(line for line, is_over in rows if is_over), tuple(line for line, is_over in rows if not is_over)


def as_array(ids: Collection[int] | None) -> str | None:
    """Return ids as the text of an array: a million of them are read at once, where a list of literals is parsed."""
    return None if ids is None else "{" + ",".join(map(str, ids)) + "}"


def is_anything_watched() -> bool:
    """Say whether there is a limit or a fraud rule at all: without them nothing of a run is to be checked."""
    return UsageLimit.objects.exists() or FraudRule.objects.filter(is_active=True).exists()


def is_run_unchecked() -> bool:
    """Say whether a run of rating has begun that is not ended, so that its limits are not checked yet."""
    runs = Job.objects.filter(kind="rating.rate_usage")
    return runs.exclude(state__in=[Job.State.DONE, Job.State.CANCELLED]).exists()


def _lowest(limits: Collection[UsageLimit], line: int | None, kind: str) -> int | None:
    return min((one.amount_micro for one in limits if one.subscription_id == line and one.kind == kind), default=None)
