"""Rate what has arrived, and watch it."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from billing_site.core import clock
from billing_site.jobs.commands import FAILED, SET_ASIDE, WRONG_USE, HouseCommand
from billing_site.jobs.models import Job
from billing_site.jobs.work import drain
from rating.engine.stages import RECYCLE_LINES
from rating.models import UsageFile
from rating.operations.rating_runs import FileNotReady, rate_usage, work_on_run
from rating.operations.recycling import recycle_quarantine
from rating.queries.open_runs import READY

PAUSE_SECONDS = 0.2
BAR_WIDTH = 30


class Command(HouseCommand):
    """Exit code 0 done, 1 failed, 2 wrong use, 3 done with lines or files set aside."""

    help = """examples:
  python3 manage.py rate_usage
  python3 manage.py rate_usage --file 17 --file 18
  python3 manage.py rate_usage --no-wait
  python3 manage.py rate_usage --dry-run --json

Takes up the lines in quarantine that can be rated by now, then rates every usage file that is ready (or goes on with
an interrupted run), with whatever workers are there, and shows the progress of the job."""
    resume_hint = "The workers go on with the run. To go on here: python3 manage.py rate_usage"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files and how to go about it."""
        parser.add_argument(
            "--file", type=int, action="append", dest="files", help="the number of a file; may be repeated"
        )
        parser.add_argument("--no-wait", action="store_true", help="leave the work to the workers and return at once")
        parser.add_argument("--dry-run", action="store_true", help="say which files would be rated; write nothing")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object at the end")

    def handle(self, *_args: object, **options: Any) -> None:
        """Start or take up the run, work with it, and report."""
        if options["dry_run"]:
            self._say(options, {"state": "WOULD_RATE", "files": _ready(options["files"])})
            return
        if recycle_quarantine(now=clock.now(), everything=True) is not None:
            drain(RECYCLE_LINES)
        try:
            job = rate_usage(file_ids=options["files"])
        except FileNotReady as error:
            message = f"{error.message} Ready are: {_ready(None) or 'none'}."
            raise CommandError(message, returncode=WRONG_USE) from error
        if job is None:
            self._say(options, {"state": "NOTHING_TO_RATE", "files": []})
            return
        if not options["no_wait"]:
            job = self._watch(job)
        self._say(options, {"state": str(job.state), "job_id": job.pk, "message": job.message, **job.result})
        if job.state == Job.State.FAILED:
            raise SystemExit(FAILED)
        if job.set_aside_units or job.result.get("held_files"):
            raise SystemExit(SET_ASIDE)

    def _watch(self, job: Job) -> Job:
        """Work until the job is finished, in this process beside whatever workers there are."""
        is_terminal = self.stdout.isatty()
        while not job.is_finished:
            if not work_on_run(job_id=job.pk):
                time.sleep(PAUSE_SECONDS)
            job.refresh_from_db()
            if is_terminal:
                self.stdout.write("\r" + _bar(job), ending="")
        if is_terminal:
            self.stdout.write("")
        return job

    def _say(self, options: dict[str, Any], report: dict[str, Any]) -> None:
        if options["as_json"]:
            self.print_json(report)
        else:
            self.stdout.write("  ".join(f"{name}: {value}" for name, value in report.items() if value or value == 0))


def _ready(file_ids: list[int] | None) -> list[int]:
    files = UsageFile.objects.filter(state__in=READY).order_by("pk")
    if file_ids is not None:
        files = files.filter(pk__in=file_ids)
    return list(files.values_list("pk", flat=True))


def _bar(job: Job) -> str:
    done = BAR_WIDTH * job.done_units // job.total_units if job.total_units else BAR_WIDTH
    counts = f"{job.done_units} of {job.total_units}, {job.set_aside_units} set aside"
    return f"{job.stage:<6} [{'#' * done:<{BAR_WIDTH}}] {counts}"
