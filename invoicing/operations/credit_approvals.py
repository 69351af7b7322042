"""The word of a second person about a credit note that waits."""

from datetime import datetime

from billing_site.db.transactions import durable
from billing_site.identity.models import User
from invoicing.models import CreditNote
from invoicing.operations.cancellations import post_cancellation
from invoicing.operations.credit_notes import OwnCreditNote, lock_waiting_note, post_correction, refuse_disputed
from invoicing.operations.replacements import post_replacement
from invoicing.queries.credit_notes import lines_of_note


@durable
def approve_credit_note(*, credit_note_id: int, actor: User, at: datetime) -> CreditNote:
    """
    Let a credit note pass that waits for a second person: it is posted, with the answer to its dispute.

    :raises CreditNoteDecided: if it was posted or declined before
    :raises OwnCreditNote: if the same person proposed it
    :raises BillInDispute: if what it takes back was disputed since
    :raises BillRunAtWork: of a whole bill, while bills of its cycle are being calculated
    :raises ReplacementImpossible: of a bill to be calculated again, if it cannot be
    """
    note = lock_waiting_note(credit_note_id)
    if note.proposed_by_id == actor.pk:
        raise OwnCreditNote
    is_correction = note.kind == CreditNote.Kind.CORRECTION
    if note.dispute_id is None:
        refuse_disputed(invoice_id=note.invoice_id, lines=lines_of_note(note.pk) if is_correction else None)
    if is_correction:
        post_correction(note=note, decided_by=actor, at=at)
    elif note.is_replaced:
        post_replacement(note=note, decided_by=actor, at=at)
    else:
        post_cancellation(note=note, decided_by=actor, at=at)
    return note
