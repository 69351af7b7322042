"""
Work on both books that is too long for a request: large files are read and taken, and large books compared, by the
workers.

Each is one piece of one transaction: a process that dies leaves nothing, and the piece is done again. What is refused
ends the job, with the refusal in its result; asked for again it is begun anew.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.files import path_of
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from billing_site.jobs.progress import add_progress, fail_job, finish_job, start_job
from billing_site.jobs.work import add_work
from reconciliation.operations.accounting_files import LoadOutcome, take_accounting_file
from reconciliation.operations.book_comparisons import write_comparison

COMPARE = "reconciliation.compare_books"
TAKE_FILE = "reconciliation.load_accounting_file"
# A file of so many bytes is read within a request; about ten thousand lines.
LARGE_BYTES = 1024 * 1024
REFUSED = gettext_noop("Refused: the page of this job says why. Nothing was changed.")
UNDER_WAY = (Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED)


@durable
def begin_comparison(*, first_on: date, last_on: date, actor: User) -> Job:
    """Let the workers compare the books of some days; where that is under way already, return that job."""
    days = {"first": first_on.isoformat(), "last": last_on.isoformat()}
    under_way = Job.objects.filter(kind=COMPARE, parameters=days, state__in=UNDER_WAY).first()
    if under_way is not None:
        return under_way
    job = start_job(
        kind=COMPARE,
        title=gettext_noop("Billing against accounting, %(first)s to %(last)s"),
        started_by=actor.username,
        parameters=days,
        stage=gettext_noop("Comparing both books"),
        total_units=1,
    )
    payload = {"job_id": job.pk, "first_on": days["first"], "last_on": days["last"], "actor_id": actor.pk}
    add_work(kind=COMPARE, items={str(job.pk): payload}, job_id=job.pk)
    return job


@durable
def begin_accounting_file(*, sha256: str, seen: Mapping[str, Any], is_trial: bool, actor: User) -> Job:
    """
    Let the workers read a file that is kept already, and take it unless it is a trial.

    :param seen: what ``wish_of`` understands
    :param is_trial: tell in the job's result what the file says, keep nothing
    """
    job = start_job(
        kind=TAKE_FILE,
        title=gettext_noop("Ledger file %(name)s"),
        started_by=actor.username,
        parameters={"name": seen["name"], "sha256": sha256, "seen": dict(seen), "is_trial": is_trial},
        stage=gettext_noop("Reading the file") if is_trial else gettext_noop("Loading the file"),
        total_units=1,
    )
    add_work(kind=TAKE_FILE, items={str(job.pk): {"job_id": job.pk, "actor_id": actor.pk}}, job_id=job.pk)
    return job


@transaction_required
def do_comparison(*, job_id: int, first_on: str, last_on: str, actor_id: int, at: datetime) -> None:
    """Compare, in the transaction of the work item."""
    days = {"first_on": date.fromisoformat(first_on), "last_on": date.fromisoformat(last_on)}
    try:
        with transaction.atomic():
            outcome = write_comparison(**days, compared_at=at, actor=User.objects.get(pk=actor_id))
    except BillingError as refusal:
        fail_job(job_id=job_id, message=REFUSED, result=plain_refusal(refusal))
        return
    told = {"comparison_id": outcome.comparison.pk, "lines": outcome.line_count, "open": outcome.open_count}
    _end(job_id, told)


@transaction_required
def do_accounting_file(*, job_id: int, actor_id: int) -> None:
    """Read a file, and take it unless it is a trial, in the transaction of the work item."""
    given = Job.objects.values_list("parameters", flat=True).get(pk=job_id)
    content, is_trial = path_of(given["sha256"]).read_bytes(), given["is_trial"]
    actor = User.objects.get(pk=actor_id)
    try:
        with transaction.atomic():
            outcome = take_accounting_file(content=content, actor=actor, is_trial=is_trial, **wish_of(given["seen"]))
    except BillingError as refusal:
        fail_job(job_id=job_id, message=REFUSED, result=plain_refusal(refusal))
        return
    _end(job_id, {"file_id": outcome.file.pk} if outcome.file is not None else {"preview": plain_outcome(outcome)})


def wish_of(seen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file is loaded with, from what a form or a job keeps of it: days as text, a sum in minor units."""
    told = seen["expected_closing"]
    digits = currency_digits(settings.SALDO_CURRENCY)
    return {
        **seen,
        "first_on": date.fromisoformat(seen["first_on"]),
        "last_on": date.fromisoformat(seen["last_on"]),
        "expected_closing": None if told is None else minor_to_decimal(told, digits=digits),
    }


def plain_outcome(outcome: LoadOutcome) -> dict[str, Any]:
    """Return what a file says as a job keeps it; of its first lines all but the customers' names."""
    return {
        "sums": {code: [one.line_count, *one.amounts] for code, one in outcome.sums.items()},
        "first_lines": [list(line._replace(name="")) for line in outcome.first_lines],
        "faults": [
            {"line": one.line_number, "field": one.field, "value": one.value, "sentence": one.sentence}
            | {"values": _plain(one.values)}
            for one in outcome.faults
        ],
    }


def plain_refusal(refusal: BillingError) -> dict[str, Any]:
    """Return a refusal as a job keeps it: its sentence in English, and the values for it."""
    return {"refusal": {"sentence": str(refusal.template), "values": _plain(refusal.context)}}


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: object) -> object:
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return {"amount": str(value)} if isinstance(value, Decimal) else value


def whole_values(values: Mapping[str, Any]) -> dict[str, object]:
    """Return the values of a sentence as they were before a job kept them: days, instants and amounts again."""
    return {name: _whole_value(value) for name, value in values.items()}


def _whole_value(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    ways: dict[str, Callable[[str], object]] = {
        "instant": datetime.fromisoformat,
        "day": date.fromisoformat,
        "amount": Decimal,
    }
    return ways[kind](text)


def _end(job_id: int, result: Mapping[str, Any]) -> None:
    add_progress(job_id=job_id, done_units=1)
    finish_job(job_id=job_id, message=gettext_noop("Done."), result=dict(result))
