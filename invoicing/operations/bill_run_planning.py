"""
The planning phase: everything that decides a bill run is frozen in one transaction, and the period is cut.

From then on usage of the period that comes late belongs to the next bill, and the run reads its own row alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing_site.audit.recording import SYSTEM, record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import DatePeriod
from billing_site.db.constraints import constraint_errors
from billing_site.db.copying import copy_text
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.progress import start_job
from billing_site.jobs.work import add_work
from invoicing.domain.account_ranges import cut_into_ranges
from invoicing.domain.run_rules import EVERYBODY, AccountRule
from invoicing.models import BillRun, BillRunChunk
from invoicing.operations.bill_run_freezing import freeze_run
from invoicing.queries.account_scopes import (
    AccountRange,
    accounts_in_rule,
    cycle_ranges,
    unbilled_accounts,
    unknown_accounts,
)
from invoicing.queries.readiness import Finding, find_obstacles, period_to_bill, pilots_of
from invoicing.queries.tied_accounts import tie_accounts
from subscribers.models import BillCycle

CHUNK_ACCOUNTS = 5000
CALCULATE = "invoicing.calculate_chunk"
MAX_TERMS_DAYS = 366
# Ids between two accounts of a pilot that are read along rather than begin a new piece of work.
GAP_ACCOUNTS = 40
SHOWN_UNKNOWN = 5


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


class OverrideReasonMissing(BillingError):
    """Somebody goes past a finding and does not say why."""

    default_message = _("Say why the run goes past what was found: it is written beside your name.")
    default_code = "OVERRIDE_REASON_MISSING"


class RuleMissing(BillingError):
    """A pilot for everybody is no pilot."""

    default_message = _("Say whom the pilot is for: a department, a category, a segment or a list of accounts.")
    default_code = "RULE_MISSING"


class NobodyInRule(BillingError):
    """No account fits, or all that do are billed."""

    default_message = _("No account that fits the rule is without a bill for the period.")
    default_code = "NOBODY_IN_RULE"


class OnlySplitPairs(BillingError):
    """Everybody who fits is billed together with somebody who does not."""

    default_message = gettext_noop(
        "%(count)s accounts fit the rule, first %(accounts)s, and each is billed with one that does not: one pays for"
        " the other. Name both, or leave them to the run for everybody."
    )
    default_code = "ONLY_SPLIT_PAIRS"


class AccountsUnknown(BillingError):
    """A list names accounts that the cycle does not have."""

    default_message = gettext_noop("%(count)s accounts of the list are not in the cycle, first %(accounts)s.")
    default_code = "ACCOUNTS_UNKNOWN"


class PilotNotChecked(BillingError):
    """Everybody is to be billed after a pilot of which nobody says what was checked."""

    default_message = _("There was a pilot for this period: write what was checked of it before everybody is billed.")
    default_code = "PILOT_NOT_CHECKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Whom a run bills, cut into pieces of work in the order of ids; ``told`` is what it freezes of how it chose."""

    ranges: Sequence[AccountRange]
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWish:
    """
    What somebody wants billed.

    ``overridden`` are the codes of findings gone past, for the ``reason``; ``checked`` says what was checked of the
    pilots before everybody is billed.
    """

    cycle_id: int
    issued_on: date
    due_on: date
    started_by: User | None
    overridden: Sequence[str] = ()
    reason: str = ""
    kind: str = BillRun.Kind.FULL
    rule: AccountRule = EVERYBODY
    checked: str = ""
    chunk_accounts: int = CHUNK_ACCOUNTS

    @property
    def who(self) -> str:
        """Return the name that acts are written under."""
        return self.started_by.username if self.started_by is not None else SYSTEM


