"""``manage.py render_invoices``: papers of invoices as PDF files."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from invoicing.models import Invoice
from invoicing.operations.invoice_papers import render_invoice
from subscribers.models import Account

WRONG_USE = 2


class Command(BaseCommand):
    """Write the PDFs of an account's or a run's posted invoices into a folder."""

    help = (
        "Examples: manage.py render_invoices --account 000000019 --out papers\n"
        "          manage.py render_invoices --run 3 --lang ar --out papers\n"
        "Exit 0: done; 2: wrong use, or there is nothing to render."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose papers, in what language, and where to."""
        parser.add_argument("--account", help="number of the account")
        parser.add_argument("--run", type=int, dest="run_id", help="number of the bill run")
        parser.add_argument("--lang", default="", help="language; each subscriber's own when left out")
        parser.add_argument("--out", required=True, type=Path, help="folder to write to")
        parser.add_argument("--limit", type=int, default=0, help="stop after so many")

    def handle(self, *args: Any, account: str | None, run_id: int | None, **options: Any) -> None:
        """Render one after the other."""
        language = options["lang"]
        if language and language not in dict(settings.LANGUAGES):
            raise CommandError(f"Type one of: {', '.join(dict(settings.LANGUAGES))}.", returncode=WRONG_USE)
        if account is None and run_id is None:
            raise CommandError("Whose papers? Type --account NUMBER or --run NUMBER.", returncode=WRONG_USE)
        wanted = Invoice.objects.filter(state=Invoice.State.POSTED).order_by("account_id", "period_from")
        if run_id is not None:
            wanted = wanted.filter(run_id=run_id)
        if account is not None:
            wanted = wanted.filter(account_id__in=Account.objects.filter(number=account).values("pk"))
        rows = list(wanted.values_list("pk", "number")[: options["limit"] or None])
        if not rows:
            raise CommandError("There is no posted invoice of that account or run.", returncode=WRONG_USE)
        folder: Path = options["out"]
        folder.mkdir(parents=True, exist_ok=True)
        for invoice_id, number in rows:
            suffix = f".{language}" if language else ""
            (folder / f"{number}{suffix}.pdf").write_bytes(render_invoice(invoice_id=invoice_id, language=language))
        self.stdout.write(f"{len(rows)} papers in {folder}.")
