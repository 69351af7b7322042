"""
Bills by mail: each at most once, whatever is killed when.

Three steps, each committed before the next begins: **claim** the row (``WAITING`` becomes ``SENDING``, by one process),
**send**, **mark** what came of it. A process that dies before the claim has sent nothing: the row is due still. One
that dies between claim and mark leaves the window in which nobody knows whether the mail server had the mail; such a
row is never sent again by itself. After ``LOST_AFTER`` it becomes ``FAILED`` with that reason and stands in the work
list, where a person sends it again; if the provider meanwhile tells of the mail, its event settles the row, for each
mail carries the key of its row. The window is one mail for each process that sends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection

from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import durable, transaction_required
from billing_site.jobs.models import Job
from billing_site.jobs.progress import add_progress, finish_job
from invoicing.domain.mail_outcomes import MailOutcome, next_wait
from invoicing.models import BillDelivery, BillRun, Invoice
from invoicing.operations.bill_run_delivery import TAKEN_BACK, mail_job_key
from invoicing.operations.invoice_papers import keep_pdf
from invoicing.operations.mail_failures import read_failure, sending_errors
from invoicing.queries.papers import Paper, make_paper
from subscribers.operations.delivery import stop_mail

State = BillDelivery.State
# Longer than any time limit of a task: whoever claimed a row before that is dead.
LOST_AFTER = timedelta(minutes=15)
LOST = gettext_noop("The process died while it sent the mail: whether it went is not known.")
SENDERS = 2


@contextmanager
def sender_place() -> Iterator[int | None]:
    """Give one of two places among those who send, or none: the queue is never full of senders."""
    taken: int | None = None
    with connection.cursor() as cursor:
        for place in range(SENDERS):
            cursor.execute("SELECT pg_try_advisory_lock(hashtext('saldo.send_bills'), %s)", [place])
            if cursor.fetchone() == (True,):
                taken = place
                break
    try:
        yield taken
    finally:
        if taken is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('saldo.send_bills'), %s)", [taken])


@durable
def keep_mail_paper(*, delivery_id: int) -> tuple[Paper, bytes]:
    """Return the paper of a mail in its language, and the PDF, kept before or made and kept now."""
    delivery = BillDelivery.objects.get(pk=delivery_id)
    invoice = Invoice.objects.get(pk=delivery.bill_id)
    reference = BillRun.objects.only("reference").get(pk=invoice.run_id).reference
    paper = make_paper(invoice=invoice, reference=reference, language=delivery.language)
    return paper, keep_pdf(paper=paper)


@durable
def claim_bill_mail(*, delivery_id: int, at: datetime) -> bool:
    """
    Claim a mail that is due, for this process alone; return whether it is ours. Committed before it is sent.

    The bill that was taken back while it waited is not sent any more.
    """
    waiting = BillDelivery.objects.filter(pk=delivery_id, state=State.WAITING, due_at__lte=at)
    row = waiting.select_for_update(of=("self",), skip_locked=True).first()
    if row is None:
        return False
    taken_back = Invoice.objects.filter(pk=row.bill_id, state=Invoice.State.CANCELLED)
    if row.credit_note_id is None and taken_back.exists():
        row.state, row.detail = State.WITHDRAWN, TAKEN_BACK
        row.save(update_fields=["state", "detail"])
        count_mail(row)
        return False
    row.state, row.claimed_at = State.SENDING, at
    row.attempt_count += 1
    row.save(update_fields=["state", "claimed_at", "attempt_count"])
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mail says: plain text, the same as HTML where there is one, and the PDF by its name."""

    subject: str
    text: str
    html: str = ""
    attachment: tuple[str, bytes]


def send_bill_mail(*, delivery_id: int, letter: Letter, at: datetime) -> MailOutcome:
    """Send a mail that this process has claimed, and mark what came of it."""
    delivery = BillDelivery.objects.get(pk=delivery_id, state=State.SENDING)
    mail = make_bill_mail(delivery=delivery, letter=letter)
    crash_point("invoicing.send_bill_mail.claimed")
    outcome, detail = MailOutcome.SENT, ""
    try:
        mail.send()
    except sending_errors() as error:
        outcome, detail = read_failure(error), f"{type(error).__name__}: {error}"[:300]
    crash_point("invoicing.send_bill_mail.sent")
    provider: object = getattr(mail, "anymail_status", None)
    settle_bill_mail(
        delivery_id=delivery_id,
        outcome=outcome,
        detail=detail,
        message_id=str(getattr(provider, "message_id", "") or ""),
        at=at,
    )
    return outcome