@durable
def plan_bill_run(
    *,
    cycle_id: int,
    issued_on: date,
    due_on: date,
    started_by: User | None,
    overridden: Sequence[str] = (),
    reason: str = "",
    kind: str = BillRun.Kind.FULL,
    rule: AccountRule = EVERYBODY,
    checked: str = "",
    chunk_accounts: int = CHUNK_ACCOUNTS,
) -> BillRun:
    """
    Plan the run of a cycle's oldest open period and hand its chunks to the workers.

    A pilot bills the accounts of its rule, for good; the first run of a period, pilot or full, cuts the period for the
    whole cycle, so that all its bills are made of the same usage.

    :param overridden: codes of findings that ``started_by`` goes past; final ones cannot be
    :param reason: why they are gone past
    :param kind: ``FULL`` or ``PILOT``
    :param rule: whom a pilot is for
    :param checked: what was checked of the period's pilots before everybody is billed
    :param chunk_accounts: accounts of a chunk
    :raises ChecksNotPassed: with the findings that stand in the way
    :raises OverrideReasonMissing: if one is gone past without a reason
    :raises DatesOutOfOrder: if the bill would be due before it is issued
    :raises BillRunExists: if the period has a living run for everybody
    :raises RuleMissing: for a pilot whose rule says nothing
    :raises AccountsUnknown: if the rule names accounts that the cycle does not have
    :raises NobodyInRule: if a pilot would bill nobody
    :raises OnlySplitPairs: if all that a pilot would bill are billed with accounts that it would not
    :raises PilotNotChecked: for everybody's run after a pilot, without a word about what was checked
    """
    wish = RunWish(
        cycle_id=cycle_id,
        issued_on=issued_on,
        due_on=due_on,
        started_by=started_by,
        overridden=overridden,
        reason=reason,
        kind=kind,
        rule=rule,
        checked=checked,
        chunk_accounts=chunk_accounts,
    )
    cycle = BillCycle.objects.select_for_update().get(pk=cycle_id)
    period = period_to_bill(cycle=cycle)
    passed = check_wish(wish, cycle)
    pilots = pilots_of(cycle=cycle, period=period)
    if pilots and kind == BillRun.Kind.FULL and not checked.strip():
        raise PilotNotChecked
    chosen = choose_accounts(wish, period)
    with constraint_errors({"invoicing_billrun_once_a_period": BillRunExists}):
        run = write_run(wish, cycle, period, passed=passed, told=chosen.told)
    write_chunks(run, chosen.ranges)
    # A pilot before has cut the period already.
    cycle.open_from = max(cycle.open_from, run.period_until)
    cycle.save(update_fields=["open_from"])
    hand_out(run, started_by)
    crash_point("invoicing.start_bill_run.handed_out")
    record("invoicing.start_bill_run", actor=started_by, subject=run, changes=_told(run, passed, pilots))
    return run


def check_wish(wish: RunWish, cycle: BillCycle) -> list[str]:
    """
    Return the codes of the findings gone past, or refuse.

    :raises ChecksNotPassed: with the findings that stand in the way
    :raises OverrideReasonMissing: if one is gone past without a reason
    :raises DatesOutOfOrder: if the bill would be due before it is issued
    :raises RuleMissing: for a pilot whose rule says nothing
    """
    if not 0 <= (wish.due_on - wish.issued_on).days <= MAX_TERMS_DAYS:
        raise DatesOutOfOrder
    if wish.kind == BillRun.Kind.PILOT and wish.rule.is_empty:
        raise RuleMissing
    findings = find_obstacles(cycle=cycle, on=wish.issued_on, kind=wish.kind)
    standing = [finding for finding in findings if finding.is_final or finding.code not in wish.overridden]
    if standing:
        raise ChecksNotPassed(standing)
    if findings and not wish.reason.strip():
        raise OverrideReasonMissing
    return sorted({finding.code for finding in findings})


