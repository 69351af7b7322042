"""What may be detached: days that are old enough, billed to the end, and under no hold."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Max
from psycopg2.extras import DateRange

from billing_site.core.messages import Message, gettext_noop
from billing_site.core.periods import add_months
from billing_site.db.sql import fetch_sql
from rating.models import DetachedPartition, LegalHold, UsagePartition
from subscribers.models import BillCycle

ONE_DAY = timedelta(days=1)
UNDER_HOLD = gettext_noop("Its days are under a legal hold: %(reason)s")
NOT_BILLED = gettext_noop("It has calls of the bill period from %(period)s, which is not billed to the end.")

# Says the first day of the oldest bill period that is not billed to the end; an app above rating knows.
Guard = Callable[[], date | None]
_guards: list[Guard] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class OldDay:
    """A day (UTC's) whose records are old enough, and why they must stay; no reason: they may be detached."""

    day: date
    reason: Message | None


def add_retention_guard(guard: Guard) -> None:
    """Let an app above say which bill periods are not billed to the end; called in ``AppConfig.ready``."""
    if guard not in _guards:
        _guards.append(guard)


def retention_limit(*, today: date) -> date:
    """Return the first day whose records are not old enough to be detached."""
    return add_months(today, -settings.SALDO_USAGE_RETENTION_MONTHS)


def first_open_period() -> date | None:
    """Return the first day of the oldest bill period that is open or not billed to the end; ``None``: all are."""
    cycles = BillCycle.objects.filter(accounts__isnull=False).order_by("open_from").values_list("open_from", flat=True)
    found = [cycles.first(), *(guard() for guard in _guards)]
    return min((day for day in found if day is not None), default=None)


def old_days(*, before: date) -> tuple[OldDay, ...]:
    """Return the attached days before a day, the oldest first, each with what keeps it."""
    days = list(UsagePartition.objects.filter(day__lt=before).order_by("day").values_list("day", flat=True))
    if not days:
        return ()
    open_from = first_open_period()
    return tuple(OldDay(day=day, reason=_reason(day, open_from)) for day in days)


def first_whole_day() -> date | None:
    """
    Return the first day of the operator whose records are all attached; ``None``: nothing was detached yet.

    A partition's day begins at another hour than the operator's: each lies in two days of the other.
    """
    last = DetachedPartition.objects.aggregate(last=Max("day"))["last"]
    return None if last is None else last + 2 * ONE_DAY


def _reason(day: date, open_from: date | None) -> Message | None:
    around = DateRange(day - ONE_DAY, day + 2 * ONE_DAY)
    hold = LegalHold.objects.filter(lifted_at=None, days__overlap=around).order_by("pk").first()
    if hold is not None:
        return Message(msgid=UNDER_HOLD, params={"reason": hold.reason})
    ((period,),) = fetch_sql("rating", "last_bill_period_of_day", {"first": day, "until": day + ONE_DAY})
    if period is not None and open_from is not None and period >= open_from:
        return Message(msgid=NOT_BILLED, params={"period": period.isoformat()})
    return None
