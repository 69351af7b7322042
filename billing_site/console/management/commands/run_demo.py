"""Load the demo operator and live through its month."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from billing_site.console.demo.scale import SCALES
from billing_site.console.demo.steps import Workforce, run_steps
from billing_site.console.demo.story_line import show_today, steps_of
from billing_site.console.demo.summary import say_summary
from billing_site.core.errors import BillingError


class Command(BaseCommand):
    """The demo's data; called by ``manage.py demo`` with workers and beat running."""

    help = (
        "Examples: manage.py run_demo    manage.py run_demo --inline    manage.py run_demo --size tiny\n"
        "Loads the demo operator through the same operations as the screens; run again, it goes on where it stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--size", choices=sorted(SCALES), default="small", help="how many accounts and days")
        parser.add_argument(
            "--inline", action="store_true", help="do background work in this process instead of waiting for workers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is not done yet, then say what is there."""
        if settings.PRODUCTION:
            message = "The demo moves the clock and shows its passwords: it is refused in production mode."
            raise CommandError(message)
        scale = SCALES[options["size"]]
        workforce = Workforce(is_inline=options["inline"])
        try:
            show_today()
            run_steps(steps_of(scale=scale, workforce=workforce), say=self.stderr.write)
        except BillingError as error:
            raise CommandError(error.message) from error
        say_summary(say=self.stdout.write, shows_passwords=True)
