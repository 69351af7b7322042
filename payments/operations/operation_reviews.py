"""Operations out of the ordinary: seen by somebody else, and put right."""

from datetime import datetime

from billing_site.audit.models import AuditEntry
from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from payments.models import OperationReview


class OwnOperation(BillingError):
    """Nobody reviews himself."""

    default_message = gettext_noop("You did this yourself: another person looks at it.")
    default_code = "OWN_OPERATION"


class ReviewFinished(BillingError):
    """It was put right, or seen, before."""

    default_message = gettext_noop("%(person)s has dealt with it already.")
    default_code = "REVIEW_FINISHED"


@durable
def review_operation(*, entry_id: int, at: datetime, actor: User, correction: str = "") -> OperationReview:
    """
    Say that an operation out of the ordinary was seen and, with words, how it was put right.

    :raises OwnOperation: for the one who did it
    :raises ReviewFinished: if it was put right before, or seen and no correction is given
    """
    entry = AuditEntry.objects.get(pk=entry_id)
    if entry.actor_id == actor.pk:
        raise OwnOperation
    review, is_new = OperationReview.objects.select_for_update(of=("self",)).get_or_create(
        entry=entry, defaults={"done_by_id": entry.actor_id, "seen_by": actor, "seen_at": at}
    )
    if review.correction or not (is_new or correction):
        raise ReviewFinished(context={"person": str(review.corrected_by or review.seen_by)})
    if correction:
        review.correction, review.corrected_by, review.corrected_at = correction, actor, at
        review.save(update_fields=["correction", "corrected_by", "corrected_at"])
    changes = {"action": entry.action, "entry": entry.pk, "correction": correction}
    record("payments.review_operation", actor=actor, subject=review, changes=changes)
    return review
