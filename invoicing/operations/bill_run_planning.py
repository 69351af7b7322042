"""
The planning phase: everything that decides a bill run is frozen in one transaction, and the period is cut.

From then on usage of the period that comes late belongs to the next bill, and the run reads its own row alone.
"""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from billing_site.audit.recording import SYSTEM, record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import DatePeriod, bill_period_of
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.pdf import template_version
from billing_site.identity.models import User
from billing_site.jobs.progress import start_job
from billing_site.jobs.work import add_work
from billing_site.ledger.models import LedgerEntry
from invoicing.models import BillRun
from invoicing.queries.account_inputs import group_volumes
from invoicing.queries.bill_inputs import oldest_period_behind
from invoicing.queries.readiness import Finding, find_obstacles, period_to_bill
from invoicing.queries.reference import read_reference
from subscribers.models import BillCycle

CHUNK_ACCOUNTS = 5000
CALCULATE = "invoicing.calculate_chunk"
MAX_TERMS_DAYS = 366


class ChecksNotPassed(BillingError):
    """Something stands in the way of the run; the findings say what and where it is mended."""

    default_code = "CHECKS_NOT_PASSED"

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Keep the findings for the face that shows them."""
        super().__init__(" ".join(str(finding.sentence) for finding in findings))
        self.findings = tuple(findings)


class DatesOutOfOrder(BillingError):
    """The due day is before the day of issue, or a year after it."""

    default_message = _("The due day must be on or after the day of issue, and within a year of it.")
    default_code = "DATES_OUT_OF_ORDER"


class BillRunExists(BillingError):
    """The cycle has a living run for the period."""

    default_message = _("There is a run for this cycle and period already.")
    default_code = "BILL_RUN_EXISTS"


@durable
def plan_bill_run(
    *,
    cycle_id: int,
    issued_on: date,
    due_on: date,
    started_by: User | None,
    overridden: Sequence[str] = (),
    chunk_accounts: int = CHUNK_ACCOUNTS,
) -> BillRun:
    """
    Plan the run of a cycle's oldest open period and hand its chunks to the workers.

    :param overridden: codes of findings that ``started_by`` goes past; final ones cannot be
    :param chunk_accounts: accounts of a chunk
    :raises ChecksNotPassed: with the findings that stand in the way
    :raises DatesOutOfOrder: if the bill would be due before it is issued
    :raises BillRunExists: if the period has a living run
    """
    return plan_run(
        cycle_id=cycle_id,
        issued_on=issued_on,
        due_on=due_on,
        started_by=started_by,
        overridden=overridden,
        chunk_accounts=chunk_accounts,
    )


@transaction_required
def plan_run(
    *,
    cycle_id: int,
    issued_on: date,
    due_on: date,
    started_by: User | None,
    overridden: Sequence[str],
    chunk_accounts: int = CHUNK_ACCOUNTS,
) -> BillRun:
    """Do what ``plan_bill_run`` does in the caller's transaction: shared with the preview, which takes it back."""
    cycle = BillCycle.objects.select_for_update().get(pk=cycle_id)
    if not 0 <= (due_on - issued_on).days <= MAX_TERMS_DAYS:
        raise DatesOutOfOrder
    passed = _refuse_obstacles(find_obstacles(cycle=cycle, on=issued_on), overridden)
    period = period_to_bill(cycle=cycle)
    with constraint_errors({"invoicing_billrun_once_a_period": BillRunExists}):
        run = _make_run(cycle, period, issued_on=issued_on, due_on=due_on, started_by=started_by, passed=passed)
    _make_chunks(run, chunk_accounts)
    cycle.open_from = run.period_until
    cycle.save(update_fields=["open_from"])
    _hand_out(run, started_by)
    record(
        "invoicing.start_bill_run",
        actor=started_by,
        subject=run,
        changes={"cycle": cycle.code, "period_from": str(run.period_from), "overridden": passed},
    )
    return run


