"""Checking the books: every invariant of every app, one after the other, and what contradicts it."""

from collections.abc import Callable, Collection, Iterable
from itertools import chain

import invoicing.queries.invariants
import payments.queries.invariants
import rating.queries.invariants
import reconciliation.queries.book_invariants
import reconciliation.queries.invariants
import subscribers.queries.invariants
import tariffs.queries.invariants
from billing_site.audit import invariants as audit_invariants
from billing_site.console.own_invariants import OWN_INVARIANTS
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Finding, Invariant
from billing_site.db.transactions import durable
from billing_site.documents import invariants as documents_invariants
from billing_site.jobs import invariants as jobs_invariants
from billing_site.jobs.models import Job
from billing_site.jobs.progress import add_progress, fail_job, finish_job, set_stage
from billing_site.jobs.work import enqueue_on_commit
from billing_site.ledger import invariants as ledger_invariants

JOB_KIND = "console.check_books"
# In the order in which money is made: the first finding is nearest to the cause.
INVARIANTS: tuple[Invariant, ...] = tuple(
    chain(
        ledger_invariants.INVARIANTS,
        tariffs.queries.invariants.INVARIANTS,
        subscribers.queries.invariants.INVARIANTS,
        rating.queries.invariants.INVARIANTS,
        invoicing.queries.invariants.INVARIANTS,
        payments.queries.invariants.INVARIANTS,
        reconciliation.queries.invariants.INVARIANTS,
        reconciliation.queries.book_invariants.INVARIANTS,
        documents_invariants.INVARIANTS,
        jobs_invariants.INVARIANTS,
        audit_invariants.INVARIANTS,
        OWN_INVARIANTS,
    )
)


class UnknownInvariant(BillingError):
    """Nothing is checked under this name."""

    default_message = gettext_noop("There is no invariant %(name)s. Give one of these: %(names)s.")
    default_code = "UNKNOWN_INVARIANT"


def invariants_named(names: Collection[str]) -> tuple[Invariant, ...]:
    """
    Return the invariants with these names (``ledger.entries_balance``) or of these apps (``ledger``); all for none.

    :raises UnknownInvariant: if a name is neither
    """
    for name in names:
        if not any(_is_named(invariant, name) for invariant in INVARIANTS):
            known = ", ".join(invariant.name for invariant in INVARIANTS)
            raise UnknownInvariant(context={"name": name, "names": known})
    return tuple(one for one in INVARIANTS if not names or any(_is_named(one, name) for name in names))


def check_books(
    *, only: Collection[str] = (), after_each: Callable[[Invariant, Collection[Finding]], None] | None = None
) -> tuple[Finding, ...]:
    """
    Check every invariant, or those named, and return everything that contradicts one; nothing for sound books.

    :param after_each: told of each invariant and its findings as soon as it is checked
    :raises UnknownInvariant: if a name is not known
    """
    found: list[Finding] = []
    for invariant in invariants_named(only):
        findings = invariant.findings()
        found.extend(findings)
        if after_each is not None:
            after_each(invariant, findings)
    return tuple(found)


@durable
def start_check(*, started_by: str) -> Job:
    """Make the job of a check and have a worker run it."""
    job = _new_job(started_by=started_by, state=Job.State.QUEUED)
    enqueue_on_commit("console.check_books", job_id=job.pk)
    return job


def run_check(*, job_id: int | None, started_by: str) -> tuple[Finding, ...]:
    """Check everything as a job, whose result keeps the findings; without ``job_id`` the job is made."""
    job_id = job_id or _new_job(started_by=started_by, state=Job.State.RUNNING).pk
    set_stage(job_id=job_id, stage=gettext_noop("Checking"), index=1, count=1, total_units=len(INVARIANTS))
    try:
        findings = check_books(
            after_each=lambda _, found: add_progress(job_id=job_id, done_units=1, set_aside_units=len(found))
        )
    except Exception as error:
        fail_job(job_id=job_id, message=f"{type(error).__name__}: {error}")
        raise
    finish_job(job_id=job_id, result={"checked": len(INVARIANTS), "findings": as_rows(findings)})
    return findings


def as_rows(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Return findings as plain rows, for JSON."""
    return [{"invariant": one.invariant, "subject": one.subject, "detail": one.detail} for one in findings]


def find_last_check() -> Job | None:
    """Return the latest check, finished or not."""
    return Job.objects.filter(kind=JOB_KIND).order_by("-id").first()


def count_last_findings() -> int:
    """Return how many findings the latest finished check has; none if there was no check."""
    job = Job.objects.filter(kind=JOB_KIND, state=Job.State.DONE).order_by("-id").first()
    return len(job.result.get("findings", ())) if job is not None else 0


def _new_job(*, started_by: str, state: Job.State) -> Job:
    return Job.objects.create(
        kind=JOB_KIND,
        title=gettext_noop("Check of the books"),
        started_by=started_by,
        state=state,
        total_units=len(INVARIANTS),
    )


def _is_named(invariant: Invariant, name: str) -> bool:
    return name in {invariant.name, invariant.name.partition(".")[0]}
