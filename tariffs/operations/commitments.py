"""Minimum commitments of plans and contract terms: drafted by one person, approved by another."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.models import BillItem, ContractTerm, MinimumCommitment, Plan
from tariffs.operations.amounts import check_amount
from tariffs.operations.codes import check_code_free, rows_by_code


class CommitmentUnsound(BillingError):
    """Of nothing, of two things, of no amount, of no day."""

    default_message = gettext_noop(
        "A minimum belongs to a plan or to a contract term, has an amount above nothing, and at least one day."
    )
    default_code = "COMMITMENT_UNSOUND"


class CommitmentAlreadyApproved(BillingError):
    """It was approved before."""

    default_message = gettext_noop("Minimum %(commitment)s is approved already.")
    default_code = "COMMITMENT_ALREADY_APPROVED"


class CommitmentMadeBySamePerson(BillingError):
    """The maker does not approve."""

    default_message = gettext_noop("You made minimum %(commitment)s: another person approves it.")
    default_code = "COMMITMENT_MADE_BY_SAME_PERSON"


class CommitmentHeld(BillingError):
    """Two minimums of one plan or term on one day."""

    default_message = gettext_noop(
        "Another minimum of the same plan or contract term holds on some of these days: end that one first."
    )
    default_code = "COMMITMENT_HELD"


class CommitmentNotHeld(BillingError):
    """There is nothing to end."""

    default_message = gettext_noop("Minimum %(commitment)s does not hold on %(day)s.")
    default_code = "COMMITMENT_NOT_HELD"


@durable
def draft_commitment(
    *,
    code: str,
    names: Mapping[str, str],
    amount: Decimal,
    bill_item_code: str,
    valid_from: date,
    actor: User | None,
    plan_code: str = "",
    term_code: str = "",
    counted_item_codes: Sequence[str] = (),
    until_on: date | None = None,
) -> MinimumCommitment:
    """
    Draft what a line of a plan, or one under a contract term, pays in a bill period at the least.

    :param amount: before tax, in the major unit, of a whole bill period
    :param bill_item_code: what the shortfall is charged as
    :param counted_item_codes: what counts towards it; everything where none is named
    :param until_on: first day without it
    :raises CodeTaken: if a minimum has the code
    :raises UnknownCode: if the plan, the term or a bill item does not exist
    :raises AmountTooPrecise: for more than six decimals; ``AmountOutOfRange`` for a negative or huge amount
    :raises CommitmentUnsound: if it belongs to none or both, is of nothing, or holds on no day
    """
    check_code_free(MinimumCommitment.objects.all(), code)
    items = rows_by_code(BillItem.objects.all(), [bill_item_code, *counted_item_codes])
    has_one_owner = bool(plan_code) != bool(term_code)
    if not has_one_owner or not check_amount(amount, name=code) or (until_on is not None and until_on <= valid_from):
        raise CommitmentUnsound
    commitment = MinimumCommitment.objects.create(
        code=code,
        names=dict(names),
        plan=rows_by_code(Plan.objects.all(), [plan_code])[plan_code] if plan_code else None,
        term=rows_by_code(ContractTerm.objects.all(), [term_code])[term_code] if term_code else None,
        amount=amount,
        bill_item=items[bill_item_code],
        during=days_from(valid_from, until_on),
        created_by=actor,
    )
    commitment.counted_items.set(items[one] for one in counted_item_codes)
    changes = {"code": code, "amount": str(amount), "plan": plan_code, "term": term_code}
    record("tariffs.draft_commitment", actor=actor, subject=commitment, changes=changes)
    return commitment


@durable
def approve_commitment(*, commitment_id: int, approved_at: datetime, actor: User) -> MinimumCommitment:
    """
    Approve a draft: bills count it from its first day on, and it stays as it is.

    :raises CommitmentAlreadyApproved: if it is no draft
    :raises CommitmentMadeBySamePerson: if ``actor`` made it
    :raises CommitmentHeld: if the plan or term has another one on one of the days
    """
    commitment = MinimumCommitment.objects.select_for_update(of=("self",)).get(pk=commitment_id)
    named = {"commitment": commitment.code}
    if not commitment.is_draft:
        raise CommitmentAlreadyApproved(context=named)
    if commitment.created_by_id == actor.pk:
        raise CommitmentMadeBySamePerson(context=named)
    commitment.state = MinimumCommitment.State.APPROVED
    commitment.approved_by = actor
    commitment.approved_at = approved_at
    refusals: dict[str, Callable[[], BillingError]] = {
        "tariffs_commitment_second_person": lambda: CommitmentMadeBySamePerson(context=named),
        "tariffs_commitment_one_for_plan": CommitmentHeld,
        "tariffs_commitment_one_for_term": CommitmentHeld,
    }
    with constraint_errors(refusals):
        commitment.save(update_fields=["state", "approved_by", "approved_at"])
    record("tariffs.approve_commitment", actor=actor, subject=commitment, changes={"code": commitment.code})
    return commitment


@durable
def end_commitment(*, commitment_id: int, until_on: date, actor: User | None) -> MinimumCommitment:
    """
    End a minimum: ``until_on`` is the first day without it.

    :raises CommitmentNotHeld: if it does not hold on the day before
    """
    commitment = MinimumCommitment.objects.select_for_update(of=("self",)).get(pk=commitment_id)
    during = date_period(commitment.during)
    if until_on <= during.start or (during.until is not None and during.until <= until_on):
        raise CommitmentNotHeld(context={"commitment": commitment.code, "day": until_on})
    commitment.during = days_from(during.start, until_on)
    commitment.save(update_fields=["during"])
    changes = {"code": commitment.code, "until": until_on.isoformat()}
    record("tariffs.end_commitment", actor=actor, subject=commitment, changes=changes)
    return commitment
