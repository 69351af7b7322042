"""Bills of a subscriber: the list, one bill, why a line costs what it costs, the paper, the papers of a year."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.ledger.balances import balance_of
from billing_site.portal.access import own_account, own_accounts, own_invoice, own_invoices
from billing_site.portal.http import PortalRequest
from billing_site.portal.operations.files import record_access
from billing_site.portal.operations.tries import check_tries, detail_limits, file_limits
from billing_site.portal.queries.bills import get_own_bill_state, notes_of_line
from billing_site.portal.views.base import PortalPage, page_language
from billing_site.web.paging import keyset_page
from billing_site.web.refusals import refusal_html
from billing_site.web.views import CURSOR
from invoicing.models import Invoice
from invoicing.operations.bill_resending import note_bill_viewed
from invoicing.operations.invoice_papers import render_invoice
from invoicing.queries.bill_opinions import find_opinion
from invoicing.queries.disputes import disputes_for
from invoicing.queries.line_explanations import LineExplanation, explain_invoice_line
from invoicing.queries.papers import get_paper

BILLS_A_PAGE = 13
BUNDLED = 12
TOO_MANY = 429


class BillList(PortalPage):
    """Every bill of every account, the latest first, thirteen a page."""

    title = _("Bills")
    template_name = "portal/bills.html"
    section = "bills"

    def get(self, request: PortalRequest) -> HttpResponse:
        """Show a page."""
        page = keyset_page(
            own_invoices(self.login), order=("-issued_on", "-pk"), cursor=request.GET.get(CURSOR, ""), size=BILLS_A_PAGE
        )
        return self.show({"page": page, "own_accounts": own_accounts(self.login)})


class BillPage(PortalPage):
    """A bill as the paper says it, in the reader's language; every line leads to its reasons."""

    template_name = "portal/bill.html"
    section = "bills"

    def get(self, request: PortalRequest, invoice_id: int) -> HttpResponse:
        """Show it."""
        invoice = own_invoice(self.login, invoice_id)
        note_bill_viewed(invoice_id=invoice.pk, at=clock.now())
        paper = get_paper(invoice_id=invoice.pk, language=page_language())
        title = __("Bill %(number)s") % {"number": paper.number}
        owed = balance_of(own_account(self.login, invoice.account_id).ledger_account_id)
        context = {"paper": paper, "title": title, "is_owed": owed > 0, "standing": get_own_bill_state(invoice)}
        url = reverse("my:bill-helpful", args=[invoice.pk])
        context |= {"helpful_url": url, "opinion": find_opinion(invoice_id=invoice.pk)}
        return self.show({**context, "back_url": reverse("my:bills")})


class ExplainLine(PortalPage):
    """Why this amount? The figures and the rule behind a line, and the way to its calls and to a dispute."""

    title = _("Why this amount?")
    template_name = "portal/explain_line.html"
    section = "bills"

    def get(self, request: PortalRequest, invoice_id: int, n: int) -> HttpResponse:
        """Show it."""
        invoice = own_invoice(self.login, invoice_id)
        found = explain_invoice_line(invoice_id=invoice.pk, n=n, language=page_language())
        if found is None:
            raise Http404
        return self.show({"subject": found, "back_url": reverse("my:bill", args=[invoice.pk]), **self.more(found)})

    def more(self, found: LineExplanation) -> Mapping[str, Any]:
        """Lead to the calls behind a line of usage, and to its dispute or the form of one."""
        line = found.line
        calls_url = ""
        if line.records and found.bill_period and line.subscription_id:
            url = reverse("my:line-calls", args=[line.subscription_id])
            calls_url = f"{url}?first={line.first_on}&last={line.last_on}"
        open_ones = disputes_for(invoice_id=found.invoice_id).filter(lines__n=line.n, lines__is_open=True)
        is_contestable = line.gross_minor > 0 and clock.today() <= found.contest_by
        url = reverse("my:dispute-line", args=[found.invoice_id, line.n]) if is_contestable else ""
        notes = notes_of_line(found.invoice_id, line.n)
        return {"calls_url": calls_url, "dispute": open_ones.first(), "dispute_url": url, "credit_notes": notes}


class BillPdf(PortalPage):
    """The paper, in its own language or the one asked for."""

    def get(self, request: PortalRequest, invoice_id: int) -> HttpResponseBase:
        """Send the file; each time is written down."""
        invoice = own_invoice(self.login, invoice_id)
        try:
            check_tries(limits=detail_limits(login_id=self.login.pk), at=clock.now())
        except BillingError as error:
            return HttpResponse(refusal_html(error), status=TOO_MANY)
        content = render_invoice(invoice_id=invoice.pk)
        record_access(action="portal.bill_pdf", login_id=self.login.pk, what=str(invoice.number))
        disposition = {"Content-Disposition": f'attachment; filename="{invoice.number}.pdf"'}
        return HttpResponse(content, content_type="application/pdf", headers=disposition)


class BillBundle(PortalPage):
    """The papers of the last twelve bills of an account, in one file."""

    def get(self, request: PortalRequest, account_id: int) -> HttpResponseBase:
        """Send the file; each time is written down."""
        account = own_account(self.login, account_id)
        bills = list(own_invoices(self.login).filter(account_id=account.pk)[:BUNDLED])
        if not bills:
            raise Http404
        try:
            check_tries(limits=file_limits(login_id=self.login.pk), at=clock.now())
        except BillingError as error:
            return HttpResponse(refusal_html(error), status=TOO_MANY)
        record_access(action="portal.bill_bundle", login_id=self.login.pk, what=account.number)
        return bundle_response(bills, name=f"bills-{account.number}.zip")


def bundle_response(bills: list[Invoice], *, name: str) -> HttpResponse:
    """Return the papers of bills as one file; a paper that was made before is not made again."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression=zipfile.ZIP_STORED) as bundle:
        for bill in bills:
            moment = (bill.issued_on.year, bill.issued_on.month, bill.issued_on.day, 0, 0, 0)
            bundle.writestr(zipfile.ZipInfo(f"{bill.number}.pdf", moment), render_invoice(invoice_id=bill.pk))
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(stream.getvalue(), content_type="application/zip", headers=disposition)
