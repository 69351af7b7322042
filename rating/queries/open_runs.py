"""Whether lines are being rated now."""

from django.db.models import Q

from billing_site.jobs.models import Job, WorkItem
from rating.models import UsageFile

# The last piece of a run; only then another one begins.
CHECK_RUN = "rating.check_run"
JOB_KIND = "rating.rate_usage"
READY = (UsageFile.State.STAGED, UsageFile.State.BALANCED)
OPEN = (*READY, UsageFile.State.RATED)


def find_open_run() -> Job | None:
    """Return the run of which files are still open or whose limits are not checked, if there is one."""
    with_files = UsageFile.objects.filter(state__in=OPEN).values("job_id")
    unchecked = WorkItem.objects.filter(kind=CHECK_RUN).exclude(state=WorkItem.State.DONE).values("job_id")
    return Job.objects.filter(Q(pk__in=with_files) | Q(pk__in=unchecked), kind=JOB_KIND).order_by("pk").first()
