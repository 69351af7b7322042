"""Detach the records whose time is over."""

from argparse import ArgumentParser
from typing import Any

from billing_site.core import clock
from billing_site.jobs.commands import REFUSED, HouseCommand, written_day
from rating.operations.retention import detach_old_usage
from rating.queries.retention import retention_limit


class Command(HouseCommand):
    """Exit code 0 done, 4 some days had to stay."""

    help = """examples:
  python3 manage.py detach_usage --dry-run
  python3 manage.py detach_usage
  python3 manage.py detach_usage --before 2025-02-01 --json

Takes the days of rated records that are older than the months of the setting, billed to the end and under no hold, out
of the tables; what they summed to stays. Says of every other old day why it must stay."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the limit and how to go about it."""
        parser.add_argument("--before", type=written_day, help="first day to stay; by the setting when left out")
        parser.add_argument("--dry-run", action="store_true", help="say what would be detached; write nothing")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *_args: object, **options: Any) -> None:
        """Detach, and report."""
        before = options["before"] or retention_limit(today=clock.today())
        done = detach_old_usage(before=before, actor=None, is_dry=options["dry_run"])
        detached = [day.isoformat() for day in done.detached]
        kept = {one.day.isoformat(): str(one.reason) for one in done.kept}
        if options["as_json"]:
            self.print_json({"before": before.isoformat(), "detached": detached, "kept": kept})
        else:
            verb = "would be detached" if options["dry_run"] else "detached"
            self.stdout.write(f"Before {before}: {len(detached)} days {verb}. {' '.join(detached)}".rstrip())
            for day, reason in kept.items():
                self.stdout.write(f"{day} stays. {reason}")
        if kept:
            raise SystemExit(REFUSED)
