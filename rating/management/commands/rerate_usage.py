"""Show what usage would cost if it were priced again, and go on with what was approved."""

import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.money import micro_to_decimal
from billing_site.jobs.commands import FAILED, REFUSED, SET_ASIDE, WRONG_USE, HouseCommand, written_day
from billing_site.jobs.models import Job
from rating.models import Rerating
from rating.operations.rerating import ReratingAccountUnknown, propose_rerating, resume_rerating, work_on_rerating
from rating.queries.reratings import count_in_scope, sum_rerating
from tariffs.models import Plan, Zone

PAUSE_SECONDS = 0.2
ONE_DAY = timedelta(days=1)


class Command(HouseCommand):
    """Exit code 0 done, 1 failed, 2 wrong use, 3 done with records that have no price today, 4 refused."""

    help = """examples:
  python3 manage.py rerate_usage --from 2026-02-01 --to 2026-02-28 --reason "file of the 7th came late"
  python3 manage.py rerate_usage --from 2026-02-01 --to 2026-02-28 --plan HOME-BUNDLE --reason "wrong plan" --json
  python3 manage.py rerate_usage --from 2026-02-01 --to 2026-02-28 --account 100000016 --reason "category" --dry-run
  python3 manage.py rerate_usage --go-on 7

Proposes to price usage again by the prices of its own days and waits for the preview. Nothing is written until a person
approves it under /usage/rerating/; then the workers write, or --go-on does it here."""
    resume_hint = "To go on: python3 manage.py rerate_usage --go-on NUMBER (the number is under /usage/rerating/)"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the scope and the reason, or the number of a re-rating to go on with."""
        parser.add_argument("--from", type=written_day, dest="first_on", help="first day of usage, YYYY-MM-DD")
        parser.add_argument("--to", type=written_day, dest="last_on", help="last day of usage, YYYY-MM-DD")
        parser.add_argument("--plan", help="code of a plan: accounts with usage by it")
        parser.add_argument("--zone", help="code of a zone: accounts with usage to it")
        parser.add_argument("--account", action="append", default=[], help="number of an account; may be repeated")
        parser.add_argument("--reason", default="", help="stays with the re-rating and its corrections")
        parser.add_argument("--go-on", type=int, dest="rerating_id", help="number of a re-rating with work left")
        parser.add_argument("--dry-run", action="store_true", help="say how much would be priced; propose nothing")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object at the end")

    def handle(self, *_args: object, **options: Any) -> None:
        """Propose or go on, work with it, and report."""
        try:
            rerating = self._begin(options)
        except ReratingAccountUnknown as error:
            raise CommandError(error.message, returncode=WRONG_USE) from error
        except BillingError as error:
            raise CommandError(error.message, returncode=REFUSED) from error
        if rerating is None:
            return
        job = self._watch(rerating.job_id)
        rerating.refresh_from_db()
        self._report(rerating, job, options)

    def _begin(self, options: dict[str, Any]) -> Rerating | None:
        if options["rerating_id"] is not None:
            if not Rerating.objects.filter(pk=options["rerating_id"]).exists():
                message = f"There is no re-rating {options['rerating_id']}."
                raise CommandError(message, returncode=WRONG_USE)
            return resume_rerating(rerating_id=options["rerating_id"], actor=None)
        if options["first_on"] is None or options["last_on"] is None:
            message = "Say which days: --from YYYY-MM-DD --to YYYY-MM-DD"
            raise CommandError(message, returncode=WRONG_USE)
        plan, zone = _id_of(Plan, options["plan"]), _id_of(Zone, options["zone"])
        until = options["last_on"] + ONE_DAY
        if options["dry_run"]:
            found = count_in_scope(used_from=options["first_on"], used_until=until, numbers=options["account"])
            self._say(options, {"state": "WOULD_PROPOSE", **found})
            return None
        return propose_rerating(
            used_from=options["first_on"],
            used_until=until,
            reason=options["reason"],
            today=clock.today(),
            actor=None,
            plan_id=plan,
            zone_id=zone,
            account_numbers=options["account"],
        )

    def _watch(self, job_id: int | None) -> Job:
        """Work until the job is finished, in this process beside whatever workers there are."""
        job = Job.objects.get(pk=job_id or 0)
        while not job.is_finished:
            if not work_on_rerating(job_id=job.pk):
                time.sleep(PAUSE_SECONDS)
            job.refresh_from_db()
        return job

    def _report(self, rerating: Rerating, job: Job, options: dict[str, Any]) -> None:
        sums = sum_rerating(rerating_id=rerating.pk)
        report = {
            "state": str(rerating.state),
            "rerating": rerating.pk,
            "accounts": sums.account_count,
            "records": sums.record_count,
            **{name: str(micro_to_decimal(value)) for name, value in (
                ("old", sums.old_micro), ("new", sums.new_micro), ("billed", sums.billed_micro),
                ("written", sums.written_micro),
            )},
            "unpriced": sums.unpriced_count,
        }  # fmt: skip
        self._say(options, report)
        if job.state == Job.State.FAILED:
            self.stderr.write(job.message)
            raise SystemExit(FAILED)
        if sums.unpriced_count:
            raise SystemExit(SET_ASIDE)

    def _say(self, options: dict[str, Any], report: dict[str, Any]) -> None:
        if options["as_json"]:
            self.print_json(report)
        else:
            self.stdout.write("  ".join(f"{name}: {value}" for name, value in report.items()))


def _id_of(model: type[Plan] | type[Zone], code: str | None) -> int | None:
    """Return the id of a code; without one, nothing."""
    if code is None:
        return None
    codes = dict(model.objects.order_by("code").values_list("code", "pk"))
    if code not in codes:
        message = f"{model.__name__} {code} is not known. There are: {', '.join(codes) or 'none'}."
        raise CommandError(message, returncode=WRONG_USE)
    return int(codes[code])
