"""``manage.py export_ubl``: electronic bills as XML files."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from billing_site.core.errors import BillingError
from billing_site.jobs.commands import REFUSED, HouseCommand
from invoicing.management.wanted import wanted_invoices
from invoicing.operations.ubl_exports import ubl_of_invoice


class Command(HouseCommand):
    """Write the posted invoices of an account or a run as UBL 2.1 by EN 16931 into a folder."""

    help = """examples:
  python3 manage.py export_ubl --account 100000057 --out bills
  python3 manage.py export_ubl --run 1 --out bills
  python3 manage.py export_ubl --run 1 --out bills --dry-run --json

Exit 0: done; 2: wrong use, or there is nothing to export; 4: the currency has more than two decimals."""
    resume_hint = "The files that are written stay; type the same command again for all of them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose bills, and where to."""
        parser.add_argument("--account", help="number of the account")
        parser.add_argument("--run", type=int, dest="run_id", help="number of the bill run")
        parser.add_argument("--out", required=True, type=Path, help="folder to write to")
        parser.add_argument("--limit", type=int, default=0, help="stop after so many")
        parser.add_argument("--dry-run", action="store_true", help="say which files would be written; write nothing")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON object as the last line"
        )

    def handle(self, *args: Any, account: str | None, run_id: int | None, **options: Any) -> None:
        """Write one after the other."""
        folder: Path = options["out"]
        bills = wanted_invoices(account, run_id, options["limit"])
        if not options["dry_run"]:
            folder.mkdir(parents=True, exist_ok=True)
            for invoice_id, number in bills:
                (folder / f"{number}.xml").write_bytes(_written(invoice_id))
        names = [f"{number}.xml" for _, number in bills]
        if options["as_json"]:
            self.print_json({"dry_run": options["dry_run"], "folder": str(folder), "files": names})
        else:
            self.stdout.write(f"Bills that {'would be' if options['dry_run'] else 'are'} in {folder}: {len(names)}")


def _written(invoice_id: int) -> bytes:
    try:
        return ubl_of_invoice(invoice_id=invoice_id)
    except BillingError as error:
        raise CommandError(str(error), returncode=REFUSED) from error
