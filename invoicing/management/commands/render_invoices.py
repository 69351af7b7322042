"""``manage.py render_invoices``: papers of invoices as PDF files."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from billing_site.jobs.commands import WRONG_USE, HouseCommand
from invoicing.management.wanted import wanted_invoices
from invoicing.operations.invoice_papers import render_invoice


class Command(HouseCommand):
    """Write the PDFs of an account's or a run's posted invoices into a folder."""

    help = """examples:
  python3 manage.py render_invoices --account 100000057 --out papers
  python3 manage.py render_invoices --run 2 --lang ar --out papers
  python3 manage.py render_invoices --run 2 --out papers --dry-run --json

Exit 0: done; 2: wrong use, or there is nothing to render."""
    resume_hint = "The papers that are written stay; type the same command again for all of them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose papers, in what language, and where to."""
        parser.add_argument("--account", help="number of the account")
        parser.add_argument("--run", type=int, dest="run_id", help="number of the bill run")
        parser.add_argument("--lang", default="", help="language; each subscriber's own when left out")
        parser.add_argument("--out", required=True, type=Path, help="folder to write to")
        parser.add_argument("--limit", type=int, default=0, help="stop after so many")
        parser.add_argument("--dry-run", action="store_true", help="say which papers would be written; write nothing")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON object as the last line"
        )

    def handle(self, *args: Any, account: str | None, run_id: int | None, **options: Any) -> None:
        """Render one after the other."""
        language, folder = options["lang"], options["out"]
        if language and language not in dict(settings.LANGUAGES):
            raise CommandError(f"Type one of: {', '.join(dict(settings.LANGUAGES))}.", returncode=WRONG_USE)
        suffix = f".{language}" if language else ""
        papers = [(pk, f"{number}{suffix}.pdf") for pk, number in wanted_invoices(account, run_id, options["limit"])]
        if not options["dry_run"]:
            folder.mkdir(parents=True, exist_ok=True)
            for invoice_id, name in papers:
                (folder / name).write_bytes(render_invoice(invoice_id=invoice_id, language=language))
        names = [name for _, name in papers]
        if options["as_json"]:
            self.print_json({"dry_run": options["dry_run"], "folder": str(folder), "papers": names})
        else:
            self.stdout.write(f"Papers that {'would be' if options['dry_run'] else 'are'} in {folder}: {len(names)}")
