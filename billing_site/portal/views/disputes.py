"""Something is wrong with a line of a bill: said in two taps, answered by a day that is named."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.portal.access import own_dispute, own_invoice
from billing_site.portal.forms import DisputeForm, WithdrawOwnDisputeForm
from billing_site.portal.http import PortalRequest
from billing_site.portal.queries.bills import posted_notes_of
from billing_site.portal.views.base import PortalFormPage, PortalPage, page_language
from billing_site.web.views import Outcome
from invoicing.models import Dispute
from invoicing.operations.disputes import DisputeOf, open_dispute, withdraw_dispute
from invoicing.queries.bill_opinions import find_opinion
from invoicing.queries.disputes import get_dispute_case
from invoicing.queries.line_explanations import LineExplanation, explain_invoice_line


class DisputeLine(PortalFormPage):
    """Dispute a line: its amount is frozen until the answer, the rest of the bill stays payable."""

    title = _("Something is wrong with this line")
    template_name = "portal/dispute_line.html"
    section = "bills"
    form_class = DisputeForm
    submit_label = _("Send it")
    intro = _("Until we have answered, this amount need not be paid. The rest of the bill stays due.")

    def more(self, invoice_id: int, n: int) -> Mapping[str, Any]:
        """Show the line that is meant."""
        invoice = own_invoice(self.login, invoice_id)
        found = self._line(invoice.pk, n)
        return {"subject": found, "back_url": reverse("my:explain-line", args=[invoice.pk, n])}

    def perform(self, form: Any, invoice_id: int, n: int) -> Outcome:
        """Open the dispute."""
        invoice = own_invoice(self.login, invoice_id)
        dispute = open_dispute(
            invoice_id=invoice.pk,
            lines=[DisputeOf(n=n)],
            reason=form.cleaned_data["reason"],
            channel=Dispute.Channel.PORTAL,
            text=form.cleaned_data["text"],
            opened_by=None,
            at=clock.now(),
        )
        return Outcome(
            url=reverse("my:dispute", args=[dispute.pk]), message=__("We have it. Here is what happens next.")
        )

    def _line(self, invoice_id: int, n: int) -> LineExplanation:
        found = explain_invoice_line(invoice_id=invoice_id, n=n, language=page_language())
        if found is None:
            raise Http404
        return found


class DisputePage(PortalPage):
    """A dispute: what was said, by when it is answered, the answer."""

    template_name = "portal/dispute.html"
    section = "bills"

    def get(self, request: PortalRequest, dispute_id: int) -> HttpResponse:
        """Show it."""
        dispute = own_dispute(self.login, dispute_id)
        case = get_dispute_case(dispute_id=dispute.pk, language=page_language())
        title = __("Dispute %(number)s") % {"number": dispute.number}
        back = reverse("my:bill", args=[dispute.invoice_id])
        notes = posted_notes_of(dispute.invoice_id).filter(dispute=dispute)
        context = {"case": case, "dispute": case.dispute, "credit_notes": notes}
        if not dispute.is_open:
            opinion = find_opinion(invoice_id=dispute.invoice_id, dispute_id=dispute.pk)
            context |= {"helpful_url": reverse("my:dispute-helpful", args=[dispute.pk]), "opinion": opinion}
        return self.show({**context, "title": title, "back_url": back})


class WithdrawDispute(PortalFormPage):
    """Take a dispute back; one that has ended meanwhile shows how it ended, however often the form is sent."""

    title = _("Withdraw this dispute")
    template_name = "portal/withdraw_dispute.html"
    section = "bills"
    form_class = WithdrawOwnDisputeForm
    submit_label = _("Withdraw the dispute")
    intro = _("The amount is then to be paid again, by the day that the bill says.")

    def get(self, request: PortalRequest, **ids: Any) -> HttpResponseBase:
        """Ask, while it is open."""
        return self._ended(**ids) or super().get(request, **ids)

    def post(self, request: PortalRequest, **ids: Any) -> HttpResponseBase:
        """Withdraw it, while it is open."""
        return self._ended(**ids) or super().post(request, **ids)

    def more(self, dispute_id: int) -> Mapping[str, Any]:
        """Show what it is about."""
        dispute = own_dispute(self.login, dispute_id)
        case = get_dispute_case(dispute_id=dispute.pk, language=page_language())
        return {"case": case, "dispute": case.dispute, "back_url": reverse("my:dispute", args=[dispute.pk])}

    def perform(self, form: Any, dispute_id: int) -> Outcome:
        """Withdraw it."""
        withdraw_dispute(
            dispute_id=own_dispute(self.login, dispute_id).pk,
            text=form.cleaned_data["text"],
            actor=None,
            at=clock.now(),
        )
        return Outcome(url=reverse("my:dispute", args=[dispute_id]), message=__("The dispute is withdrawn."))

    def _ended(self, dispute_id: int) -> HttpResponseBase | None:
        """Lead to the page of a dispute that is open no more."""
        dispute = own_dispute(self.login, dispute_id)
        return None if dispute.is_open else redirect(reverse("my:dispute", args=[dispute.pk]))
