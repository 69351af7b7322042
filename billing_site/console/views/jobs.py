"""All long jobs: the list, one job, its panel, and pausing, resuming or cancelling it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from billing_site.audit.recording import record
from billing_site.core import clock
from billing_site.db.transactions import durable
from billing_site.identity.http import StaffRequest
from billing_site.identity.models import User
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.progress import cancel_job, pause_job, resume_job
from billing_site.web.job_panel import JobLinks, JobPanel, job_panel_response, job_title, make_job_panel
from billing_site.web.states import state_choices
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, ListPage, Outcome

MOST_PARKED = 50


def links_of(job: Job, *, person: User) -> JobLinks:
    """Return the addresses of a job's panel: buttons only for who may press them."""
    panel, detail = reverse("console:job-panel", args=[job.pk]), reverse("console:job", args=[job.pk])
    if not person.may("console.control_jobs"):
        return JobLinks(panel=panel, detail=detail)
    pause, cancel, resume = (reverse(f"console:{act}-job", args=[job.pk]) for act in ("pause", "cancel", "resume"))
    return JobLinks(panel=panel, detail=detail, pause=pause, cancel=cancel, resume=resume)


def panel_of(job: Job, *, person: User) -> JobPanel:
    """Return a job's panel as it stands now."""
    return make_job_panel(job=job, links=links_of(job, person=person), now=clock.now())


def get_job(job_id: int) -> Job:
    """
    Return a job.

    :raises Http404: if there is none
    """
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise Http404
    return job


class JobFilter(forms.Form):
    """Jobs in one state."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("All")), *state_choices(Job.State.values)],
    )


class JobList(ListPage[Job]):
    """All jobs, the latest first."""

    permission = "console.view_jobs"
    title = gettext_lazy("Jobs")
    columns = (
        Column(label=gettext_lazy("Job"), value=job_title, kind=Kind.SENTENCE),
        Column(label=gettext_lazy("State"), value="state", kind=Kind.STATE),
        Column(label=gettext_lazy("Done"), value="done_units", kind=Kind.NUM),
        Column(label=gettext_lazy("Of"), value="total_units", kind=Kind.NUM),
        Column(label=gettext_lazy("Set aside"), value="set_aside_units", kind=Kind.NUM),
        Column(label=gettext_lazy("Started"), value="started_at", kind=Kind.STAMP),
        Column(label=gettext_lazy("Ended"), value="finished_at", kind=Kind.STAMP),
        Column(label=gettext_lazy("By"), value="started_by"),
    )
    filter_form = JobFilter
    empty = gettext_lazy("No job yet. Loading usage, rating and bill runs start them.")

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[Job]":
        """Return the jobs of a state, or all."""
        jobs = Job.objects.all()
        return jobs.filter(state=filters["state"]) if filters.get("state") else jobs

    def row_href(self, row: Job) -> str:
        """Lead to the job."""
        return reverse("console:job", args=[row.pk])


class JobPage(DetailPage[Job]):
    """One job: its panel and the pieces that were parked."""

    permission = "console.view_jobs"
    template_name = "console/job.html"
    columns: ClassVar[tuple[Column[WorkItem], ...]] = (
        Column(label=gettext_lazy("Piece of work"), value=lambda item: f"{item.kind} {item.key}", kind=Kind.CODE),
        Column(label=gettext_lazy("Attempts"), value="attempt", kind=Kind.NUM),
        Column(label=gettext_lazy("Last error"), value="last_error"),
        Column(label=gettext_lazy("Ended"), value="finished_at", kind=Kind.STAMP),
    )

    def subject(self, job_id: int) -> Job:
        """Return the job."""
        return get_job(job_id)

    def page_title(self, subject: Job) -> str:
        """Call the page by the job."""
        return job_title(subject)

    def more(self, subject: Job) -> Mapping[str, Any]:
        """Return the panel and the parked pieces."""
        parked = WorkItem.objects.filter(job=subject, state=WorkItem.State.PARKED).order_by("id")[:MOST_PARKED]
        table = Table(columns=self.columns, rows=list(parked), caption=_("Pieces set aside after three attempts"))
        return {"panel": panel_of(subject, person=self.request.user), "parked": table}


class JobPanelView(DetailPage[Job]):
    """The panel's own question, each second."""

    permission = "console.view_jobs"

    def get(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Answer it."""
        job = get_job(ids["job_id"])
        return job_panel_response(request, job=job, links=links_of(job, person=request.user))


class ControlJob(ActionView):
    """What the three buttons share."""

    permission = "console.control_jobs"

    def back_url(self, job_id: int) -> str:
        """Return the job's page."""
        return reverse("console:job", args=[job_id])

    def question(self, job_id: int) -> str | Promise:
        """Name the job."""
        return f"{self.title}: {job_title(get_job(job_id))}"

    def perform(self, job_id: int) -> Outcome:
        """Change the job and record who did."""
        self.change(job_id=job_id, actor=self.request.user)
        return Outcome(url=self.back_url(job_id))

    def change(self, *, job_id: int, actor: User) -> None:
        """Change it."""
        raise NotImplementedError


class PauseJob(ControlJob):
    """Stop taking new pieces."""

    title = gettext_lazy("Pause the job")
    button = gettext_lazy("Pause")

    @durable
    def change(self, *, job_id: int, actor: User) -> None:
        """Pause it."""
        pause_job(job_id=job_id)
        record("console.pause_job", actor=actor, subject=get_job(job_id))


class ResumeJob(ControlJob):
    """Take pieces again."""

    title = gettext_lazy("Resume the job")
    button = gettext_lazy("Resume")

    @durable
    def change(self, *, job_id: int, actor: User) -> None:
        """Resume it."""
        resume_job(job_id=job_id)
        record("console.resume_job", actor=actor, subject=get_job(job_id))


class CancelJob(ControlJob):
    """End it after the pieces under way."""

    title = gettext_lazy("Cancel the job")
    button = gettext_lazy("Cancel the job")
    is_dangerous = True

    @durable
    def change(self, *, job_id: int, actor: User) -> None:
        """Cancel it."""
        cancel_job(job_id=job_id)
        record("console.cancel_job", actor=actor, subject=get_job(job_id))
