"""Was this helpful? One tap below what explains a bill, and below the answer to a dispute."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.portal.access import own_dispute, own_invoice
from billing_site.portal.forms import HelpfulForm
from billing_site.portal.views.base import PortalFormPage
from billing_site.web.views import Outcome
from invoicing.operations.bill_opinions import say_helpful


class _HelpfulPage(PortalFormPage):
    """The question by itself, where a browser asks for its address."""

    title = _("Was this helpful?")
    section = "bills"
    form_class = HelpfulForm
    submit_label = _("Send it")


class BillHelpful(_HelpfulPage):
    """Of what explains a bill."""

    def more(self, invoice_id: int) -> Mapping[str, Any]:
        """Lead back to the bill."""
        return {"back_url": reverse("my:bill", args=[own_invoice(self.login, invoice_id).pk])}

    def perform(self, form: Any, invoice_id: int) -> Outcome:
        """Keep it."""
        invoice = own_invoice(self.login, invoice_id)
        say_helpful(invoice_id=invoice.pk, is_helpful=form.is_yes, at=clock.now())
        return Outcome(url=reverse("my:bill", args=[invoice.pk]), message=__("Thank you: it is written down."))


class DisputeHelpful(_HelpfulPage):
    """Of the answer to a dispute."""

    def more(self, dispute_id: int) -> Mapping[str, Any]:
        """Lead back to the dispute."""
        return {"back_url": reverse("my:dispute", args=[own_dispute(self.login, dispute_id).pk])}

    def perform(self, form: Any, dispute_id: int) -> Outcome:
        """Keep it."""
        dispute = own_dispute(self.login, dispute_id)
        say_helpful(invoice_id=dispute.invoice_id, dispute_id=dispute.pk, is_helpful=form.is_yes, at=clock.now())
        return Outcome(url=reverse("my:dispute", args=[dispute.pk]), message=__("Thank you: it is written down."))
