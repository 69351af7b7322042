"""
Usage priced again: proposed by one person, shown by a job, approved by another person, written by a job.

The prices are always those of the day of the call; what differs is what has been put right since: a call that came
late, a plan or a category entered with an earlier day, a prefix.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count

from billing_site.audit.recording import SYSTEM, record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import bill_period_of
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from billing_site.jobs.progress import cancel_job, start_job
from rating.engine.stages import PREVIEW_ACCOUNTS, RERATE_ACCOUNTS, RERATING_KINDS, add_stage
from rating.models import DetachedPartition, Rerating, ReratingAccount
from rating.operations.rating_runs import take_up_again, work_on_run
from subscribers.models import Account, BillCycle

JOB_KIND = "rating.rerate_usage"
LINES_PER_PIECE = 1_000
ONE_DAY = timedelta(days=1)


class ReratingDaysUnsound(BillingError):
    """No day, or days to come."""

    default_message = gettext_noop("Choose days that are past, the first before the last: not %(first)s to %(last)s.")
    default_code = "RERATING_DAYS_UNSOUND"


class ReratingReasonMissing(BillingError):
    """The reason stays with the corrections for ever."""

    default_message = gettext_noop("Give the reason why usage is to be priced again.")
    default_code = "RERATING_REASON_MISSING"


class ReratingAccountUnknown(BillingError):
    """A number of the list is no account's."""

    default_message = gettext_noop("There is no account %(account)s.")
    default_code = "RERATING_ACCOUNT_UNKNOWN"


class ReratingScopeEmpty(BillingError):
    """Nobody to price again."""

    default_message = gettext_noop("There is no account with lines in this scope.")
    default_code = "RERATING_SCOPE_EMPTY"


class ReratingUsageDetached(BillingError):
    """Records that are gone cannot be priced, and what they drew from allowances would be missed."""

    default_message = gettext_noop("The records of %(day)s are detached: only later bill periods can be priced again.")
    default_code = "RERATING_USAGE_DETACHED"


class ReratingNotPreviewed(BillingError):
    """Only what was shown can be approved."""

    default_message = gettext_noop("Re-rating %(rerating)s is %(state)s: only one with a preview can be approved.")
    default_code = "RERATING_NOT_PREVIEWED"


class ReratingSecondPerson(BillingError):
    """Four eyes."""

    default_message = gettext_noop("You proposed this re-rating. Another person approves it.")
    default_code = "RERATING_SECOND_PERSON"


class ReratingChangesNothing(BillingError):
    """No record comes out differently."""

    default_message = gettext_noop("Nothing comes out differently: there is nothing to write.")
    default_code = "RERATING_CHANGES_NOTHING"


class ReratingHasBegun(BillingError):
    """What is written stays."""

    default_message = gettext_noop(
        "Re-rating %(rerating)s is %(state)s and cannot be cancelled: what is wrong is priced again by another one."
    )
    default_code = "RERATING_HAS_BEGUN"


class ReratingNotAtWork(BillingError):
    """There is nothing to go on with."""

    default_message = gettext_noop("Re-rating %(rerating)s is %(state)s: it has no work left to go on with.")
    default_code = "RERATING_NOT_AT_WORK"


