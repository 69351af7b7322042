"""Taking a posted run back: asked by one person, done by another."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.web.refusals import sentence_html
from billing_site.web.views import ActionView, FormPage, Outcome
from billing_site.web.wrapping import minor_html, text_html
from invoicing.forms import DecisionForm
from invoicing.models import BillRun
from invoicing.operations.bill_run_undo import ask_undo_bill_run, undo_bill_run

UNDO_QUESTION = gettext_noop(
    "Take %(count)s bills back, %(amount)s in all? Each gets a credit note and keeps its number. Asked for by %(who)s:"
    " %(why)s. This is irrevocable."
)


class AskUndoBillRun(FormPage):
    """Ask for a run to be taken back."""

    permission: ClassVar[str] = "invoicing.ask_undo_bill_run"
    title = _("Ask to take a bill run back")
    form_class = DecisionForm
    submit_label = _("Ask a second person")
    intro = _("Every bill of the run that is still owed gets a credit note. A second person decides.")

    def more(self, run_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("invoicing:bill-run", args=[run_id])}

    def perform(self, form: Any, run_id: int) -> Outcome:
        """Ask."""
        ask_undo_bill_run(run_id=run_id, reason=form.cleaned_data["reason"], actor=self.request.user)
        url = reverse("invoicing:bill-run", args=[run_id])
        return Outcome(url=url, message=gettext("A second person takes the run back."))


class UndoBillRun(ActionView):
    """The second person's button."""

    permission: ClassVar[str] = "invoicing.undo_bill_run"
    title = _("Take the bill run back")
    button = _("Take it back")
    is_dangerous = True

    def back_url(self, run_id: int) -> str:
        """Return the page of the run."""
        return reverse("invoicing:bill-run", args=[run_id])

    def question(self, run_id: int) -> str | Promise:
        """Say the amount, who asked and why, and that there is no way back."""
        run = BillRun.objects.filter(pk=run_id).select_related("undo_asked_by").defer("reference").first()
        if run is None or run.undo_asked_by is None:
            return gettext("Nobody has asked for this run to be taken back.")
        amount = minor_html(run.gross_minor, currency=run.currency)
        who, why = text_html(run.undo_asked_by), text_html(run.undo_reason)
        return sentence_html(UNDO_QUESTION, {"count": run.posted_count, "amount": amount, "who": who, "why": why})

    def perform(self, run_id: int) -> Outcome:
        """Take it back."""
        undo_bill_run(run_id=run_id, actor=self.request.user, at=clock.now())
        return Outcome(url=self.back_url(run_id), message=gettext("The bills are being taken back."))
