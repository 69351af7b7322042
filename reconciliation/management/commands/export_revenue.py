"""Write the exchange files of an accounting period's revenue transfers."""

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.documents.files import path_of
from billing_site.jobs.commands import REFUSED, WRONG_USE, HouseCommand
from reconciliation.models import RevenueTransfer
from reconciliation.queries.revenue_transfers import revenue_transfers

_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


class Command(HouseCommand):
    """Exit code 0: written; 2: wrong use; 4: nothing of the period was sent."""

    help = """examples:
  python3 manage.py export_revenue 2026-02
  python3 manage.py export_revenue 2026-02 --to /tmp --json

Writes the file for 1C of every revenue transfer of a period that was sent: the same bytes, however often asked."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a period and a folder."""
        parser.add_argument("period", help="the accounting period, as YYYY-MM")
        parser.add_argument("--to", type=Path, default=Path(), dest="folder", help="folder to write into")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON object as the last line"
        )
        parser.add_argument("--dry-run", action="store_true", help="tell, write nothing")

    def handle(self, *_args: object, **options: Any) -> None:
        """Write the files and say what they hold."""
        if not _PERIOD.fullmatch(options["period"]):
            message = f"“{options['period']}” is no period; type for example: python3 manage.py export_revenue 2026-02"
            raise CommandError(message, returncode=WRONG_USE)
        sent = revenue_transfers().filter(period__code=options["period"], state=RevenueTransfer.State.SENT)
        transfers = list(sent.order_by("pk"))
        if not transfers:
            message = (
                f"No revenue of {options['period']} was sent; prepare and send it on the page of revenue transfers"
            )
            raise CommandError(message, returncode=REFUSED)
        folder: Path = options["folder"]
        if not folder.is_dir():
            message = f"{folder} is no folder; make it, or name another with --to"
            raise CommandError(message, returncode=WRONG_USE)
        if not options["dry_run"]:
            for transfer in transfers:
                assert transfer.content is not None
                content = path_of(transfer.content.sha256).read_bytes()
                (folder / f"{transfer.number}.txt").write_bytes(content)
        self._say(transfers, options)

    def _say(self, transfers: list[RevenueTransfer], options: dict[str, Any]) -> None:
        rows = [
            {
                "number": one.number,
                "section": one.section,
                "gross": str(minor_to_decimal(one.gross_minor, digits=currency_digits(one.currency))),
                "currency": one.currency,
            }
            for one in transfers
        ]
        if options["as_json"]:
            self.print_json({"dry_run": options["dry_run"], "period": options["period"], "transfers": rows})
            return
        for row in rows:
            self.stdout.write(f"{row['number']}.txt: {row['section']}, {row['gross']} {row['currency']}")
        if options["dry_run"]:
            self.stdout.write("Nothing was written.")