@durable
def propose_rerating(
    *,
    used_from: date,
    used_until: date,
    reason: str,
    today: date,
    actor: User | None,
    plan_id: int | None = None,
    zone_id: int | None = None,
    source_id: int | None = None,
    account_numbers: Sequence[str] = (),
    lines_per_piece: int = LINES_PER_PIECE,
) -> Rerating:
    """
    Propose to price usage again, and start the preview of what that would change.

    The whole bill periods around the days are priced, for accounts of which a record fits the scope.

    :param used_from: the first day of usage, ``used_until`` the day after the last
    :param plan_id: accounts with usage by this plan, now or as it would be; zone and source likewise
    :param account_numbers: these accounts alone
    :param lines_per_piece: subscriptions priced in one transaction, about; the result does not depend on it
    :raises ReratingDaysUnsound: if no day is left or the first is to come
    :raises ReratingReasonMissing: without a reason
    :raises ReratingAccountUnknown: if a number is no account's
    :raises ReratingScopeEmpty: if there is no account with lines
    :raises ReratingUsageDetached: if records of the bill periods are detached
    """
    if used_until <= used_from or used_from > today:
        raise ReratingDaysUnsound(context={"first": used_from, "last": used_until - ONE_DAY})
    if not reason.strip():
        raise ReratingReasonMissing
    scope = {"plan": plan_id, "zone": zone_id, "source": source_id, "accounts": _account_ids(account_numbers)}
    return start_rerating(
        used_from=used_from,
        used_until=used_until,
        scope=scope,
        reason=reason,
        actor=actor,
        lines_per_piece=lines_per_piece,
    )


@transaction_required
def start_rerating(
    *,
    used_from: date,
    used_until: date,
    scope: Mapping[str, Any],
    reason: str,
    actor: User | None,
    lines_per_piece: int = LINES_PER_PIECE,
) -> Rerating:
    """
    Keep a proposal and start its preview, in the caller's transaction.

    :param scope: ids by name, as the proposal keeps them
    :raises BillingError: what ``propose_rerating`` refuses of a scope
    """
    rerating = Rerating(
        used_from=used_from,
        used_until=used_until,
        scope={name: value for name, value in scope.items() if value},
        reason=reason.strip()[:300],
        proposed_by=actor,
    )
    pieces = pieces_of(rerating.scope, lines_per_piece=lines_per_piece)
    if not pieces:
        raise ReratingScopeEmpty
    _refuse_detached(rerating)
    rerating.save()
    _start(rerating, PREVIEW_ACCOUNTS, pieces, title=gettext_noop("Preview of re-rating %(rerating)s"), actor=actor)
    changes = {"from": used_from.isoformat(), "until": used_until.isoformat(), "scope": rerating.scope}
    record("rating.propose_rerating", actor=actor, subject=rerating, changes={**changes, "reason": rerating.reason})
    return rerating


@durable
def approve_rerating(*, rerating_id: int, approved_at: datetime, actor: User) -> Rerating:
    """
    Let a re-rating run, by the word of a second person who has seen the preview.

    What is written is priced then: a call that came since the preview is in it.

    :raises ReratingNotPreviewed: if the preview is not ready, or it was approved or cancelled already
    :raises ReratingSecondPerson: if the same person proposed it
    :raises ReratingChangesNothing: if the preview changes no record
    :raises ReratingUsageDetached: if records of the bill periods were detached since
    """
    rerating = _lock(rerating_id)
    if rerating.state != Rerating.State.PREVIEWED:
        raise ReratingNotPreviewed(context=_names(rerating))
    if rerating.proposed_by_id == actor.pk:
        raise ReratingSecondPerson
    if not ReratingAccount.objects.filter(rerating=rerating, record_count__gt=0).exists():
        raise ReratingChangesNothing
    _refuse_detached(rerating)
    pieces = rerating.job.parameters["pieces"] if rerating.job else []
    rerating.state = Rerating.State.APPROVED
    rerating.approved_by, rerating.approved_at = actor, approved_at
    _start(rerating, RERATE_ACCOUNTS, pieces, title=gettext_noop("Re-rating %(rerating)s"), actor=actor)
    record("rating.approve_rerating", actor=actor, subject=rerating, changes={"reason": rerating.reason})
    return rerating


@durable
def cancel_rerating(*, rerating_id: int, actor: User | None) -> Rerating:
    """
    Drop a re-rating of which nothing is written yet.

    :raises ReratingHasBegun: if it runs, is done, or was cancelled
    """
    rerating = _lock(rerating_id)
    if rerating.state not in {Rerating.State.PROPOSED, Rerating.State.PREVIEWED, Rerating.State.APPROVED}:
        raise ReratingHasBegun(context=_names(rerating))
    rerating.state = Rerating.State.CANCELLED
    rerating.save(update_fields=["state"])
    if rerating.job is not None and not rerating.job.is_finished:
        cancel_job(job_id=rerating.job.pk)
    record("rating.cancel_rerating", actor=actor, subject=rerating)
    return rerating


