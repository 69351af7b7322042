"""Large files and large books: how far the workers are, and what came of it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.core.messages import Message
from billing_site.identity.http import StaffRequest
from billing_site.jobs.models import Job
from billing_site.web.job_panel import STOP_POLLING, JobLinks, job_panel_response, make_job_panel
from billing_site.web.views import DetailPage, StaffPage
from reconciliation.domain.accounting_files import ClassSum, LineFault, TurnoverLine
from reconciliation.operations.accounting_files import LoadOutcome
from reconciliation.operations.book_jobs import COMPARE, TAKE_FILE, whole_values
from reconciliation.views.accounting_files import preview_of


class BookJobPage(DetailPage[Job]):
    """A job on both books: its panel, and when it has ended what it came to."""

    permission: ClassVar[str] = "reconciliation.view_book_comparisons"
    template_name = "reconciliation/book_job.html"

    def subject(self, job_id: int) -> Job:
        """Return the job."""
        return get_job(job_id)

    def page_title(self, subject: Job) -> str:
        """Name the page."""
        return str(_("Billing against accounting") if subject.kind == COMPARE else _("Load the accounting ledger"))

    def more(self, subject: Job) -> Mapping[str, Any]:
        """Return the panel, and the result, the refusal, or what the file says."""
        refusal, preview = subject.result.get("refusal"), subject.result.get("preview")
        may_load = self.request.user.may("reconciliation.load_accounting_file")
        return {
            "panel": make_job_panel(job=subject, links=links_of(subject), now=clock.now()),
            "refusal": Message(msgid=refusal["sentence"], params=whole_values(refusal["values"])) if refusal else None,
            "result_url": _result_url(subject),
            "again_url": reverse("reconciliation:load-accounting-file"),
            "is_seen": preview is not None,
            "may_load": may_load,
            **(_preview(subject, preview) if preview else {}),
        }


class BookJobPanel(StaffPage):
    """The panel's own address: asked each second; once the job ended the page is loaded again."""

    permission: ClassVar[str] = "reconciliation.view_book_comparisons"

    def get(self, request: StaffRequest, job_id: int) -> HttpResponse:
        """Answer how far it is."""
        job = get_job(job_id)
        response = job_panel_response(request, job=job, links=links_of(job))
        if response.status_code == STOP_POLLING:
            response["HX-Refresh"] = "true"
        return response


def get_job(job_id: int) -> Job:
    """Return a job on both books, or raise ``Http404``."""
    job = Job.objects.filter(pk=job_id, kind__in=[COMPARE, TAKE_FILE]).first()
    if job is None:
        raise Http404
    return job


def links_of(job: Job) -> JobLinks:
    """Return the addresses of the panel."""
    return JobLinks(panel=reverse("reconciliation:book-job-panel", args=[job.pk]))


def _result_url(job: Job) -> str:
    """Return the page of what was made: the comparison, or the file."""
    if "comparison_id" in job.result:
        return reverse("reconciliation:book-comparison", args=[job.result["comparison_id"]])
    if "file_id" in job.result:
        return reverse("reconciliation:accounting-file", args=[job.result["file_id"]])
    return ""


def _preview(job: Job, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page shows of a file that a job has read."""
    outcome = LoadOutcome(
        sums={
            code: ClassSum(
                has_accounts=True, line_count=count, opening=opening, debit=debit, credit=credit, closing=last
            )
            for code, (count, opening, debit, credit, last) in kept["sums"].items()
        },
        first_lines=[TurnoverLine(*line) for line in kept["first_lines"]],
        faults=tuple(
            LineFault(
                line_number=one["line"],
                field=one["field"],
                value=one["value"],
                sentence=one["sentence"],
                values=whole_values(one["values"]),
            )
            for one in kept["faults"]
        ),
    )
    return preview_of(outcome, job.parameters["seen"], sha256=job.parameters["sha256"])
