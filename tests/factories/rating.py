"""Usage: sources, files and rated records, made by the house's own operations."""

from datetime import UTC, datetime

from billing_site.jobs.models import Job
from rating.models import UsageFile, UsageSource
from rating.operations.rating_runs import rate_usage, work_on_run
from rating.operations.usage_files import load_usage_file

ARRIVED_AT = datetime(2026, 3, 6, 6, tzinfo=UTC)
COLUMNS = {"columns": {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3}, "field_count": 4}


def make_source(*, code: str = "X07", **fields) -> UsageSource:
    declared = {"dialect": "MAPPED_CSV", "column_map": COLUMNS, "time_zone": "Asia/Yerevan", "name": code, **fields}
    return UsageSource.objects.create(code=code, **declared)


def load_lines(source: UsageSource, *lines: str, name: str = "X07-20260305.csv", **fields) -> UsageFile:
    content = "".join(f"{line}\n" for line in lines).encode()
    return load_usage_file(source=source, name=name, content=content, arrived_at=ARRIVED_AT, **fields)


def rate_all(**sizes) -> Job:
    """Rate what is ready, in this process."""
    job = rate_usage(**sizes)
    assert job is not None
    while work_on_run(job_id=job.pk):
        pass
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message
    return job
