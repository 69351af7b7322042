"""``manage.py print_bills``: print files of the bills of a run that go on paper."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from billing_site.core.errors import BillingError
from billing_site.identity.models import User
from billing_site.jobs.commands import REFUSED, WRONG_USE, HouseCommand
from billing_site.jobs.work import drain
from invoicing.models import BillRun, PrintBatch
from invoicing.operations.print_batches import JOIN, PART, print_bills


class Command(HouseCommand):
    """Have the print files of a run made: by the workers, or in this process."""

    help = """examples:
  python3 manage.py print_bills --run 1 --by specialist
  python3 manage.py print_bills --run 1 --inline
  python3 manage.py print_bills --run 1 --dry-run --json

Bills on paper are one PDF a batch, in the order of the rounds, with a list; batches that are made stay as they are.
Exit 0: done; 2: wrong use; 4: nothing waits to be printed."""
    resume_hint = "Workers go on. What is made stays; the rest follows with: manage.py jobs"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take which run, who asks, and where the work is done."""
        parser.add_argument("--run", type=int, required=True, dest="run_id", help="number of the bill run")
        parser.add_argument("--by", default="", help="who asks: a name to sign in with")
        parser.add_argument("--inline", action="store_true", help="do the work in this process")
        parser.add_argument("--dry-run", action="store_true", help="name the batches; make nothing")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON object as the last line"
        )

    def handle(self, *args: Any, run_id: int, **options: Any) -> None:
        """Make them, then say what is there."""
        if not BillRun.objects.filter(pk=run_id).exists():
            raise CommandError(f"There is no bill run {run_id}.", returncode=WRONG_USE)
        person = User.objects.filter(username=options["by"], is_active=True).first() if options["by"] else None
        if options["by"] and person is None:
            raise CommandError(f"Nobody is called {options['by']!r}.", returncode=WRONG_USE)
        if not options["dry_run"]:
            try:
                print_bills(run_id=run_id, actor=person)
            except BillingError as error:
                raise CommandError(error.message, returncode=REFUSED) from error
            if options["inline"]:
                drain(PART)
                drain(JOIN)
        self._show(run_id, options)

    def _show(self, run_id: int, options: dict[str, Any]) -> None:
        batches = PrintBatch.objects.filter(run_id=run_id).select_related("content").order_by("n")
        rows = [
            {
                "batch": str(batch),
                "state": batch.state,
                "bills": batch.bill_count,
                "sheets": batch.sheet_count,
                "sha256": batch.content.sha256 if batch.content else "",
            }
            for batch in batches
        ]
        if options["as_json"]:
            self.print_json({"dry_run": options["dry_run"], "batches": rows})
            return
        for row in rows:
            self.stdout.write("  ".join(str(value) for value in row.values()))
        self.stdout.write(f"Batches: {len(rows)}, bills: {sum(batch.bill_count for batch in batches)}")
