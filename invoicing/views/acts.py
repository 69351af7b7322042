"""What people do to bill runs: start, pause, resume, cancel, post."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import DatePeriod
from billing_site.identity.http import StaffRequest
from billing_site.identity.models import User
from billing_site.web.addresses import url_if_open
from billing_site.web.refusals import sentence_html
from billing_site.web.views import ActionView, FormPage, Outcome
from billing_site.web.wrapping import minor_html
from invoicing.domain.due_dates import due_on
from invoicing.forms import StartBillRunForm
from invoicing.models import BillRun
from invoicing.operations.bill_run_control import cancel_bill_run, pause_bill_run, resume_bill_run
from invoicing.operations.bill_run_parked import catch_up_bill_run
from invoicing.operations.bill_run_planning import plan_bill_run
from invoicing.operations.bill_run_posting import post_bill_run
from invoicing.queries.readiness import Finding, find_obstacles, period_to_bill, pilots_of
from subscribers.models import BillCycle

TERMS_DAYS = 20
POST_QUESTION = gettext_noop(
    "Post %(count)s bills, %(amount)s in all? Numbers are given and the money becomes owed. This is irrevocable."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleCheck:
    """A cycle with its period that is due, its pilots, and what stands in the way, each with where it is mended."""

    cycle: BillCycle
    period: DatePeriod
    pilots: Sequence[BillRun]
    findings: Sequence[tuple[Finding, str]]


def checks_of_cycles(*, reader: User) -> list[CycleCheck]:
    """Return what stands in the way of each cycle's next run."""
    found = []
    for cycle in BillCycle.objects.order_by("code"):
        period = period_to_bill(cycle=cycle)
        findings = find_obstacles(cycle=cycle, on=clock.today())
        found.append(
            CycleCheck(
                cycle=cycle,
                period=period,
                pilots=pilots_of(cycle=cycle, period=period),
                findings=[(finding, mend_url(finding, reader=reader)) for finding in findings],
            )
        )
    return found


def mend_url(finding: Finding, *, reader: User) -> str:
    """Return the address where a finding is mended; empty where there is no page for it, or none for this person."""
    return url_if_open(reader, finding.url_name, *finding.url_ids) if finding.url_name else ""


def usual_values(request: StaffRequest) -> dict[str, Any]:
    """Return what a form of a run begins with: a due day, and the cycle named by the address."""
    known = {"due_on": due_on(posted_on=clock.today(), terms_days=TERMS_DAYS)}
    cycle = BillCycle.objects.filter(code=request.GET.get("cycle", "")).first()
    return {**known, "cycle": cycle.pk} if cycle is not None else known


class StartBillRun(FormPage):
    """Choose a cycle, see what stands in the way, start."""

    permission: ClassVar[str] = "invoicing.start_bill_run"
    title = _("Start a bill run")
    template_name = "invoicing/start_bill_run.html"
    form_class = StartBillRunForm
    submit_label = _("Start")

    def initial(self, **ids: Any) -> Mapping[str, Any]:
        """Offer a due day, and the cycle of the preview that the person comes from."""
        return usual_values(self.request)

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Show what stands in the way, cycle by cycle."""
        return {"checks": checks_of_cycles(reader=self.request.user)}

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Plan the run."""
        values = form.cleaned_data
        run = plan_bill_run(
            cycle_id=values["cycle"].pk,
            issued_on=clock.today(),
            due_on=values["due_on"],
            started_by=self.request.user,
            overridden=values["overridden"],
            reason=values["reason"],
            kind=form.kind(),
            rule=form.rule(),
            checked=values["checked"],
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


class CatchUpBillRun(RunAction):
    """A small run of what a posted run set aside."""

    permission: ClassVar[str] = "invoicing.catch_up_bill_run"
    title = _("Bill what was set aside")
    button = _("Start a small run")

    def perform(self, run_id: int) -> Outcome:
        """Plan it for today."""
        today = clock.today()
        run = catch_up_bill_run(
            run_id=run_id,
            issued_on=today,
            due_on=due_on(posted_on=today, terms_days=TERMS_DAYS),
            started_by=self.request.user,
        )
        return Outcome(url=self.back_url(run.pk), message=gettext("The bill run is under way."))


class ResumeBillRun(RunAction):
    """Go on."""

    permission: ClassVar[str] = "invoicing.pause_bill_run"
    title = _("Resume the bill run")
    button = _("Resume")

    def perform(self, run_id: int) -> Outcome:
        """Resume."""
        resume_bill_run(run_id=run_id, actor=self.request.user)
        return Outcome(url=self.back_url(run_id), message=gettext("The run goes on."))
