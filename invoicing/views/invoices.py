"""An invoice on the screen and as PDF, and why a line of it costs what it costs."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext as _

from billing_site.identity.http import StaffRequest
from billing_site.web.views import DetailPage, StaffPage
from invoicing.models import Invoice
from invoicing.operations.invoice_papers import bill_context, render_invoice
from invoicing.operations.line_sheets import make_line_sheet
from invoicing.queries.bill_deliveries import deliveries_of_bill
from invoicing.queries.bill_opinions import find_opinion
from invoicing.queries.credit_notes import find_predecessor, find_successor
from invoicing.queries.line_explanations import LineExplanation, explain_invoice_line
from invoicing.queries.papers import Paper, get_paper
from invoicing.views.way_tables import ways_table


class InvoicePage(DetailPage[Paper]):
    """The invoice as the paper says it, in the reader's language."""

    permission: ClassVar[str] = "invoicing.view_invoice"
    template_name = "invoicing/invoice_detail.html"

    def subject(self, invoice_id: int) -> Paper:
        """Return what the paper says."""
        try:
            return get_paper(invoice_id=invoice_id, language=get_language() or settings.LANGUAGE_CODE)
        except Invoice.DoesNotExist as error:
            raise Http404 from error

    def more(self, subject: Paper) -> Mapping[str, Any]:
        """Return the parts of the bill, the bill in its place or in whose place it stands, and how it went out."""
        return {
            **bill_context(paper=subject),
            "ways": ways_table(
                rows=deliveries_of_bill(invoice_id=subject.invoice_id),
                reader=self.request.user,
                empty=_("It is not handed out yet: that follows when its run is delivered."),
            ),
            "opinion": find_opinion(invoice_id=subject.invoice_id),
            "successor": find_successor(invoice_id=subject.invoice_id) if subject.is_taken_back else None,
            "predecessor": find_predecessor(invoice_id=subject.invoice_id),
        }

    def page_title(self, subject: Paper) -> str:
        """Name the bill."""
        return _("Bill %(number)s") % {"number": subject.number} if subject.number else _("Draft of a bill")


class InvoicePdf(StaffPage):
    """The PDF, in the subscriber's language or the one asked for; ``?print=large`` for large print."""

    permission: ClassVar[str] = "invoicing.view_invoice"

    def get(self, request: StaffRequest, invoice_id: int) -> HttpResponse:
        """Send the file."""
        language = request.GET.get("language", "")
        if language not in {"", *dict(settings.LANGUAGES)}:
            raise Http404
        invoice = Invoice.objects.filter(pk=invoice_id).only("number").first()
        if invoice is None:
            raise Http404
        is_large = request.GET.get("print") == "large" or None
        content = render_invoice(invoice_id=invoice_id, language=language, is_large_print=is_large)
        name = invoice.number or f"draft-{invoice_id}"
        return HttpResponse(
            content,
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
        )


class ExplainLine(DetailPage[LineExplanation]):
    """Why this amount? From a line to its figures, its rule and its records."""

    permission: ClassVar[str] = "invoicing.explain_line"
    template_name = "invoicing/explain_line.html"

    def subject(self, invoice_id: int, n: int) -> LineExplanation:
        """Return the line with what explains it."""
        found = explain_invoice_line(invoice_id=invoice_id, n=n, language=get_language() or settings.LANGUAGE_CODE)
        if found is None:
            raise Http404
        return found

    def more(self, subject: LineExplanation) -> Mapping[str, Any]:
        """Lead to the promotion behind the line."""
        reason = subject.line.reason
        is_promised = reason is not None and reason.promotion_id is not None
        may_see = self.request.user.may("tariffs.view_promotions")
        url = reverse("tariffs:promotion", args=[reason.promotion_id]) if is_promised and may_see and reason else ""
        return {"promotion_url": url}

    def page_title(self, subject: LineExplanation) -> str:
        """Ask the question of the page."""
        return _("Why this amount? %(name)s") % {"name": subject.line.name}


class LineSheet(StaffPage):
    """The same answer on paper, in the subscriber's language or the one asked for."""

    permission: ClassVar[str] = "invoicing.explain_line"

    def get(self, request: StaffRequest, invoice_id: int, n: int) -> HttpResponse:
        """Send the file."""
        language = request.GET.get("language", "")
        invoice = Invoice.objects.filter(pk=invoice_id).only("language").first()
        if invoice is None or language not in {"", *dict(settings.LANGUAGES)}:
            raise Http404
        found = explain_invoice_line(invoice_id=invoice_id, n=n, language=language or invoice.language)
        if found is None:
            raise Http404
        name = f"{found.number or invoice_id}-{found.line.label}"
        return HttpResponse(
            make_line_sheet(explanation=found),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
        )
