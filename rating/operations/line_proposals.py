"""Lines that nobody can mend are written off, and lines that a person may judge are released: each by two people."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.db.sql import run_sql
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from rating.models import LineProposal, SetAsideLine
from rating.operations.recycling import MOST_LINES, NothingWaits, RatingUnderWay, start_recycling
from rating.queries.open_runs import find_open_run
from rating.queries.quarantine import LineChoice, line_keys, quarantine_sums, waiting_lines
from rating.queries.reasons import RELEASABLE


class ReasonNotGiven(BillingError):
    """A proposal says why."""

    default_message = _("Say why: the reason stays with the lines.")
    default_code = "REASON_NOT_GIVEN"


class TooManyLines(BillingError):
    """More than one proposal may hold."""

    default_message = _("%(count)s lines are chosen; one proposal holds %(most)s at most. Narrow the choice.")
    default_code = "TOO_MANY_LINES"


class NotForPeopleToJudge(BillingError):
    """A line that cannot be read, or has no owner or price, is not released by a word."""

    default_message = _("Lines with the reason “%(reason)s” cannot be released: their cause must be mended.")
    default_code = "NOT_FOR_PEOPLE_TO_JUDGE"


class ProposedAlready(BillingError):
    """Somebody decides about some of the lines already."""

    default_message = _("%(count)s of the lines are in a proposal that is not decided yet (proposal %(proposal_id)s).")
    default_code = "PROPOSED_ALREADY"


class ProposalDecided(BillingError):
    """It was approved or declined before."""

    default_message = _("Proposal %(proposal_id)s is decided already: %(state)s.")
    default_code = "PROPOSAL_DECIDED"


class OwnProposal(BillingError):
    """Who proposes does not approve."""

    default_message = _("You proposed this yourself. Another person approves it.")
    default_code = "OWN_PROPOSAL"


@durable
def propose_write_off(*, choice: LineChoice, reason: str, now: datetime, actor: User) -> LineProposal:
    """
    Propose to write chosen lines in quarantine off; they wait on until a second person approves.

    :param choice: which lines; a person of a centre reaches those of its numbers alone
    :raises ReasonNotGiven: without a reason
    :raises NothingWaits: if no line in quarantine is chosen
    :raises TooManyLines: if more are chosen than one proposal may hold
    :raises ProposedAlready: if some of them are in a proposal that is not decided
    """
    return _propose(LineProposal.Kind.WRITE_OFF, choice=choice, reason=reason, now=now, actor=actor)


@durable
def propose_release(*, choice: LineChoice, reason: str, now: datetime, actor: User) -> LineProposal:
    """
    Propose to let chosen lines pass that have a fault which a person may judge, after asking the exchange.

    :raises NotForPeopleToJudge: if any of them has another reason; further refusals as in ``propose_write_off``
    """
    found = waiting_lines(choice=choice, viewer=actor, now=now)
    other = found.exclude(reason__in=RELEASABLE).values_list("reason", flat=True).first()
    if other is not None:
        raise NotForPeopleToJudge(context={"reason": other})
    return _propose(LineProposal.Kind.RELEASE, choice=choice, reason=reason, now=now, actor=actor)


@durable
def approve_write_off(*, proposal_id: int, now: datetime, actor: User) -> LineProposal:
    """
    Write the lines of a proposal off that still wait: they stay listed, and stay in the totals of their files.

    :raises ProposalDecided: if it is decided already
    :raises OwnProposal: if the same person proposed it
    :raises NothingWaits: if all its lines have left the quarantine meanwhile
    """
    proposal = _lock_open(proposal_id, kind=LineProposal.Kind.WRITE_OFF, actor=actor)
    waiting = _lock_waiting(proposal)
    _decide(proposal, LineProposal.State.APPROVED, now=now, actor=actor, count=waiting)
    run_sql("rating", "write_off_lines", {"proposal_id": proposal_id, "now": now})
    record("rating.approve_write_off", actor=actor, subject=proposal, changes=_facts(proposal))
    return proposal


@durable
def release_lines(*, proposal_id: int, now: datetime, actor: User) -> Job:
    """
    Let the lines of a proposal pass, and start to rate those that still wait.

    :returns: the job to watch
    :raises ProposalDecided: if it is decided already
    :raises OwnProposal: if the same person proposed it
    :raises NothingWaits: if all its lines have left the quarantine meanwhile
    :raises RatingUnderWay: while files are being rated
    """
    open_run = find_open_run()
    if open_run is not None:
        raise RatingUnderWay(context={"job_id": open_run.pk})
    proposal = _lock_open(proposal_id, kind=LineProposal.Kind.RELEASE, actor=actor)
    waiting = _lock_waiting(proposal)
    _decide(proposal, LineProposal.State.APPROVED, now=now, actor=actor, count=waiting)
    run_sql("rating", "release_lines", {"proposal_id": proposal_id})
    record("rating.release_lines", actor=actor, subject=proposal, changes=_facts(proposal))
    lines = SetAsideLine.objects.filter(proposal=proposal, outcome=SetAsideLine.Outcome.QUARANTINED)
    return start_recycling(line_keys(lines, most=MOST_LINES), actor=actor)


@durable
def decline_proposal(*, proposal_id: int, now: datetime, actor: User) -> LineProposal:
    """
    Leave the lines of a proposal where they are; who proposed may withdraw it so.

    :raises ProposalDecided: if it is decided already
    """
    proposal = LineProposal.objects.select_for_update().get(pk=proposal_id)
    _refuse_decided(proposal)
    _decide(proposal, LineProposal.State.DECLINED, now=now, actor=actor, count=0)
    record("rating.decline_proposal", actor=actor, subject=proposal, changes=_facts(proposal))
    return proposal


def _propose(kind: LineProposal.Kind, *, choice: LineChoice, reason: str, now: datetime, actor: User) -> LineProposal:
    if not reason.strip():
        raise ReasonNotGiven
    keys = line_keys(
        waiting_lines(choice=choice, viewer=actor, now=now).select_for_update(of=("self",)), most=MOST_LINES + 1
    )
    if not keys:
        raise NothingWaits
    if len(keys) > MOST_LINES:
        raise TooManyLines(context={"count": len(keys), "most": MOST_LINES})
    _refuse_proposed(choice, actor=actor, now=now)
    sums = quarantine_sums(choice=choice, viewer=actor, now=now)
    proposal = LineProposal.objects.create(
        kind=kind,
        reason=reason.strip()[:300],
        line_count=sums.line_count,
        duration_seconds=sums.duration_seconds,
        estimate_micro=sums.estimate_micro,
        proposed_by=actor,
        proposed_at=now,
    )
    _name_proposal(keys, proposal)
    verb = "propose_write_off" if kind == LineProposal.Kind.WRITE_OFF else "propose_release"
    record(f"rating.{verb}", actor=actor, subject=proposal, changes=_facts(proposal))
    return proposal


def _refuse_proposed(choice: LineChoice, *, actor: User, now: datetime) -> None:
    open_ones = waiting_lines(choice=choice, viewer=actor, now=now).filter(proposal__state=LineProposal.State.PROPOSED)
    first = open_ones.values_list("proposal_id", flat=True).first()
    if first is not None:
        raise ProposedAlready(context={"count": open_ones.count(), "proposal_id": first})


def _name_proposal(keys: Sequence[tuple[int, int]], proposal: LineProposal) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE rating_setasideline s SET proposal_id = %s"
            " FROM unnest(%s::bigint[], %s::int[]) AS w (file_id, line)"
            " WHERE (s.file_id, s.line_number) = (w.file_id, w.line)",
            [proposal.pk, [file_id for file_id, _line in keys], [line for _file, line in keys]],
        )


def _lock_open(proposal_id: int, *, kind: LineProposal.Kind, actor: User) -> LineProposal:
    proposal = LineProposal.objects.select_for_update().get(pk=proposal_id, kind=kind)
    _refuse_decided(proposal)
    if proposal.proposed_by_id == actor.pk:
        raise OwnProposal
    return proposal


def _refuse_decided(proposal: LineProposal) -> None:
    if proposal.state != LineProposal.State.PROPOSED:
        raise ProposalDecided(context={"proposal_id": proposal.pk, "state": proposal.state})


def _lock_waiting(proposal: LineProposal) -> int:
    """Lock the lines of a proposal that still wait, and return how many they are."""
    lines = SetAsideLine.objects.filter(proposal=proposal, outcome=SetAsideLine.Outcome.QUARANTINED)
    count = len(lines.order_by("file_id", "line_number").select_for_update(of=("self",)).values_list("line_number"))
    if not count:
        raise NothingWaits
    return count


def _decide(proposal: LineProposal, state: LineProposal.State, *, now: datetime, actor: User, count: int) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at, proposal.decided_count = state, actor, now, count
    proposal.save(update_fields=["state", "decided_by", "decided_at", "decided_count"])


def _facts(proposal: LineProposal) -> dict[str, object]:
    return {
        "kind": proposal.kind,
        "state": proposal.state,
        "reason": proposal.reason,
        "lines": proposal.line_count if proposal.decided_count is None else proposal.decided_count,
        "estimate_micro": proposal.estimate_micro,
    }
