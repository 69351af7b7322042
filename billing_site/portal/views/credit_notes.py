"""A credit note as the subscriber reads it: what was taken back of a bill, and why."""

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as __

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.portal.access import own_credit_note
from billing_site.portal.http import PortalRequest
from billing_site.portal.operations.files import record_access
from billing_site.portal.operations.tries import check_tries, detail_limits
from billing_site.portal.views.base import PortalPage, page_language
from billing_site.web.refusals import refusal_html
from invoicing.operations.credit_deliveries import note_credit_note_viewed
from invoicing.operations.credit_papers import render_credit_note
from invoicing.queries.credit_notes import get_credit_case

TOO_MANY = 429


class CreditNotePage(PortalPage):
    """What was taken back, line by line, and what asked for it."""

    template_name = "portal/credit_note.html"
    section = "bills"

    def get(self, request: PortalRequest, credit_note_id: int) -> HttpResponse:
        """Show it."""
        note = own_credit_note(self.login, credit_note_id)
        note_credit_note_viewed(credit_note_id=note.pk, at=clock.now())
        case = get_credit_case(credit_note_id=note.pk, language=page_language())
        title = __("Credit note %(number)s") % {"number": note.number}
        return self.show({"case": case, "title": title, "back_url": reverse("my:bill", args=[note.invoice_id])})


class CreditNotePdf(PortalPage):
    """The paper, in the note's own language."""

    def get(self, request: PortalRequest, credit_note_id: int) -> HttpResponseBase:
        """Send the file; each time is written down."""
        note = own_credit_note(self.login, credit_note_id)
        try:
            check_tries(limits=detail_limits(login_id=self.login.pk), at=clock.now())
        except BillingError as error:
            return HttpResponse(refusal_html(error), status=TOO_MANY)
        case = get_credit_case(credit_note_id=note.pk)
        content = render_credit_note(case=case, language=note.language)
        record_access(action="portal.credit_note_pdf", login_id=self.login.pk, what=str(note.number))
        disposition = {"Content-Disposition": f'attachment; filename="{note.number}.pdf"'}
        return HttpResponse(content, content_type="application/pdf", headers=disposition)
