"""Credit notes go out as bills do: on the ways of their account, each once, and again when a person asks."""

from collections.abc import Sequence
from datetime import datetime

from billing_site.audit.recording import record
from billing_site.db.sql import run_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.work import enqueue_on_commit
from invoicing.models import BillDelivery, CreditNote, Invoice
from invoicing.operations.bill_resending import BillNotPosted, take_way
from invoicing.operations.bill_run_delivery import SEND
from invoicing.operations.recalls import call_back_bills
from subscribers.models import DeliveryChannel

State = BillDelivery.State
Way = DeliveryChannel.Kind


@transaction_required
def hand_out_credit_notes(*, notes: Sequence[CreditNote], at: datetime) -> None:
    """
    Write how posted notes go out; those for the mail are sent when the transaction is through.

    Where a note takes its bill back whole, what waits of the bill goes nowhere any more.
    """
    ids = [note.pk for note in notes]
    whole = [note for note in notes if note.kind != CreditNote.Kind.CORRECTION]
    if whole:
        call_back_bills(
            invoice_ids=[note.invoice_id for note in whole],
            is_made_again=whole[0].kind == CreditNote.Kind.CANCELLATION,
            actor=whole[0].decided_by,
        )
    run_sql("invoicing", "write_note_deliveries", {"notes": ids, "at": at})
    if BillDelivery.objects.filter(credit_note_id__in=ids, channel=Way.E_MAIL).exists():
        enqueue_on_commit(SEND)


@durable
def resend_credit_note(
    *, credit_note_id: int, channel: str, at: datetime, actor: User, address: str = "", language: str = ""
) -> BillDelivery:
    """
    Send a posted credit note once more on a way; on paper it goes with the next print batch of its bill's run.

    :param address: for mail; empty for the one that it was sent to last, else the subscriber's
    :param language: empty for the note's own
    :raises BillNotPosted: for a note that waits or was declined
    :raises BillIsOnItsWay: if it waits on this way or is being sent at this moment
    :raises NowhereToSend: for mail without an address
    """
    note = CreditNote.objects.select_for_update(of=("self",), no_key=True).get(pk=credit_note_id)
    if note.state != CreditNote.State.POSTED:
        raise BillNotPosted
    row = BillDelivery(
        invoice_id=note.invoice_id,
        credit_note_id=note.pk,
        account_id=note.account_id,
        run_id=Invoice.objects.values_list("run_id", flat=True).get(pk=note.invoice_id),
        language=language or note.language,
        asked_by=actor,
    )
    take_way(row, channel=channel, address=address, at=at)
    changes = {"channel": channel, "address": row.address}
    record("invoicing.resend_credit_note", actor=actor, subject=note, changes=changes)
    return row


@durable
def note_credit_note_viewed(*, credit_note_id: int, at: datetime) -> bool:
    """Keep that the subscriber has seen a note on the own pages, the first time; return whether it was the first."""
    seen = BillDelivery.objects.filter(credit_note_id=credit_note_id, channel=Way.PORTAL, state=State.SENT)
    return bool(seen.update(state=State.VIEWED, viewed_at=at))
