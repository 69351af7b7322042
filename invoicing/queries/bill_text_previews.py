"""A real bill with a text that is not published yet."""

from dataclasses import replace

from invoicing.models import BillRun, Invoice
from invoicing.queries.bill_texts import published_so_far
from invoicing.queries.papers import Paper, make_paper, printing_of
from subscribers.models import Account


def find_preview(*, text_id: int, account_number: str, language: str) -> Paper | None:
    """
    Return an account's last bill with today's texts and this one, whatever its days and its cycle, or ``None``.

    :param account_number: empty for the last bill of all
    """
    posted = Invoice.objects.filter(state=Invoice.State.POSTED)
    if account_number:
        posted = posted.filter(account_id__in=Account.objects.filter(number=account_number).values("pk"))
    invoice = posted.order_by("-pk").first()
    if invoice is None:
        return None
    run = BillRun.objects.only("reference").get(pk=invoice.run_id)
    printing = replace(printing_of(invoice), published_through=published_so_far(), draft_id=text_id)
    return make_paper(invoice=invoice, reference=run.reference, language=language, printing=printing)
