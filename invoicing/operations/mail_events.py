"""What the mail provider tells of a bill's mail after it was sent: it arrived, it came back, it was opened."""

from dataclasses import dataclass
from datetime import datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from invoicing.models import BillDelivery
from invoicing.operations.bill_mails import bounce, count_mail
from subscribers.models import Notice
from subscribers.operations.notices import note_notice_returned, return_notice

State = BillDelivery.State
ARRIVED = frozenset({"sent", "delivered"})
SEEN = frozenset({"opened", "clicked"})
BACK = frozenset({"bounced", "rejected", "failed"})
# Reasons that may be gone next month: the address is kept.
FOR_A_WHILE = frozenset({"timed_out", "other"})
CARRIED = frozenset({State.SENDING, State.SENT, State.VIEWED, State.FAILED})


class MailNotSent(BillingError):
    """Only what was sent comes back."""

    default_message = gettext_noop("This was not sent yet, or it is known already that it came back.")
    default_code = "MAIL_NOT_SENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEvent:
    """
    What was told.

    :param kind: a word of anymail's ``EventType``
    :param delivery_id: the key that the mail carried; 0 if it is not told
    :param notice_id: the key that the mail of a letter carried; 0 if it is none
    :param message_id: the provider's own name of the mail
    :param reason: a word of anymail's ``RejectReason``, empty if none is told
    """

    kind: str
    delivery_id: int = 0
    notice_id: int = 0
    message_id: str = ""
    reason: str = ""
    detail: str = ""


@durable
def note_mail_event(*, event: MailEvent, at: datetime) -> bool:
    """
    Keep what the provider tells of a mail, and return whether it changed anything; telling it twice changes nothing.

    An event of a mail that nobody knows here, or of one sent again since, is of no use and is forgotten.
    """
    if event.notice_id:
        return event.kind in BACK and note_notice_returned(
            notice_id=event.notice_id,
            detail=event.detail or event.reason,
            is_for_good=event.reason not in FOR_A_WHILE,
            at=at,
        )
    row = _find(event)
    if row is None or row.channel != "E_MAIL" or row.state not in CARRIED:
        return False
    before = row.state
    if event.kind in BACK:
        bounce(row, at=at, detail=event.detail or event.reason, is_for_good=event.reason not in FOR_A_WHILE)
        record("invoicing.note_mail_event", actor=None, subject=row, changes={"event": event.kind, "at": row.address})
    elif event.kind in ARRIVED and before in {State.SENDING, State.FAILED}:
        row.state, row.sent_at, row.detail = State.SENT, at, ""
    elif event.kind in SEEN and before != State.VIEWED:
        row.state, row.sent_at, row.viewed_at = State.VIEWED, row.sent_at or at, at
    if row.state == before:
        return False
    if before == State.SENDING:
        count_mail(row)
    row.save()
    return True


@durable
def note_returned_bill(*, delivery_id: int, at: datetime, actor: User) -> BillDelivery:
    """
    Write down that a mail came back, where no provider tells it: the account's next bill goes on paper. Or that the
    post brought a bill or a letter back: it stands in the list until somebody sends it again. Or that a bill to be
    called back was taken out of the sacks.

    :raises MailNotSent: if it was not sent, or is known to have come back
    """
    row = BillDelivery.objects.select_for_update(of=("self",)).get(pk=delivery_id)
    if row.channel == "PRINT" and row.state == State.PRINTED:
        row.state, row.returned_at = State.BOUNCED, at
        letter = Notice.objects.select_for_update(of=("self",)).filter(pk=row.notice_id or 0, state=Notice.State.SENT)
        for notice in letter:
            return_notice(notice, detail="")
    elif row.state == State.RECALLED:
        row.state, row.returned_at = State.CALLED_BACK, at
    elif row.channel == "E_MAIL" and row.state in {State.SENT, State.VIEWED}:
        bounce(row, at=at, detail="", is_for_good=True)
    else:
        raise MailNotSent
    row.save()
    record("invoicing.note_returned_bill", actor=actor, subject=row, changes={"address": row.address})
    return row


def _find(event: MailEvent) -> BillDelivery | None:
    rows = BillDelivery.objects.select_for_update(of=("self",))
    if event.delivery_id:
        return rows.filter(pk=event.delivery_id).first()
    return rows.filter(message_id=event.message_id).order_by("-pk").first() if event.message_id else None
