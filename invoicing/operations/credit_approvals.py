"""The word of a second person about a credit note that waits."""

from datetime import datetime

from billing_site.db.transactions import durable
from billing_site.identity.models import User
from invoicing.models import CreditNote
from invoicing.operations.cancellations import post_cancellation
from invoicing.operations.credit_notes import OwnCreditNote, lock_waiting_note, post_correction
from invoicing.operations.replacements import post_replacement


@durable
def approve_credit_note(*, credit_note_id: int, actor: User, at: datetime) -> CreditNote:
    """
    Let a credit note pass that waits for a second person: it is posted, with the answer to its dispute.

    :raises CreditNoteDecided: if it was posted or declined before
    :raises OwnCreditNote: if the same person proposed it
    :raises BillRunAtWork: of a whole bill, while bills of its cycle are being calculated
    :raises ReplacementImpossible: of a bill to be calculated again, if it cannot be
    """
    note = lock_waiting_note(credit_note_id)
    if note.proposed_by_id == actor.pk:
        raise OwnCreditNote
    if note.kind == CreditNote.Kind.CORRECTION:
        post_correction(note=note, decided_by=actor, at=at)
    elif note.is_replaced:
        post_replacement(note=note, decided_by=actor, at=at)
    else:
        post_cancellation(note=note, decided_by=actor, at=at)
    return note
