"""Tables of how bills went out: of one bill, of a run."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from billing_site.identity.models import User
from billing_site.web.addresses import url_if_open
from billing_site.web.tables import Column, Kind, Table
from invoicing.models import BillDelivery
from invoicing.queries.bill_deliveries import WayCount, ways_of_run


def ways_table(*, rows: QuerySet[BillDelivery], reader: User, empty: str) -> Table[BillDelivery]:
    """
    Return how a bill or a credit note went out, each way and each time, the latest first.

    :param reader: who looks: links lead where this person may go
    :param empty: what stands there where it went out on no way
    """
    returned: Column[BillDelivery] = Column(
        label=_("Came back?"),
        value=lambda row: _("It came back") if _may_come_back(row) else "",
        href=lambda row: reverse("invoicing:note-returned-bill", args=[row.pk]) if _may_come_back(row) else "",
    )
    return Table(
        columns=(
            Column(label=_("Way"), value="get_channel_display"),
            Column(label=_("State"), value="state", kind=Kind.STATE),
            Column(label=_("E-mail address"), value="address", kind=Kind.CODE),
            Column(label=_("Sent"), value="sent_at", kind=Kind.INSTANT),
            Column(label=_("Seen"), value="viewed_at", kind=Kind.INSTANT),
            Column(label=_("Came back"), value="returned_at", kind=Kind.INSTANT),
            Column(
                label=_("Print batch"),
                value=lambda row: str(row.batch or ""),
                kind=Kind.CODE,
                href=lambda row: url_if_open(reader, "invoicing:print-batch", row.batch_id) if row.batch_id else "",
            ),
            Column(label=_("Asked for by"), value="asked_by"),
            Column(label=_("Why"), value="detail", kind=Kind.CODE),
            *((returned,) if reader.may("invoicing.note_returned_bill") else ()),
        ),
        rows=list(rows),
        caption=_("How it went out"),
        empty=empty,
    )


def run_ways_table(*, run_id: int) -> Table[WayCount]:
    """Return how many bills of a run are in which state on which way."""
    address = reverse("invoicing:bill-deliveries")
    return Table(
        columns=(
            Column(label=_("Way"), value="channel_label"),
            Column(label=_("State"), value="state", kind=Kind.STATE),
            Column(label=_("Bills"), value="bill_count", kind=Kind.NUM),
        ),
        rows=ways_of_run(run_id=run_id),
        caption=_("How the bills go out"),
        empty=_("The bills are handed out after posting."),
        row_href=lambda row: f"{address}?run={run_id}&channel={row.channel}&state={row.state}",
    )


def _may_come_back(row: BillDelivery) -> bool:
    mailed = row.channel == "E_MAIL" and row.state in {BillDelivery.State.SENT, BillDelivery.State.VIEWED}
    return mailed or row.state in {BillDelivery.State.PRINTED, BillDelivery.State.RECALLED}


def paper_url(row: BillDelivery) -> str:
    """Return the page of the bill, credit note or letter that went out."""
    if row.notice_id is not None:
        return reverse("subscribers:notice", args=[row.notice_id])
    if row.credit_note_id is not None:
        return reverse("invoicing:credit-note", args=[row.credit_note_id])
    return reverse("invoicing:invoice", args=[row.invoice_id])