def choose_accounts(wish: RunWish, period: DatePeriod) -> Chosen:
    """
    Return the accounts that are to be billed.

    Bills of a payer and of whom he pays for are made together: who is tied to an account that a list names is billed
    along with it; who fits a rule without his other side is left to the run for everybody (ADR 0035).

    :raises AccountsUnknown: if the rule names accounts that the cycle does not have
    :raises NobodyInRule: if a pilot would bill nobody
    :raises OnlySplitPairs: if all that it would bill are billed with accounts that it would not
    """
    until = period.until or period.start
    if wish.kind == BillRun.Kind.FULL:
        return Chosen(ranges=cycle_ranges(cycle_id=wish.cycle_id, until=until, size=wish.chunk_accounts))
    unknown = unknown_accounts(cycle_id=wish.cycle_id, rule=wish.rule)
    if unknown:
        raise AccountsUnknown(context={"count": len(unknown), "accounts": ", ".join(unknown[:SHOWN_UNKNOWN])})
    accounts = accounts_in_rule(cycle_id=wish.cycle_id, rule=wish.rule, until=until)
    tied = tie_accounts(
        ids=unbilled_accounts(accounts=accounts, period_from=period.start),
        cycle_id=wish.cycle_id,
        period_from=period.start,
        until=until,
        is_list=bool(wish.rule.accounts),
    )
    told = tied.as_json()
    if not tied.ids and tied.left:
        numbers = told["tied"]["left"]["accounts"][:SHOWN_UNKNOWN]
        raise OnlySplitPairs(context={"count": len(tied.left), "accounts": ", ".join(numbers)})
    if not tied.ids:
        raise NobodyInRule
    return Chosen(ranges=ranges_of(tied.ids, size=wish.chunk_accounts), told=told)


def ranges_of(ids: Sequence[int], *, size: int) -> list[AccountRange]:
    """Cut chosen accounts, in the order of ids, into pieces of work."""
    return [
        AccountRange(first_id=part[0], last_id=part[-1], count=len(part), account_ids=part)
        for part in cut_into_ranges(ids, size=size, gap=GAP_ACCOUNTS)
    ]


@transaction_required
def write_run(
    wish: RunWish,
    cycle: BillCycle,
    period: DatePeriod,
    *,
    passed: Sequence[str],
    told: Mapping[str, Any] | None = None,
) -> BillRun:
    """
    Write the row of a run with everything that decides it.

    :param told: what else it freezes: whom it took along, and whom it left
    """
    run = freeze_run(
        cycle=cycle, period=period, kind=wish.kind, rule=wish.rule, issued_on=wish.issued_on, due_on=wish.due_on
    )
    run.reference.update(told or {})
    run.overridden = [{"code": code, "by": wish.who, "reason": wish.reason.strip()} for code in passed]
    run.checked = wish.checked.strip()
    run.started_by = wish.started_by
    run.save()
    return run


@transaction_required
def write_chunks(run: BillRun, ranges: Sequence[AccountRange]) -> None:
    """Write the chunks of a run, and the accounts of one that is not for everybody."""
    BillRunChunk.objects.bulk_create(
        [
            BillRunChunk(
                run=run, n=n, first_account_id=part.first_id, last_account_id=part.last_id, account_count=part.count
            )
            for n, part in enumerate(ranges, start=1)
        ]
    )
    chosen = [f"{run.pk}\t{account}\n" for part in ranges for account in part.account_ids]
    if chosen:
        copy_text(table="invoicing_billrunaccount", columns=("run_id", "account_id"), lines=chosen)


@transaction_required
def hand_out(run: BillRun, started_by: User | None) -> None:
    """Begin the job of a run and add its pieces of work."""
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


def _told(run: BillRun, passed: Sequence[str], pilots: Sequence[BillRun]) -> dict[str, object]:
    """Return what the book of acts keeps: for everybody's run after pilots also which, and what was checked of them."""
    told: dict[str, object] = {
        "cycle": run.cycle.code,
        "period_from": str(run.period_from),
        "kind": run.kind,
        "overridden": list(passed),
    }
    if passed:
        told["reason"] = run.overridden[0]["reason"]
    if run.rule:
        told["rule"] = run.rule
    if pilots and run.kind == BillRun.Kind.FULL:
        told.update(pilots=[pilot.pk for pilot in pilots], checked=run.checked)
    return told