@durable
def resume_rerating(*, rerating_id: int, actor: User | None) -> Rerating:
    """
    Go on with a preview or a run of which a piece was set aside or whose workers died; harmless while it works.

    :raises ReratingNotAtWork: if it waits for a person, is done, or was cancelled
    """
    rerating = _lock(rerating_id)
    at_work = {Rerating.State.PROPOSED, Rerating.State.APPROVED, Rerating.State.RUNNING}
    if rerating.state not in at_work or rerating.job is None:
        raise ReratingNotAtWork(context=_names(rerating))
    take_up_again(rerating.job, kinds=RERATING_KINDS)
    record("rating.resume_rerating", actor=actor, subject=rerating)
    return rerating


def work_on_rerating(*, job_id: int) -> bool:
    """Do one piece of a preview or a run in this process; return whether there was one to do."""
    return work_on_run(job_id=job_id, kinds=RERATING_KINDS)


def pieces_of(scope: Mapping[str, Any], *, lines_per_piece: int = LINES_PER_PIECE) -> list[list[int]]:
    """
    Cut the accounts of a scope into ranges of about as many subscriptions.

    :returns: first account, last account and how many accounts with lines, of each
    """
    accounts = Account.objects.annotate(lines=Count("subscriptions")).filter(lines__gt=0).order_by("pk")
    if scope.get("accounts"):
        accounts = accounts.filter(pk__in=scope["accounts"])
    pieces: list[list[int]] = []
    size = lines_per_piece
    for account, lines in accounts.values_list("pk", "lines").iterator():
        if size >= lines_per_piece:
            pieces.append([account, account, 0])
            size = 0
        pieces[-1][1] = account
        pieces[-1][2] += 1
        size += lines
    return pieces


def _refuse_detached(rerating: Rerating) -> None:
    """Refuse bill periods of which a day is detached (UTC's day: it lies in two of the operator's)."""
    days = BillCycle.objects.values_list("bill_day", flat=True).distinct()
    first = min(bill_period_of(rerating.used_from, day).start for day in days)
    detached = DetachedPartition.objects.filter(day__gte=first - ONE_DAY).order_by("-day").first()
    if detached is not None:
        raise ReratingUsageDetached(context={"day": detached.day})


def _account_ids(numbers: Sequence[str]) -> list[int]:
    known = dict(Account.objects.filter(number__in=numbers).values_list("number", "pk"))
    if unknown := [number for number in numbers if number not in known]:
        raise ReratingAccountUnknown(context={"account": unknown[0]})
    return sorted(set(known.values()))


@transaction_required
def _start(rerating: Rerating, kind: str, pieces: list[list[int]], *, title: str, actor: User | None) -> Job:
    job = start_job(
        kind=JOB_KIND,
        title=title,
        started_by=actor.username if actor else SYSTEM,
        stage=gettext_noop("Pricing"),
        total_units=sum(count for _first, _last, count in pieces),
        parameters={"rerating": rerating.pk, "pieces": pieces},
    )
    rerating.job = job
    rerating.save(update_fields=["job", "state", "approved_by", "approved_at"])
    add_stage(job_id=job.pk, kind=kind, items={str(at): {"piece": at} for at in range(len(pieces))})
    return job


@transaction_required
def _lock(rerating_id: int) -> Rerating:
    reratings = Rerating.objects.select_for_update(of=("self",), no_key=True).select_related("job")
    return reratings.get(pk=rerating_id)


def _names(rerating: Rerating) -> dict[str, Any]:
    return {"rerating": rerating.pk, "state": rerating.state}
