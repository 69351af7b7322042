"""
Work items of bill runs; each calls one operation in the transaction that marks it done.

Mail is sent outside of them: a mail cannot be taken back, so its row is claimed by a transaction of its own before.
"""

import time
from typing import Any

from celery import shared_task

from billing_site.core import clock
from billing_site.jobs.work import enqueue_on_commit, handles
from invoicing.domain.mail_outcomes import MailOutcome
from invoicing.models import BillDelivery
from invoicing.operations.bill_mails import (
    Letter,
    claim_bill_mail,
    keep_mail_paper,
    send_bill_mail,
    sender_place,
    settle_lost_mails,
)
from invoicing.operations.bill_run_calculation import calculate_chunk
from invoicing.operations.bill_run_delivery import SEND, render_invoices, start_delivery, write_deliveries
from invoicing.operations.bill_run_posting import post_chunk
from invoicing.operations.bill_run_preview import preview_chunk
from invoicing.operations.bill_run_undo import undo_chunk
from invoicing.operations.credit_mails import letter_of_credit_note
from invoicing.operations.invoice_mails import mail_of_paper
from invoicing.operations.periods import prove_period_steps
from invoicing.operations.plan_revenue import total_plan_revenue
from invoicing.operations.print_batches import join_print_batch, make_print_part
from invoicing.operations.ubl_exports import archive_chunk
from invoicing.queries.bill_deliveries import find_due_mail
from invoicing.queries.periods import periods

# A task ends well inside its time limit; what is left rings for itself.
SECONDS_PER_TASK = 240


@handles("invoicing.calculate_chunk")
def do_calculate_chunk(payload: dict[str, Any]) -> None:
    """Make the drafts of a chunk."""
    calculate_chunk(chunk_id=payload["chunk_id"])


@handles("invoicing.preview_chunk")
def do_preview_chunk(payload: dict[str, Any]) -> None:
    """Calculate a piece of a preview."""
    preview_chunk(chunk_id=payload["chunk_id"])


@handles("invoicing.post_chunk")
def do_post_chunk(payload: dict[str, Any]) -> None:
    """Post the drafts of a chunk."""
    post_chunk(chunk_id=payload["chunk_id"])


@handles("invoicing.undo_chunk")
def do_undo_chunk(payload: dict[str, Any]) -> None:
    """Take the bills of a chunk back."""
    undo_chunk(chunk_id=payload["chunk_id"])


@handles("invoicing.deliver_bill_run")
def do_deliver_bill_run(payload: dict[str, Any]) -> None:
    """Hand out the papers of a posted run."""
    start_delivery(run_id=payload["run_id"])


@handles("invoicing.write_deliveries")
def do_write_deliveries(payload: dict[str, Any]) -> None:
    """Write how the bills of a range of accounts go out."""
    write_deliveries(chunk_id=payload["chunk_id"], at=clock.now())


@handles("invoicing.render_invoices")
def do_render_invoices(payload: dict[str, Any]) -> None:
    """Render some papers of a run."""
    render_invoices(run_id=payload["run_id"], delivery_ids=payload["delivery_ids"], at=clock.now())


@handles("invoicing.make_print_part")
def do_make_print_part(payload: dict[str, Any]) -> None:
    """Render some bills of a print batch."""
    make_print_part(part_id=payload["part_id"], job_id=payload["job_id"], at=clock.now())


@handles("invoicing.join_print_batch")
def do_join_print_batch(payload: dict[str, Any]) -> None:
    """Join the parts of a print batch."""
    join_print_batch(batch_id=payload["batch_id"], at=clock.now())


@shared_task(name="invoicing.send_bills")
def send_bills(**_: Any) -> None:
    """Send the mails that are due, one after the other; what is left after some minutes rings for itself."""
    settle_lost_mails(at=clock.now())
    end = time.monotonic() + SECONDS_PER_TASK
    with sender_place() as place:
        while place is not None and send_next_bill(backwards=bool(place)):
            if time.monotonic() > end:
                enqueue_on_commit(SEND)
                return


def send_next_bill(*, backwards: bool = False) -> bool:
    """Send one mail that is due; return whether there may be more, and the mail server answers."""
    delivery = find_due_mail(at=clock.now(), backwards=backwards)
    if delivery is None:
        return False
    letter = write_letter(delivery)
    if not claim_bill_mail(delivery_id=delivery.pk, at=clock.now()):
        return True
    sent = send_bill_mail(delivery_id=delivery.pk, letter=letter, at=clock.now())
    return sent != MailOutcome.TRY_AGAIN


def write_letter(delivery: BillDelivery) -> Letter:
    """Return the mail that carries a bill or a credit note and its PDF, in the language of the delivery."""
    if delivery.credit_note_id is not None:
        return letter_of_credit_note(credit_note_id=delivery.credit_note_id, language=delivery.language)
    paper, content = keep_mail_paper(delivery_id=delivery.pk)
    mail = mail_of_paper(paper=paper)
    return Letter(subject=mail.subject, text=mail.text, html=mail.html, attachment=(f"{paper.number}.pdf", content))


@shared_task(name="invoicing.prove_periods")
def prove_periods(**_: Any) -> None:
    """Ask the steps of open periods that prove themselves, and keep since when they are done."""
    for period in periods().filter(state="OPEN", first_on__lte=clock.today()):
        prove_period_steps(period_id=period.pk, on=clock.today(), at=clock.now())


@shared_task(name="invoicing.total_plan_revenue")
def total_plan_revenue_task(**_: Any) -> None:
    """Add up what each plan brought in."""
    total_plan_revenue(on=clock.today())


@handles("invoicing.export_ubl")
def do_export_ubl(payload: dict[str, Any]) -> None:
    """Write the electronic bills of a chunk into an archive."""
    archive_chunk(chunk_id=payload["chunk_id"], job_id=payload["job_id"])
