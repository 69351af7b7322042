"""Whether lines are being rated now."""

from billing_site.jobs.models import Job
from rating.models import UsageFile

JOB_KIND = "rating.rate_usage"
READY = (UsageFile.State.STAGED, UsageFile.State.BALANCED)
OPEN = (*READY, UsageFile.State.RATED)


def find_open_run() -> Job | None:
    """Return the run of which files are still open, if there is one."""
    files = UsageFile.objects.filter(state__in=OPEN).values("job_id")
    return Job.objects.filter(kind=JOB_KIND, pk__in=files).first()
