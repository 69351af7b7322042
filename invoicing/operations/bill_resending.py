"""A bill sent once more, on this way or another; and that its subscriber has seen it."""

from datetime import datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.work import enqueue_on_commit
from invoicing.models import BillDelivery, Invoice
from invoicing.operations.bill_run_delivery import SEND
from subscribers.models import Account, DeliveryChannel

State = BillDelivery.State
Way = DeliveryChannel.Kind


class BillNotPosted(BillingError):
    """A draft goes nowhere."""

    default_message = gettext_noop("The bill is not posted: a draft goes nowhere.")
    default_code = "BILL_NOT_POSTED"


class BillIsOnItsWay(BillingError):
    """It is waiting or being sent."""

    default_message = gettext_noop("The bill is on its way already: wait until it is sent.")
    default_code = "BILL_IS_ON_ITS_WAY"


class NowhereToSend(BillingError):
    """No address."""

    default_message = gettext_noop("There is no e-mail address: type one, or choose paper.")
    default_code = "NOWHERE_TO_SEND"


@durable
def resend_bill(
    *, invoice_id: int, channel: str, at: datetime, actor: User, address: str = "", language: str = ""
) -> BillDelivery:
    """
    Send a posted bill once more on a way; on paper it goes with the next print batch. What was before stays on record.

    :param address: for mail; empty for the one that the bill was sent to last, else the subscriber's
    :param language: empty for the bill's own
    :raises BillNotPosted: for a draft
    :raises BillIsOnItsWay: if it waits on this way or is being sent at this moment
    :raises NowhereToSend: for mail without an address
    """
    invoice = Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice_id)
    if invoice.state != Invoice.State.POSTED:
        raise BillNotPosted
    row = BillDelivery(
        invoice_id=invoice.pk,
        account_id=invoice.account_id,
        run_id=invoice.run_id,
        language=language or invoice.language,
        asked_by=actor,
    )
    take_way(row, channel=channel, address=address, at=at)
    record("invoicing.resend_bill", actor=actor, subject=invoice, changes={"channel": channel, "address": row.address})
    return row


@transaction_required
def take_way(row: BillDelivery, *, channel: str, address: str, at: datetime) -> None:
    """
    Write the row of a paper that goes on a way once more; the one before on this way was then sent again.

    :param row: new: which bill or credit note, in which language, asked for by whom
    :raises BillIsOnItsWay: if it waits on this way or is being sent at this moment
    :raises NowhereToSend: for mail without an address
    """
    rows = BillDelivery.objects.select_for_update(of=("self",)).exclude(state=State.RESENT)
    before = rows.filter(invoice_id=row.invoice_id, credit_note_id=row.credit_note_id, channel=channel).first()
    if before is not None and before.state in {State.WAITING, State.SENDING}:
        raise BillIsOnItsWay
    account = Account.objects.select_related("subscriber").get(pk=row.account_id)
    known = before.address if before is not None and before.state != State.BOUNCED else ""
    row.channel, row.state = channel, State.WAITING
    if channel == Way.E_MAIL:
        row.address, row.due_at = address or known or account.subscriber.email, at
        if not row.address:
            raise NowhereToSend
        enqueue_on_commit(SEND)
    elif channel == Way.PRINT:
        row.post_code, row.route = account.post_code, account.route
    else:
        row.state, row.sent_at = State.SENT, at
    if before is not None:
        before.state = State.RESENT
        before.save(update_fields=["state"])
    row.save()


@durable
def note_bill_viewed(*, invoice_id: int, at: datetime) -> bool:
    """Keep that the subscriber has seen a bill on the own pages, the first time; return whether it was the first."""
    own = BillDelivery.objects.filter(invoice_id=invoice_id, credit_note_id__isnull=True)
    seen = own.filter(channel=Way.PORTAL, state=State.SENT)
    return bool(seen.update(state=State.VIEWED, viewed_at=at))
