"""Lines that wait, and what makes them rate, as people and the clock do it."""

from collections import Counter
from datetime import timedelta

from billing_site.jobs.models import Job
from billing_site.jobs.work import drain
from rating.engine.stages import RECYCLE_LINES
from rating.models import RatedUsage, SetAsideLine, UsageFile
from rating.operations.estimates import estimate_lines
from rating.operations.recycling import recycle_lines, recycle_quarantine
from rating.queries.quarantine import LineChoice
from tests.factories.rating import ARRIVED_AT

LATER = ARRIVED_AT + timedelta(hours=2)


def recycle(*, actor=None, **choice) -> Job:
    """Take chosen lines up again, in this process."""
    job = recycle_lines(choice=LineChoice(**choice), actor=actor)
    return finished(job)


def minute_passes(*, at=LATER) -> Job | None:
    """Do what the clock's task does each minute, and the work that it starts."""
    job = recycle_quarantine(now=at)
    drain(RECYCLE_LINES)
    estimate_lines(now=at)
    return None if job is None else finished(job)


def finished(job: Job) -> Job:
    drain(RECYCLE_LINES)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message
    return job


def ends(file: UsageFile) -> dict[str, int]:
    """How the lines of a file ended, counted from the rows; the file's own counters must say the same."""
    file.refresh_from_db()
    aside = SetAsideLine.objects.filter(file_id=file.pk)
    rows = Counter(aside.exclude(outcome="TAKEN_UP").values_list("outcome", flat=True))
    rows["RATED"] = RatedUsage.objects.filter(file_id=file.pk).count()
    names = ("RATED", *(name for name in SetAsideLine.Outcome.values if name != "TAKEN_UP"))
    said = {name: getattr(file, f"{name.lower()}_count") for name in names}
    assert {name: count for name, count in said.items() if count} == {n: c for n, c in rows.items() if c}
    assert file.line_count == sum(rows.values())
    assert file.state == UsageFile.State.CLOSED
    seconds = ("rated", "duplicate", "joined", "quarantined", "written_off")
    assert file.total_seconds == sum(getattr(file, f"{name}_seconds") for name in seconds)
    return {name: count for name, count in rows.items() if count}
