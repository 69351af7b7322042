"""A difference between billing and accounting is carried to its end: owned, corrected, confirmed by somebody else."""

from datetime import datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from reconciliation.models import BookCase, BookCause


class CaseNotOpen(BillingError):
    """Somebody corrected it first, or it is gone."""

    default_message = gettext_noop("Case %(case)s is not open any more. Nothing was changed.")
    default_code = "CASE_NOT_OPEN"


class CaseNotCorrected(BillingError):
    """There is no correction to look at."""

    default_message = gettext_noop("Case %(case)s has no correction that waits for confirmation. Nothing was changed.")
    default_code = "CASE_NOT_CORRECTED"


class CorrectionMissing(BillingError):
    """Say how."""

    default_message = gettext_noop("Write how the difference was corrected. Nothing was changed.")
    default_code = "CORRECTION_MISSING"


class CauseUnknown(BillingError):
    """Not among the causes."""

    default_message = gettext_noop("There is no cause “%(code)s” in use. Nothing was changed.")
    default_code = "CAUSE_UNKNOWN"


class CaseByOnePerson(BillingError):
    """Two names."""

    default_message = gettext_noop("Who corrected a difference does not confirm it. Ask a second person.")
    default_code = "CASE_BY_ONE_PERSON"


@durable
def assign_book_case(*, case_id: int, owner_id: int | None, actor: User) -> BookCase:
    """
    Give an open case to a person who works here, or to nobody.

    :raises CaseNotOpen: if it is not open
    """
    case = _locked(case_id, BookCase.State.OPEN, CaseNotOpen)
    case.owner = User.objects.get(pk=owner_id, is_active=True) if owner_id is not None else None
    case.save(update_fields=["owner"])
    record("reconciliation.assign_book_case", actor=actor, subject=case, changes={"owner": str(case.owner or "")})
    return case


@durable
def correct_book_case(
    *, case_id: int, cause_code: str, correction: str, document: str, corrected_at: datetime, actor: User
) -> BookCase:
    """
    Say why both books differ and how it was corrected; another person confirms it.

    :param correction: what was done, in words
    :param document: the letter, credit note or entry that did it; may be empty
    :raises CaseNotOpen: if it is not open
    :raises CorrectionMissing: without words
    :raises CauseUnknown: for a cause that is not in use
    """
    case = _locked(case_id, BookCase.State.OPEN, CaseNotOpen)
    if not correction.strip():
        raise CorrectionMissing
    cause = BookCause.objects.filter(code=cause_code, is_active=True).first()
    if cause is None:
        raise CauseUnknown(context={"code": cause_code})
    case.cause, case.correction, case.document = cause, correction.strip()[:300], document.strip()[:100]
    case.state, case.corrected_by, case.corrected_at = BookCase.State.CORRECTED, actor, corrected_at
    case.owner = case.owner or actor
    case.save(
        update_fields=["cause", "correction", "document", "state", "corrected_by", "corrected_at", "owner"],
    )
    told = {"cause": cause.code, "correction": case.correction, "document": case.document}
    record("reconciliation.correct_book_case", actor=actor, subject=case, changes=told)
    return case


@durable
def confirm_book_case(*, case_id: int, confirmed_at: datetime, actor: User) -> BookCase:
    """
    Confirm a correction as the second person: the case is closed, and later comparisons leave it so.

    :raises CaseNotCorrected: if no correction waits
    :raises CaseByOnePerson: if the actor corrected it
    """
    case = _locked(case_id, BookCase.State.CORRECTED, CaseNotCorrected)
    case.state, case.confirmed_by, case.confirmed_at = BookCase.State.CONFIRMED, actor, confirmed_at
    with constraint_errors({"reconciliation_bookcase_second_person": CaseByOnePerson}):
        case.save(update_fields=["state", "confirmed_by", "confirmed_at"])
    told = {"corrected_by": str(case.corrected_by)}
    record("reconciliation.confirm_book_case", actor=actor, subject=case, changes=told)
    return case


@durable
def return_book_case(*, case_id: int, reason: str, actor: User) -> BookCase:
    """
    Send a correction back as not good enough: the case is open again, its words stay to be mended.

    :raises CaseNotCorrected: if no correction waits
    :raises CorrectionMissing: without a reason
    """
    case = _locked(case_id, BookCase.State.CORRECTED, CaseNotCorrected)
    if not reason.strip():
        raise CorrectionMissing
    case.state = BookCase.State.OPEN
    case.save(update_fields=["state"])
    record("reconciliation.return_book_case", actor=actor, subject=case, changes={"reason": reason.strip()[:300]})
    return case


def _locked(case_id: int, state: str, refusal: type[BillingError]) -> BookCase:
    case = BookCase.objects.select_for_update(of=("self",), no_key=True).get(pk=case_id)
    if case.state != state:
        raise refusal(context={"case": case.pk})
    return case
