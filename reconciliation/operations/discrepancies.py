"""
A difference of the terminal check is carried to its end: owned, explained, and settled by one act with its reason.

An act that moves money needs a second person above a limit. The money moves by the doors of the payments, in the
transaction that settles the case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from invoicing.models import Letter
from invoicing.operations.letters import NewLetter, register_letter
from reconciliation.models import Discrepancy, TerminalCheck
from reconciliation.operations.corrections import correct_payment
from subscribers.models import Account

Act, Kind, State = Discrepancy.Act, Discrepancy.Kind, Discrepancy.State
# What can be done about each kind. A doubled line and one of another day move no money of ours.
ACTS: Mapping[str, tuple[str, ...]] = {
    Kind.ONLY_OURS: (Act.CANCEL, Act.ACCEPT),
    Kind.ONLY_THEIRS: (Act.TAKE_IN, Act.SUSPEND, Act.ACCEPT),
    Kind.AMOUNT_DIFFERS: (Act.REPLACE, Act.ACCEPT),
    Kind.ACCOUNT_DIFFERS: (Act.REPLACE, Act.ACCEPT),
    Kind.OTHER_DAY: (Act.ACCEPT,),
    Kind.DOUBLED: (Act.ACCEPT,),
}
# Differences of money: left as they are only where a letter says so.
WITH_LETTER = frozenset({Kind.ONLY_OURS, Kind.ONLY_THEIRS, Kind.AMOUNT_DIFFERS, Kind.ACCOUNT_DIFFERS})
NOTE_LENGTH = 300


class NoteMissing(BillingError):
    """A case is carried on with a word of why."""

    default_message = gettext_noop("Write the reason. Nothing was changed.")
    default_code = "NOTE_MISSING"


class DiscrepancyNotOpen(BillingError):
    """The case was ended before, or waits for something else."""

    default_message = gettext_noop("Difference %(txn_id)s is not open any more. Nothing was changed.")
    default_code = "DISCREPANCY_NOT_OPEN"


class ActDoesNotFit(BillingError):
    """Another kind of difference."""

    default_message = gettext_noop("Difference %(txn_id)s cannot be settled in this way. Nothing was changed.")
    default_code = "ACT_DOES_NOT_FIT"


class DiscrepancyNeedsLetter(BillingError):
    """A difference of money is accepted on paper."""

    default_message = gettext_noop(
        "Money that differs is left as it is only on a letter: name its sender, number and day. Nothing was changed."
    )
    default_code = "DISCREPANCY_NEEDS_LETTER"


class DiscrepancyAccountUnknown(BillingError):
    """Nobody could be given the money."""

    default_message = gettext_noop(
        "There is no account %(account_number)s. Name the account that the money belongs to. Nothing was changed."
    )
    default_code = "DISCREPANCY_ACCOUNT_UNKNOWN"


class DiscrepancyProposedBySamePerson(BillingError):
    """Who proposes does not approve."""

    default_message = gettext_noop("You proposed this correction: another person approves it. Nothing was changed.")
    default_code = "DISCREPANCY_PROPOSED_BY_SAME_PERSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """
    What is to be done about a difference, and why.

    :param act: one of ``Discrepancy.Act``
    :param letter: the letter behind it; needed where money that differs is accepted
    :param account_number: where the money goes, if not to the account that the register names
    """

    act: str
    note: str
    letter: NewLetter | None = None
    account_number: str = ""


@durable
def assign_discrepancy(*, discrepancy_id: int, owner: User, actor: User) -> Discrepancy:
    """
    Give a case to somebody.

    :raises DiscrepancyNotOpen: if it has ended
    """
    case = _locked_case(discrepancy_id, State.OPEN, State.EXPLAINED, State.PROPOSED)
    case.owner = owner
    case.save(update_fields=["owner"])
    record("reconciliation.assign_discrepancy", actor=actor, subject=case, changes={"owner": str(owner)})
    return case


@durable
def explain_discrepancy(*, discrepancy_id: int, explanation: str, explained_at: datetime, actor: User) -> Discrepancy:
    """
    Say why a difference is there; it still waits to be settled. A case without an owner is the explainer's.

    :raises NoteMissing: without a word
    :raises DiscrepancyNotOpen: if it is being settled, or has ended
    """
    case = _locked_case(discrepancy_id, State.OPEN, State.EXPLAINED)
    case.explanation = _words(explanation)
    case.state, case.explained_by, case.explained_at = State.EXPLAINED, actor, explained_at
    case.owner = case.owner or actor
    case.save(update_fields=["explanation", "state", "explained_by", "explained_at", "owner"])
    changes = {"explanation": case.explanation}
    record("reconciliation.explain_discrepancy", actor=actor, subject=case, changes=changes)
    return case


@durable
def resolve_discrepancy(
    *, discrepancy_id: int, settlement: Settlement, resolved_at: datetime, actor: User
) -> Discrepancy:
    """
    Settle a case by one act: at once, or above the limit when a second person approves. Later checks leave it so.

    :raises NoteMissing: without a reason
    :raises ActDoesNotFit: if the kind of the difference knows no such act
    :raises DiscrepancyNeedsLetter: if money that differs is accepted without a letter
    :raises DiscrepancyAccountUnknown: if there is no account to take the money in
    :raises DiscrepancyNotOpen: if somebody settled it first
    :raises BillingError: what the doors of the payments refuse
    """
    case = _locked_case(discrepancy_id, State.OPEN, State.EXPLAINED)
    note = _words(settlement.note)
    _refuse_act(case, settlement)
    case.act, case.note, case.target_number = settlement.act, note, settlement.account_number
    case.letter = _letter(case, settlement, actor=actor)
    case.limit_minor = settings.SALDO_DISCREPANCY_LIMIT_MINOR
    case.owner = case.owner or actor
    case.proposed_by, case.proposed_at, case.state = actor, resolved_at, State.PROPOSED
    if case.act == Act.ACCEPT or case.amount_minor <= case.limit_minor:
        _settle(case, at=resolved_at, actor=actor)
    case.save()
    told = {"act": case.act, "note": note, "letter": str(case.letter or ""), "state": case.state}
    record("reconciliation.resolve_discrepancy", actor=actor, subject=case, changes=told)
    return case


@durable
def approve_discrepancy(*, discrepancy_id: int, approved_at: datetime, actor: User) -> Discrepancy:
    """
    Let a proposed correction pass, as a second person, and carry it out.

    :raises DiscrepancyProposedBySamePerson: if ``actor`` proposed it
    :raises DiscrepancyNotOpen: if it does not wait for that
    :raises BillingError: what the doors of the payments refuse
    """
    case = _locked_case(discrepancy_id, State.PROPOSED)
    if case.proposed_by_id == actor.pk:
        raise DiscrepancyProposedBySamePerson
    _settle(case, at=approved_at, actor=actor)
    case.save()
    changes = {"act": case.act, "amount_minor": case.amount_minor}
    record("reconciliation.approve_discrepancy", actor=actor, subject=case, changes=changes)
    return case


@durable
def decline_discrepancy(*, discrepancy_id: int, reason: str, actor: User) -> Discrepancy:
    """
    Refuse a proposed correction; who proposed it may withdraw it so. The case is open again.

    :raises NoteMissing: without a reason
    :raises DiscrepancyNotOpen: if it does not wait for that
    """
    case = _locked_case(discrepancy_id, State.PROPOSED)
    told = {"act": case.act, "reason": _words(reason)}
    case.state = State.EXPLAINED if case.explanation else State.OPEN
    case.act = case.note = case.target_number = ""
    case.letter = case.proposed_by = case.proposed_at = None
    case.save()
    record("reconciliation.decline_discrepancy", actor=actor, subject=case, changes=told)
    return case


def _refuse_act(case: Discrepancy, settlement: Settlement) -> None:
    if settlement.act not in ACTS[case.kind]:
        raise ActDoesNotFit(context={"txn_id": case.txn_id})
    if settlement.act == Act.ACCEPT and case.kind in WITH_LETTER and settlement.letter is None:
        raise DiscrepancyNeedsLetter
    number = settlement.account_number or case.account_number
    if settlement.act in {Act.TAKE_IN, Act.REPLACE} and not Account.objects.filter(number=number).exists():
        raise DiscrepancyAccountUnknown(context={"account_number": number})


@transaction_required
def _letter(case: Discrepancy, settlement: Settlement, *, actor: User) -> Letter | None:
    """Return the letter behind the act, registered now if nobody has; a subscriber's is one of the case's account."""
    if settlement.letter is None:
        return None
    number = settlement.account_number or case.account_number
    account_id = Account.objects.filter(number=number).values_list("pk", flat=True).first()
    if account_id is None and settlement.letter.sender == Letter.Sender.SUBSCRIBER:
        raise DiscrepancyAccountUnknown(context={"account_number": number})
    return register_letter(letter=settlement.letter, account_id=account_id or 0, actor=actor)


@transaction_required
def _settle(case: Discrepancy, *, at: datetime, actor: User) -> None:
    """Do what the act says; the caller saves the case."""
    case.state, case.resolved_by, case.resolved_at = State.RESOLVED, actor, at
    case.new_payment_id = correct_payment(case, at=at)


@transaction_required
def _locked_case(discrepancy_id: int, *states: str) -> Discrepancy:
    """Lock the check and then the case, in the order in which a check locks them."""
    checks = TerminalCheck.objects.filter(discrepancies__pk=discrepancy_id)
    list(checks.select_for_update(of=("self",), no_key=True))
    case = (
        Discrepancy.objects.select_for_update(of=("self",), no_key=True)
        .select_related("check_run__network", "letter", "owner")
        .get(pk=discrepancy_id)
    )
    if case.state not in states:
        raise DiscrepancyNotOpen(context={"txn_id": case.txn_id})
    return case


def _words(text: str) -> str:
    if not text.strip():
        raise NoteMissing
    return text.strip()[:NOTE_LENGTH]
