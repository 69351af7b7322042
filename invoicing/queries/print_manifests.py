"""The list that goes with a print file: which bill lies on which pages, where it is carried, and what was taken out."""

import csv
import io
from collections.abc import Mapping

from billing_site.documents.workbooks import safe_text
from invoicing.domain.print_sheets import sheets_of
from invoicing.models import BillDelivery, CreditNote, Invoice

HEAD = ("place", "bill", "account", "first_page", "pages", "sheets", "post_code", "route", "language", "remark")
# A place without pages: what lay there was taken back before the file was handed over.
TAKEN_OUT = "TAKEN_BACK"


def write_manifest(*, batch_id: int) -> bytes:
    """Return the list of a batch as CSV in UTF-8, a line a bill, credit note or letter in the order of the file."""
    bills = list(BillDelivery.objects.filter(batch_id=batch_id).order_by("place"))
    invoices = Invoice.objects.in_bulk([bill.invoice_id for bill in bills if bill.invoice_id])
    notes = CreditNote.objects.in_bulk([bill.credit_note_id for bill in bills if bill.credit_note_id])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEAD)
    for bill in bills:
        number, account = _named(bill, invoices, notes)
        pages = bill.page_count or 0
        writer.writerow(
            (
                bill.place,
                number,
                account,
                bill.first_page,
                pages,
                sheets_of(pages),
                safe_text(bill.post_code),
                safe_text(bill.route),
                bill.language,
                TAKEN_OUT if bill.state == BillDelivery.State.WITHDRAWN else "",
            )
        )
    return text.getvalue().encode("utf-8")


def _named(
    bill: BillDelivery, invoices: Mapping[int, Invoice], notes: Mapping[int, CreditNote]
) -> tuple[str | None, str]:
    """Return the number of a paper, of a letter its key, and the number of the account."""
    if bill.frozen is not None:
        return f"L-{bill.notice_id}", bill.frozen["account"]
    paper = notes[bill.credit_note_id] if bill.credit_note_id else invoices[bill.bill_id]
    return paper.number, paper.frozen["account"]
