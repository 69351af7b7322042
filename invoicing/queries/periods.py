"""
Accounting periods: which steps are open, and what stands in the way of closing one.

Steps that prove themselves ask a query under their code. Invoicing answers for usage and bills; the apps above add
theirs in ``AppConfig.ready``, as with the menu.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.core.periods import DatePeriod, bill_period_of
from billing_site.db.sql import fetch_sql
from billing_site.ledger.models import AccountingPeriod
from billing_site.ledger.periods import find_unclosed_before
from invoicing.models import BillDelivery, BillRun, PeriodStep
from subscribers.models import Account, BillCycle

UNFINISHED_RUN = ("PLANNED", "CALCULATING", "CALCULATED", "POSTING")
STEP_NOT_DONE = _("Not done yet.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWork:
    """
    What is open of a step: how much, in words, and where it is mended.

    ``sentence`` is whole; ``count`` of 0 is nothing.
    """

    count: int
    sentence: str | Promise = ""
    url_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStatus:
    """A step as it stands now. ``work`` is live for one that proves itself, whatever its row says."""

    step: PeriodStep
    is_done: bool
    is_late: bool
    work: OpenWork

    @property
    def state(self) -> str:
        """The state in one word."""
        return "DONE" if self.is_done else "LATE" if self.is_late else "OPEN"


PeriodCheck = Callable[[DatePeriod], OpenWork]
_checks: dict[str, PeriodCheck] = {}


def add_period_checks(checks: Mapping[str, PeriodCheck]) -> None:
    """Say what proves steps, by the code of the check: of the period's days, what is open."""
    _checks.update(checks)


def known_checks() -> tuple[str, ...]:
    """Return the codes of all checks."""
    return tuple(sorted(_checks))


def periods() -> QuerySet[AccountingPeriod]:
    """Return all accounting periods with who closed them."""
    return AccountingPeriod.objects.select_related("closed_by")


def steps_of_period(*, period: AccountingPeriod, on: date) -> tuple[StepStatus, ...]:
    """Return the steps of a period as they stand on a day, in order; those that prove themselves are asked now."""
    days = DatePeriod(period.first_on, period.until_on)
    steps = PeriodStep.objects.filter(period=period).select_related("person", "done_by").order_by("position", "pk")
    return tuple(_status(step, days, on, is_closed=period.is_closed) for step in steps)


def open_steps(*, period: AccountingPeriod, on: date) -> tuple[StepStatus, ...]:
    """Return the steps that stand in the way of closing a period."""
    return tuple(status for status in steps_of_period(period=period, on=on) if not status.is_done)


def find_period_to_close_first(*, cycle: BillCycle, period: DatePeriod) -> AccountingPeriod | None:
    """
    Return the accounting period that is to be closed before a bill period of a cycle is billed, or ``None``.

    It is the latest one that was over when the bill period began and is still open: for the readiness check of bill
    runs. Where no accounting periods are kept there is none.
    """
    return find_unclosed_before(day=period.start)


def count_late_steps(*, on: date) -> int:
    """Return how many steps of open periods are past their deadline, as their rows say: without asking the checks."""
    late = PeriodStep.objects.filter(done_at__isnull=True, due_on__lt=on, period__state=AccountingPeriod.State.OPEN)
    return late.count()


def intake_open(days: DatePeriod) -> OpenWork:
    """Return the files of the days that are not closed, and the days for which a source sent none."""
    held = fetch_sql("invoicing", "check_held_files", _instants(days))
    missing = fetch_sql("invoicing", "check_missing_files", {"start": days.start, "until": days.until})
    count = len(held) + sum(row[1] for row in missing)
    sentence = _("%(held)s usage files are not closed, %(missing)s files did not come.")
    words = {"held": len(held), "missing": count - len(held)}
    return OpenWork(count=count, sentence=sentence % words if count else "", url_name="rating:usage-files")


def usage_held(days: DatePeriod) -> OpenWork:
    """Return the lines of usage of the days that wait in quarantine."""
    count = sum(row[1] for row in fetch_sql("invoicing", "check_quarantine", _instants(days)))
    sentence = _("%(count)s lines of usage wait in quarantine.")
    return OpenWork(count=count, sentence=sentence % {"count": count} if count else "", url_name="rating:quarantine")


def bills_open(days: DatePeriod) -> OpenWork:
    """Return the bill runs that are not posted, and the cycles whose bill day came and that were not billed."""
    runs = BillRun.objects.filter(state__in=UNFINISHED_RUN, issued_on__lt=days.until).count()
    unbilled = sum(_is_unbilled(cycle, days) for cycle in BillCycle.objects.all())
    sentence = _("%(runs)s bill runs are not posted, %(cycles)s cycles are not billed.")
    words = {"runs": runs, "cycles": unbilled}
    count = runs + unbilled
    return OpenWork(count=count, sentence=sentence % words if count else "", url_name="invoicing:bill-runs")


def deliveries_open(days: DatePeriod) -> OpenWork:
    """Return the bills of runs issued on the days that have not gone out yet."""
    runs = BillRun.objects.filter(issued_on__gte=days.start, issued_on__lt=days.until).exclude(state="CANCELLED")
    undelivered = runs.filter(state__in=["POSTED", "DELIVERING"]).count()
    waiting = BillDelivery.objects.filter(
        run_id__in=runs.values("pk"),
        credit_note_id__isnull=True,
        state__in=[BillDelivery.State.WAITING, BillDelivery.State.SENDING],
    ).count()
    sentence = _("%(runs)s bill runs are not delivered, %(bills)s bills wait to be sent or handed over.")
    words = {"runs": undelivered, "bills": waiting}
    count = undelivered + waiting
    return OpenWork(count=count, sentence=sentence % words if count else "", url_name="invoicing:bill-deliveries")


OWN_CHECKS: Mapping[str, PeriodCheck] = {
    "INTAKE_COMPLETE": intake_open,
    "RATED": usage_held,
    "BILLS_POSTED": bills_open,
    "DELIVERED": deliveries_open,
}


def _status(step: PeriodStep, days: DatePeriod, on: date, *, is_closed: bool) -> StepStatus:
    work = OpenWork(count=0)
    if step.is_automatic and not is_closed:
        check = _checks.get(step.check_code)
        # Nobody answers: what cannot be proved is open.
        work = check(days) if check else OpenWork(count=step.allowed_count + 1, sentence=STEP_NOT_DONE)
        is_done = work.count <= step.allowed_count and on > days.last_day
    else:
        is_done = step.done_at is not None
        work = work if is_done else OpenWork(count=1, sentence=STEP_NOT_DONE)
    if not is_done and not work.sentence:
        work = OpenWork(count=work.count, sentence=_("The period is not over."))
    return StepStatus(step=step, is_done=is_done, is_late=not is_done and on > step.due_on, work=work)


def _is_unbilled(cycle: BillCycle, days: DatePeriod) -> bool:
    """Return whether a bill period that ended before the last of the days is not cut, and somebody is to be billed."""
    due = bill_period_of(cycle.open_from, cycle.bill_day)
    if due.last_day >= days.last_day:
        return False
    return Account.objects.filter(cycle=cycle, opened_on__lt=due.until).exclude(closed_on__lte=due.start).exists()


def _instants(days: DatePeriod) -> dict[str, object]:
    instants = days.instants(zone=clock.operator_zone())
    return {"start": days.start, "until": days.until, "start_at": instants.start, "until_at": instants.until}