def _refuse_obstacles(findings: Sequence[Finding], overridden: Sequence[str]) -> list[str]:
    """Return the codes gone past, or refuse."""
    standing = [finding for finding in findings if finding.is_final or finding.code not in overridden]
    if standing:
        raise ChecksNotPassed(standing)
    return sorted({finding.code for finding in findings})


def _make_run(
    cycle: BillCycle, period: DatePeriod, *, issued_on: date, due_on: date, started_by: User | None, passed: list[str]
) -> BillRun:
    live = BillRun.objects.filter(cycle=cycle).exclude(state=BillRun.State.CANCELLED)
    before = live.filter(period_from__lt=period.start).order_by("-period_from").first()
    who = started_by.username if started_by is not None else SYSTEM
    prices_from = oldest_period_behind(cycle_id=cycle.pk, before=period.start)
    return BillRun.objects.create(
        cycle=cycle,
        period_from=period.start,
        period_until=period.until or period.start,
        # Usage is kept by months: those of the whole period are billed.
        usage_through=bill_period_of(period.last_day, cycle.bill_day).start,
        issued_on=issued_on,
        due_on=due_on,
        currency=settings.SALDO_CURRENCY,
        currency_digits=settings.SALDO_CURRENCY_DIGITS,
        template_version=template_version(),
        ledger_through=LedgerEntry.objects.aggregate(last=Max("id"))["last"] or 0,
        ledger_after=before.ledger_through if before is not None else 0,
        reference={
            **read_reference(
                period=DatePeriod(prices_from, period.until),
                currency=settings.SALDO_CURRENCY,
                digits=settings.SALDO_CURRENCY_DIGITS,
            ),
            **_volumes(before, period),
            "operator": {"name": settings.SALDO_OPERATOR_NAME},
        },
        overridden=[{"code": code, "by": who} for code in passed],
        started_by=started_by,
    )


def _volumes(before: BillRun | None, period: DatePeriod) -> dict[str, dict[str, int]]:
    """Return what customer groups with a discount came to on the bills of the run before, where there are any."""
    if before is None:
        return {}
    volumes = group_volumes(period=period, before=before.period_from, digits=settings.SALDO_CURRENCY_DIGITS)
    return {"group_volumes": volumes} if volumes else {}


def _make_chunks(run: BillRun, chunk_accounts: int) -> None:
    """Cut the accounts of the cycle, in the order of ids, into ranges."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO invoicing_billrunchunk"
            " (run_id, n, first_account_id, last_account_id, state, account_count, billed_count, parked_count,"
            " skipped_count, net_minor, tax_minor, gross_minor, skipped_reasons, posted_count, posted_gross_minor)"
            " SELECT %(run)s, (row_number() OVER (ORDER BY min(id)))::int, min(id), max(id), 'TODO', count(*)::int,"
            " 0, 0, 0, 0, 0, 0, '{}', 0, 0"
            " FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %(size)s AS part"
            " FROM subscribers_account WHERE cycle_id = %(cycle)s AND opened_on < %(until)s) a GROUP BY part",
            {"run": run.pk, "size": chunk_accounts, "cycle": run.cycle_id, "until": run.period_until},
        )


def _hand_out(run: BillRun, started_by: User | None) -> None:
    chunks = list(run.chunks.order_by("n").values_list("pk", "n", "account_count"))
    run.job = start_job(
        kind="invoicing.bill_run",
        title=gettext_noop("Bill run %(cycle)s, %(period)s: calculation"),
        started_by=started_by.username if started_by is not None else SYSTEM,
        key=f"bill-run-{run.pk}-calculate",
        stage="Calculate",
        total_units=sum(count for _pk, _n, count in chunks),
        parameters={"run_id": run.pk, "cycle": run.cycle.code, "period": f"{run.period_from:%Y-%m}"},
    )
    run.account_count = run.job.total_units
    run.save(update_fields=["job", "account_count"])
    add_work(kind=CALCULATE, items={f"{run.pk}/{n}": {"chunk_id": pk} for pk, n, _count in chunks}, job_id=run.job.pk)
