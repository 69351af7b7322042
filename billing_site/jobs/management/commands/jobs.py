"""``manage.py jobs``: what runs, and pausing, resuming or cancelling it."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Count

from billing_site.jobs.commands import REFUSED, WRONG_USE, HouseCommand
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.progress import JobCannotChange, cancel_job, pause_job, resume_job

LISTED = 20
ACTS: dict[str, Callable[..., None]] = {"pause": pause_job, "resume": resume_job, "cancel": cancel_job}


class Command(HouseCommand):
    """List jobs, show one, pause, resume or cancel it."""

    help = """examples:
  python3 manage.py jobs list
  python3 manage.py jobs show 12 --json
  python3 manage.py jobs pause 12

Exit 0: done; 2: wrong use or no such job; 4: refused, the job is in another state."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the act and the job."""
        parser.add_argument("act", choices=["list", "show", *ACTS], help="what to do")
        parser.add_argument("job", nargs="?", type=int, help="number of the job")
        parser.add_argument("--all", action="store_true", dest="all_jobs", help="list finished jobs as well")
        parser.add_argument("--dry-run", action="store_true", help="name the job; change nothing")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one object on the last line")

    def handle(self, *args: Any, act: str, job: int | None, **options: Any) -> None:
        """List, show or act."""
        if act == "list":
            self._list(all_jobs=options["all_jobs"], as_json=options["as_json"])
            return
        if job is None or not Job.objects.filter(pk=job).exists():
            known = "manage.py jobs list --all names them"
            raise CommandError(f"Which job? Type: manage.py jobs {act} NUMBER; {known}.", returncode=WRONG_USE)
        if act in ACTS and not options["dry_run"]:
            try:
                ACTS[act](job_id=job)
            except JobCannotChange as error:
                raise CommandError(str(error), returncode=REFUSED) from error
        self._show(job, as_json=options["as_json"])

    def _list(self, *, all_jobs: bool, as_json: bool) -> None:
        rows = Job.objects.order_by("-id")
        if not all_jobs:
            rows = rows.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED])
        found = [_values(row) for row in rows[:LISTED]]
        if as_json:
            self.print_json({"jobs": found})
            return
        for row in found:
            self.stdout.write("{id:>6} {state:<10} {done_units}/{total_units} {title}".format(**row))
        if not found:
            self.stdout.write("No job." if all_jobs else "No job runs. manage.py jobs list --all shows finished ones.")

    def _show(self, job_id: int, *, as_json: bool) -> None:
        row = Job.objects.get(pk=job_id)
        items = WorkItem.objects.filter(job_id=job_id).values_list("state").annotate(Count("id")).order_by("state")
        values = {**_values(row), "work_items": dict(items)}
        if as_json:
            self.print_json(values)
            return
        for name, value in values.items():
            self.stdout.write(f"{name:<16} {value}")


def _values(job: Job) -> dict[str, Any]:
    return {
        "id": job.pk,
        "kind": job.kind,
        "title": str(job),
        "state": job.state,
        "stage": job.stage,
        "done_units": job.done_units,
        "total_units": job.total_units,
        "set_aside_units": job.set_aside_units,
        "started_by": job.started_by,
        "message": job.fill_message(job.message),
    }