def make_bill_mail(*, delivery: BillDelivery, letter: Letter) -> EmailMultiAlternatives:
    """Return the mail of a row, marked with its key: every attempt has the same ``Message-ID``."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    identity = f"<bill-{delivery.pk}@{domain}>"
    mail = EmailMultiAlternatives(
        subject=letter.subject, body=letter.text, to=[delivery.address], headers={"Message-ID": identity}
    )
    if letter.html:
        mail.attach_alternative(letter.html, "text/html")
    # What the provider tells of later: its events carry it back.
    mail.metadata = {"delivery": str(delivery.pk)}  # type: ignore[attr-defined]
    name, content = letter.attachment
    mail.attach(name, content, "application/pdf")
    return mail


@durable
def settle_bill_mail(
    *, delivery_id: int, outcome: MailOutcome, at: datetime, detail: str = "", message_id: str = ""
) -> None:
    """Mark what came of the attempt that this process claimed; a row that an event settled meanwhile stays."""
    row = BillDelivery.objects.select_for_update(of=("self",)).get(pk=delivery_id)
    row.message_id = message_id or row.message_id
    row.detail = detail
    if row.state == State.SENDING:
        _mark(row, outcome, at)
    row.save()


@durable
def settle_lost_mails(*, at: datetime) -> int:
    """Mark mails whose sender died as failed, to be looked at by a person; return how many."""
    lost = BillDelivery.objects.filter(state=State.SENDING, claimed_at__lt=at - LOST_AFTER)
    rows = list(lost.order_by("pk").select_for_update(of=("self",), skip_locked=True))
    for row in rows:
        row.state, row.detail = State.FAILED, LOST
        count_mail(row)
    BillDelivery.objects.bulk_update(rows, ["state", "detail"], batch_size=500)
    return len(rows)


@transaction_required
def bounce(row: BillDelivery, *, at: datetime, detail: str, is_for_good: bool) -> None:
    """Mark a mail as come back; for good means that the account's next bill goes on paper. The caller saves the row."""
    row.state, row.returned_at, row.detail = State.BOUNCED, at, detail[:300]
    if is_for_good:
        stop_mail(account_id=row.account_id, address=row.address, at=at)


@transaction_required
def count_mail(row: BillDelivery) -> None:
    """Count a bill's mail of a run that has come to its end, see ``count_mails``."""
    if row.asked_by_id is not None or row.credit_note_id is not None or row.run_id is None:
        return
    gone_wrong = row.state in {State.BOUNCED, State.FAILED}
    count_mails(run_id=row.run_id, count=1, set_aside=int(gone_wrong))


@transaction_required
def count_mails(*, run_id: int, count: int, set_aside: int) -> None:
    """
    Count mails of a run's bills that have come to their end, and close the run's mail job with the last one.

    :param set_aside: how many of them went wrong
    """
    job = Job.objects.select_for_update(no_key=True).filter(key=mail_job_key(run_id)).first()
    if job is None or job.is_finished:
        return
    add_progress(job_id=job.pk, done_units=count, set_aside_units=set_aside)
    if job.done_units + count >= job.total_units:
        finish_job(job_id=job.pk)


def _mark(row: BillDelivery, outcome: MailOutcome, at: datetime) -> None:
    wait = next_wait(row.attempt_count) if outcome == MailOutcome.TRY_AGAIN else None
    if outcome == MailOutcome.SENT:
        row.state, row.sent_at = State.SENT, at
    elif wait is not None:
        row.state, row.due_at = State.WAITING, at + wait
        return
    elif outcome == MailOutcome.REFUSED:
        bounce(row, at=at, detail=row.detail, is_for_good=True)
    else:
        row.state = State.FAILED
    count_mail(row)
