"""What a worker does with a version: its panel on the version's page, asked for each second."""

from typing import ClassVar

from django.http import Http404, HttpResponse
from django.urls import reverse

from billing_site.core import clock
from billing_site.identity.http import StaffRequest
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from billing_site.web.job_panel import JobLinks, JobPanel, job_panel_response, make_job_panel
from billing_site.web.views import StaffPage
from tariffs.models import PlanVersion
from tariffs.operations.long_work import UNDER_WAY, find_long_work, is_about_now


class VersionJob(StaffPage):
    """The panel's own question."""

    permission: ClassVar[str] = "tariffs.view_plans"

    def get(self, request: StaffRequest, version_id: int) -> HttpResponse:
        """Answer how far the worker is with the version."""
        version = PlanVersion.objects.filter(pk=version_id).first()
        job = find_long_work(version) if version else None
        if version is None or job is None:
            raise Http404
        return job_panel_response(request, job=job, links=_links(version, job=job, user=request.user))


def panel_of(job: Job | None, *, version: PlanVersion, user: User) -> JobPanel | None:
    """Return the panel of a job that is under way, or has failed and nothing was changed since; others need none."""
    has_failed = job is not None and job.state == Job.State.FAILED and is_about_now(job, version=version)
    if job is None or not (has_failed or job.state in UNDER_WAY):
        return None
    return make_job_panel(job=job, links=_links(version, job=job, user=user), now=clock.now())


def _links(version: PlanVersion, *, job: Job, user: User) -> JobLinks:
    """Return the addresses of the panel, and of the page on which the job is cancelled, for who sees jobs."""
    detail = reverse("console:job", args=[job.pk]) if user.has_perm("console.view_jobs") else ""
    return JobLinks(panel=reverse("tariffs:plan-version-job", args=[version.pk]), detail=detail)
