"""``manage.py run_dunning``: remind, bar and hand over what is overdue, or say what that would be."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import CommandError

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.identity.models import User
from billing_site.jobs.commands import FAILED, REFUSED, WRONG_USE, HouseCommand, written_day
from billing_site.jobs.models import WorkItem
from billing_site.jobs.work import drain
from payments.models import DunningAct, DunningRun
from payments.operations.dunning_runs import DUN, start_dunning_run
from payments.queries.dunning_estimates import estimate_dunning


class Command(HouseCommand):
    """The dunning run of a day."""

    help = """examples:
  python3 manage.py run_dunning --dry-run
  python3 manage.py run_dunning --inline
  python3 manage.py run_dunning --as-of 2026-03-05 --by specialist --json

Takes for each account in debt the step that its policy says, one a day at most. Run again it goes on where it stopped.
Workers do the pieces; --inline does them in this process.
Exit 0: done; 1: failed; 2: wrong use; 4: refused."""
    resume_hint = "What is done stays. To go on: python3 manage.py run_dunning"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the day and how to do it."""
        parser.add_argument("--as-of", type=written_day, help="the run's day, YYYY-MM-DD; today when left out")
        parser.add_argument("--by", help="who does it: a user name; nobody when left out, as at night")
        parser.add_argument("--inline", action="store_true", help="do the pieces in this process")
        parser.add_argument("--dry-run", action="store_true", help="count what would be done; no effect")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one object on the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or count it."""
        day = options["as_of"] or clock.today()
        if options["dry_run"]:
            self._estimate(day, as_json=options["as_json"])
            return
        try:
            run = start_dunning_run(day=day, today=clock.today(), started_by=self._person(options["by"]))
        except BillingError as error:
            raise CommandError(error.message, returncode=REFUSED) from error
        if options["inline"]:
            drain(DUN)
        self._report(run, as_json=options["as_json"])

    def _estimate(self, day: date, *, as_json: bool) -> None:
        found = estimate_dunning(day=day)
        if as_json:
            steps = [
                {
                    "policy": row.policy_code,
                    "step": row.step.n,
                    "action": row.step.action,
                    "department": row.department,
                    "accounts": row.account_count,
                    "overdue_minor": row.overdue_minor,
                }
                for row in found.rows
            ]
            self.print_json({"day": day.isoformat(), "dry_run": True, "steps": steps, "left_alone": found.left_alone})
            return
        for row in found.rows:
            name = row.department.get("en", "")
            self.stdout.write(
                f"{row.policy_code:<12} {row.step.n:>2} {row.step.action:<12} {name:<24}"
                f" {row.account_count:>8} accounts {row.overdue_minor:>16} minor units"
            )
        for obstacle, count in sorted(found.left_alone.items()):
            self.stdout.write(f"left alone: {obstacle:<16} {count:>8} accounts")
        self.stdout.write(f"{found.account_count} accounts would be dunned on {day}; nothing was written.")

    def _report(self, run: DunningRun, *, as_json: bool) -> None:
        run.refresh_from_db()
        steps = DunningAct.objects.filter(run=run).count()
        parked = WorkItem.objects.filter(job=run.job, state=WorkItem.State.PARKED).first()
        if parked is not None:
            raise CommandError(f"A piece failed three times: {parked.last_error}", returncode=FAILED)
        if as_json:
            done = {"day": run.day.isoformat(), "state": run.state, "accounts": run.account_count, "steps": steps}
            self.print_json({"run": run.pk, **done})
            return
        self.stdout.write(f"Run of {run.day}: {run.state.lower()}, {run.account_count} accounts, {steps} steps taken.")

    def _person(self, username: str | None) -> User | None:
        if username is None:
            return None
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"There is no user {username}.", returncode=WRONG_USE)
        return person
