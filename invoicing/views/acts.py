"""What people do to bill runs: start, pause, resume, cancel, post."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.web.refusals import sentence_html
from billing_site.web.views import ActionView, FormPage, Outcome
from billing_site.web.wrapping import minor_html
from invoicing.domain.due_dates import due_on
from invoicing.forms import StartBillRunForm
from invoicing.models import BillRun
from invoicing.operations.bill_run_control import cancel_bill_run, pause_bill_run, resume_bill_run
from invoicing.operations.bill_run_planning import plan_bill_run
from invoicing.operations.bill_run_posting import post_bill_run
from invoicing.queries.readiness import find_obstacles
from subscribers.models import BillCycle

TERMS_DAYS = 20
POST_QUESTION = gettext_noop(
    "Post %(count)s bills, %(amount)s in all? Numbers are given and the money becomes owed. This is irrevocable."
)


class StartBillRun(FormPage):
    """Choose a cycle, see what stands in the way, start."""

    permission: ClassVar[str] = "invoicing.start_bill_run"
    title = _("Start a bill run")
    template_name = "invoicing/start_bill_run.html"
    form_class = StartBillRunForm
    submit_label = _("Start")

    def initial(self, **ids: Any) -> Mapping[str, Any]:
        """Offer a due day."""
        return {"due_on": due_on(posted_on=clock.today(), terms_days=TERMS_DAYS)}

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Show what stands in the way, cycle by cycle."""
        cycles = BillCycle.objects.order_by("code")
        return {"checks": [(cycle, find_obstacles(cycle=cycle, on=clock.today())) for cycle in cycles]}

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Plan the run."""
        values = form.cleaned_data
        run = plan_bill_run(
            cycle_id=values["cycle"].pk,
            issued_on=clock.today(),
            due_on=values["due_on"],
            started_by=self.request.user,
            overridden=values["overridden"],
        )
        return Outcome(url=reverse("invoicing:bill-run", args=[run.pk]), message=gettext("The bill run is under way."))


class RunAction(ActionView):
    """A button on the page of a run."""

    def back_url(self, run_id: int) -> str:
        """Return the page of the run."""
        return reverse("invoicing:bill-run", args=[run_id])


class PostBillRun(RunAction):
    """The second person's button: numbers are given, the money becomes owed."""

    permission: ClassVar[str] = "invoicing.post_bill_run"
    title = _("Post the bill run")
    button = _("Post")
    is_dangerous = True

    def question(self, run_id: int) -> str:
        """Say the amount, and that there is no way back."""
        run = BillRun.objects.filter(pk=run_id).defer("reference").first()
        if run is None:
            return gettext("There is no such run.")
        amount = minor_html(run.gross_minor, currency=run.currency)
        return sentence_html(POST_QUESTION, {"count": run.billed_count, "amount": amount})

    def perform(self, run_id: int) -> Outcome:
        """Post."""
        post_bill_run(run_id=run_id, posted_by=self.request.user)
        return Outcome(url=self.back_url(run_id), message=gettext("The bills are being posted."))


class CancelBillRun(RunAction):
    """Throw the drafts away."""

    permission: ClassVar[str] = "invoicing.pause_bill_run"
    title = _("Cancel the bill run")
    button = _("Throw the drafts away")
    is_dangerous = True

    def perform(self, run_id: int) -> Outcome:
        """Cancel."""
        cancel_bill_run(run_id=run_id, actor=self.request.user)
        return Outcome(url=self.back_url(run_id), message=gettext("The run is cancelled; its period is open again."))


class PauseBillRun(RunAction):
    """Take no more pieces."""

    permission: ClassVar[str] = "invoicing.pause_bill_run"
    title = _("Pause the bill run")
    button = _("Pause")

    def perform(self, run_id: int) -> Outcome:
        """Pause."""
        pause_bill_run(run_id=run_id, actor=self.request.user)
        return Outcome(url=self.back_url(run_id), message=gettext("The run is paused."))


class ResumeBillRun(RunAction):
    """Go on."""

    permission: ClassVar[str] = "invoicing.pause_bill_run"
    title = _("Resume the bill run")
    button = _("Resume")

    def perform(self, run_id: int) -> Outcome:
        """Resume."""
        resume_bill_run(run_id=run_id, actor=self.request.user)
        return Outcome(url=self.back_url(run_id), message=gettext("The run goes on."))
