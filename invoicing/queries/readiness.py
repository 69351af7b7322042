"""
Whether a bill run may be planned: what is missing, by name, and where it is mended.

A finding stops the run until it is mended or somebody goes past it by its code; that is written into the run and
the book of acts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy as _, ngettext

from billing_site.core import clock
from billing_site.core.names import FALLBACK_LANGUAGE, name_in
from billing_site.core.periods import DatePeriod, add_months, bill_period_of
from billing_site.db.sql import fetch_sql
from billing_site.ledger.models import LedgerEntry, PeriodLock
from invoicing.models import BillRun
from invoicing.queries.account_scopes import ENDED
from rating.queries.reasons import reason_label
from subscribers.models import Account, BillCycle
from tariffs.models import PlanVersion
from tariffs.queries.usage_categories import unmapped_categories

UNFINISHED = ("PLANNED", "CALCULATING", "CALCULATED", "POSTING")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One thing that stands in the way.

    ``url_name`` (with ``url_ids``) is the page and ``command`` the command that mends it; a final one cannot be gone
    past.
    """

    code: str
    sentence: str | Promise
    command: str = ""
    url_name: str = ""
    url_ids: tuple[int, ...] = ()
    is_final: bool = False


def period_to_bill(*, cycle: BillCycle) -> DatePeriod:
    """
    Return the oldest period of a cycle that is not billed to everybody: the one that the next run bills.

    A pilot cuts its period as any run does: until the run for everybody is planned, the period stays due.
    """
    living = BillRun.objects.filter(cycle=cycle, period_until=cycle.open_from).exclude(state__in=ENDED)
    runs = dict(living.order_by("kind").values_list("kind", "period_from"))
    pilot = runs.get(BillRun.Kind.PILOT)
    is_waiting = pilot is not None and BillRun.Kind.FULL not in runs
    first = pilot if is_waiting and pilot is not None else cycle.open_from
    return _period_from(bill_period_of(first, cycle.bill_day).start, cycle)


def period_of_day(*, cycle: BillCycle, on: date) -> DatePeriod:
    """Return the period of a cycle that a day lies in, counted on from the oldest one that is not cut."""
    period = _period_from(bill_period_of(min(cycle.open_from, on), cycle.bill_day).start, cycle)
    while period.until is not None and period.until <= on:
        period = _period_from(period.until, cycle)
    return period


def _period_from(start: date, cycle: BillCycle) -> DatePeriod:
    return DatePeriod(start, add_months(start, cycle.months, anchor_day=cycle.bill_day))


def pilots_of(*, cycle: BillCycle, period: DatePeriod) -> tuple[BillRun, ...]:
    """Return the living pilots of a cycle's period, in the order in which they were planned."""
    pilots = BillRun.objects.filter(cycle=cycle, period_from=period.start, kind=BillRun.Kind.PILOT)
    return tuple(pilots.exclude(state__in=ENDED).defer("reference").order_by("pk"))


def find_obstacles(*, cycle: BillCycle, on: date, kind: str = BillRun.Kind.FULL) -> tuple[Finding, ...]:
    """
    Return everything that stands in the way of billing the next period of a cycle on a day, most serious first.

    Looks at the period's end, the runs before and those being taken back, the books, files and lines of usage,
    categories without a bill item and drafts of plans; for everybody's run also at the pilots of the period.
    """
    period = period_to_bill(cycle=cycle)
    checks: tuple[Callable[[BillCycle, DatePeriod, date], list[Finding]], ...] = (
        _period_over,
        _accounts,
        _run_before,
        _undone,
        *((_pilots,) if kind == BillRun.Kind.FULL else ()),
        _delivery_before,
        _books,
        _held_files,
        _missing_files,
        _quarantine,
        _categories,
        _drafts,
    )
    return tuple(finding for check in checks for finding in check(cycle, period, on))


def _period_over(cycle: BillCycle, period: DatePeriod, on: date) -> list[Finding]:
    if period.until is not None and on >= period.until:
        return []
    sentence = _("The period %(first)s to %(last)s is not over.") % {"first": period.start, "last": period.last_day}
    return [Finding(code="PERIOD_NOT_OVER", sentence=sentence, is_final=True)]


def _accounts(cycle: BillCycle, period: DatePeriod, on: date) -> list[Finding]:
    if Account.objects.filter(cycle=cycle, opened_on__lt=period.until).exists():
        return []
    return [Finding(code="NO_ACCOUNTS", sentence=_("The cycle has no accounts in the period."), is_final=True)]


def _run_before(cycle: BillCycle, period: DatePeriod, on: date) -> list[Finding]:
    unfinished = (
        BillRun.objects.filter(cycle=cycle, period_until__lte=period.start)
        .filter(state__in=UNFINISHED)
        .order_by("period_from")
        .first()
    )
    if unfinished is None:
        return []
    sentence = _("The run of %(period)s is not posted yet: post or cancel it.") % {"period": unfinished.period_from}
    return [
        Finding(
            code="RUN_BEFORE_UNFINISHED",
            sentence=sentence,
            url_name="invoicing:bill-run",
            url_ids=(unfinished.pk,),
            command=f"manage.py bill_run review --run {unfinished.pk}",
        )
    ]


def run_being_undone(cycle: BillCycle) -> BillRun | None:
    """Return a run of a cycle that is being taken back: what it frees is not known before it is through."""
    return BillRun.objects.filter(cycle=cycle, state=BillRun.State.UNDOING).defer("reference").order_by("pk").first()


