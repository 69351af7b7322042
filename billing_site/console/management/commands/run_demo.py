"""Load the demo operator and live through its month."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from billing_site.console.demo.scale import SCALES
from billing_site.console.demo.steps import Workforce, is_done, run_steps
from billing_site.console.demo.story_line import show_today, steps_of
from billing_site.console.demo.summary import say_summary
from billing_site.core.errors import BillingError
from billing_site.jobs.commands import FAILED, REFUSED, HouseCommand


class Command(HouseCommand):
    """The demo's data; called by ``manage.py demo`` with workers and beat running."""

    help = """examples:
  python3 manage.py run_demo
  python3 manage.py run_demo --inline --size tiny
  python3 manage.py run_demo --dry-run --json

Loads the demo operator through the same operations as the screens; run again, it goes on where it stopped."""
    resume_hint = "What is done stays. To go on: python3 manage.py run_demo"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--size", choices=sorted(SCALES), default="small", help="how many accounts and days")
        parser.add_argument(
            "--inline", action="store_true", help="do background work in this process instead of waiting for workers"
        )
        parser.add_argument("--dry-run", action="store_true", help="name the steps and which are done; write nothing")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON object as the last line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is not done yet, then say what is there."""
        if settings.PRODUCTION:
            message = "The demo moves the clock and shows its passwords: it is refused in production mode."
            raise CommandError(message, returncode=REFUSED)
        workforce = Workforce(is_inline=options["inline"])
        steps = steps_of(scale=SCALES[options["size"]], workforce=workforce)
        if not options["dry_run"]:
            try:
                show_today()
                run_steps(steps, say=self.stderr.write)
            except BillingError as error:
                raise CommandError(f"{error.message} {self.resume_hint}", returncode=FAILED) from error
            say_summary(say=self.stdout.write, shows_passwords=True)
        found = [{"step": step.key, "title": step.title, "done": is_done(step.key)} for step in steps]
        if options["as_json"]:
            self.print_json({"dry_run": options["dry_run"], "steps": found})
        elif options["dry_run"]:
            for row in found:
                self.stdout.write(f"{'done before' if row['done'] else 'would do':<12} {row['title']}")