def _undone(cycle: BillCycle, period: DatePeriod, on: date) -> list[Finding]:
    run = run_being_undone(cycle)
    if run is None:
        return []
    sentence = _("The run of %(period)s is being taken back: what it charged is billed anew once that is done.")
    return [
        Finding(
            code="RUN_BEING_UNDONE",
            sentence=sentence % {"period": run.period_from},
            url_name="invoicing:bill-run",
            url_ids=(run.pk,),
            is_final=True,
        )
    ]


def _pilots(cycle: BillCycle, period: DatePeriod, on: date) -> list[Finding]:
    """Name the pilots of the period whose bills are not posted: everybody's run would bill their accounts again."""
    return [
        Finding(
            code="PILOT_UNFINISHED",
            sentence=_("Pilot %(run)s of the period is not posted: post or cancel it.") % {"run": pilot.pk},
            url_name="invoicing:bill-run",
            url_ids=(pilot.pk,),
            command=f"manage.py bill_run review --run {pilot.pk}",
            is_final=True,
        )
        for pilot in pilots_of(cycle=cycle, period=period)
        if pilot.state in UNFINISHED
    ]


def _delivery_before(cycle: BillCycle, period: DatePeriod, on: date) -> list[Finding]:
    runs = BillRun.objects.filter(cycle=cycle, period_until__lte=period.start, state__in=["POSTED", "DELIVERING"])
    waiting = runs.defer("reference").order_by("period_from", "pk").first()
    if waiting is None:
        return []
    return [
        Finding(
            code="RUN_BEFORE_NOT_DELIVERED",
            sentence=_("The bills of %(period)s are not delivered yet.") % {"period": waiting.period_from},
            url_name="invoicing:bill-run",
            url_ids=(waiting.pk,),
            command=f"manage.py bill_run resume --run {waiting.pk}",
        )
    ]


def _books(cycle: BillCycle, period: DatePeriod, on: date) -> list[Finding]:
    """Look whether something was entered before the period, on days that are not closed."""
    closed = PeriodLock.objects.values_list("closed_through", flat=True).first() or date.min
    entries = LedgerEntry.objects.filter(posted_on__gt=closed, posted_on__lt=period.start)
    if not entries.exists():
        return []
    was_closed = LedgerEntry.objects.filter(posted_on__lte=closed).exists()
    said = _("The books before %(first)s are not closed; no period was closed yet.")
    if was_closed:
        said = _("The books before %(first)s are not closed; they are closed through %(day)s.")
    sentence = said % {"first": period.start, "day": closed}
    return [Finding(code="LAST_PERIOD_OPEN", sentence=sentence, url_name="invoicing:periods")]


def _held_files(cycle: BillCycle, period: DatePeriod, on: date) -> list[Finding]:
    names = [name for (name,) in fetch_sql("invoicing", "check_held_files", _instants(period))]
    if not names:
        return []
    count = len(names)
    sentence = ngettext(
        "%(count)d usage file of the period is not closed: %(names)s.",
        "%(count)d usage files of the period are not closed: %(names)s.",
        count,
    ) % {"count": count, "names": ", ".join(names[:5])}
    return [
        Finding(
            code="FILES_NOT_CLOSED",
            sentence=sentence,
            url_name="rating:usage-files",
            command="manage.py rate_usage",
        )
    ]


def _missing_files(cycle: BillCycle, period: DatePeriod, on: date) -> list[Finding]:
    rows = fetch_sql("invoicing", "check_missing_files", {"start": period.start, "until": period.until})
    return [
        Finding(
            code="FILES_MISSING",
            sentence=_("Source %(source)s sent no file for %(days)s days of the period, first %(day)s.")
            % {"source": source, "days": days, "day": first},
            url_name="rating:usage-days",
            command="manage.py load_usage PATH --source " + source,
        )
        for source, days, first in rows
    ]


def _quarantine(cycle: BillCycle, period: DatePeriod, on: date) -> list[Finding]:
    rows = fetch_sql("invoicing", "check_quarantine", _instants(period))
    if not rows:
        return []
    parts = ", ".join(f"{reason_label(reason)} {count}" for reason, count in rows)
    return [
        Finding(
            code="LINES_IN_QUARANTINE",
            sentence=_("Lines of the period are in quarantine: %(parts)s.") % {"parts": parts},
            url_name="rating:quarantine",
            command="manage.py rate_usage",
        )
    ]


def _categories(cycle: BillCycle, period: DatePeriod, on: date) -> list[Finding]:
    """Name every category that has no bill item on a day of the period; ``map_usage_category`` mends it."""
    return [
        Finding(
            code="CATEGORY_WITHOUT_ITEM",
            sentence=_("Usage category %(name)s has no bill item.")
            % {"name": f"{name_in(category.names, get_language() or FALLBACK_LANGUAGE)} ({category.code})"},
            url_name="tariffs:usage-categories",
        )
        for category in unmapped_categories(period=period)
    ]


def _drafts(cycle: BillCycle, period: DatePeriod, on: date) -> list[Finding]:
    waiting = PlanVersion.objects.exclude(state=PlanVersion.State.PUBLISHED)
    drafts = waiting.filter(during__overlap=(period.start, period.until)).select_related("plan")
    return [
        Finding(
            code="PLAN_NOT_PUBLISHED",
            sentence=_("Version %(number)s of plan %(plan)s begins in the period and is not published.")
            % {"number": version.number, "plan": version.plan.code},
            url_name="tariffs:plan-version",
            url_ids=(version.pk,),
        )
        for version in drafts.order_by("plan__code", "number")
    ]


def _instants(period: DatePeriod) -> dict[str, object]:
    instants = period.instants(zone=clock.operator_zone())
    return {"start": period.start, "until": period.until, "start_at": instants.start, "until_at": instants.until}
