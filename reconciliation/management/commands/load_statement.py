"""Load bank statements."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.jobs.commands import REFUSED, SET_ASIDE, WRONG_USE, HouseCommand
from billing_site.jobs.work import drain
from reconciliation.models import Statement, StatementFile
from reconciliation.operations.bank_accounts import BankAccountUnknown
from reconciliation.operations.statement_booking import BOOK
from reconciliation.operations.statements import load_statement
from reconciliation.queries.statements import StatementSums, statement_sums


class Command(HouseCommand):
    """Exit code 0: every line has its owner; 2: wrong use; 3: lines wait or statements are held; 4: refused."""

    help = """examples:
  python3 manage.py load_statement statement-0304.sta --bank MAIN
  python3 manage.py load_statement 0304.sta 0305.sta --bank MAIN --json
  python3 manage.py load_statement statement-0304.xml --bank RIVER --dry-run

Loads the files that a bank sent, books their lines, and tells what became of them. A file that was loaded before is
refused; a statement that does not fit is held."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take files and the code of their bank account."""
        parser.add_argument("path", nargs="+", type=Path, help="files as the bank sent them, in their order")
        parser.add_argument("--bank", required=True, help="code of the bank account of ours")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON object as the last line"
        )
        parser.add_argument("--dry-run", action="store_true", help="read and judge, keep nothing")

    def handle(self, *_args: object, **options: Any) -> None:
        """Load, print, and end with the code that says how it went."""
        told: list[dict[str, Any]] = []
        for path in options["path"]:
            told.extend(self._load(path, bank=options["bank"], is_trial=options["dry_run"]))
        if options["as_json"]:
            self.print_json({"dry_run": options["dry_run"], "statements": told})
        elif options["dry_run"]:
            self.stdout.write("Nothing was written.")
        if any(one["state"] != Statement.State.BOOKED or one["left"] for one in told):
            raise SystemExit(SET_ASIDE)

    def _load(self, path: Path, *, bank: str, is_trial: bool) -> list[dict[str, Any]]:
        try:
            content = path.read_bytes()
        except OSError as error:
            message = f"{path} cannot be read ({error.strerror}); name a statement's file"
            raise CommandError(message, returncode=WRONG_USE) from error
        try:
            file = load_statement(
                bank_code=bank, name=path.name, content=content, loaded_at=clock.now(), is_trial=is_trial
            )
        except BankAccountUnknown as error:
            raise CommandError(str(error), returncode=WRONG_USE) from error
        except BillingError as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        if is_trial:
            self.stdout.write(f"{path.name}: would load {file.statement_count} statements, {file.line_count} lines")
            return []
        drain(BOOK)
        return [self._tell(file, statement) for statement in file.statements.order_by("n")]

    def _tell(self, file: StatementFile, statement: Statement) -> dict[str, Any]:
        sums: StatementSums = statement_sums(statement.pk)
        reasons = ", ".join(one["code"] for one in statement.held_for)
        self.stderr.write(
            f"{file.name} {statement}: {statement.state} {reasons}: {statement.line_count} lines,"
            f" {sums.matched_count} of {sums.receipt_count} receipts matched, {sums.left_count} wait,"
            f" {sums.duplicate_count} duplicates"
        )
        return {
            "statement": str(statement),
            "state": statement.state,
            "held_for": statement.held_for,
            "lines": statement.line_count,
            "receipts": sums.receipt_count,
            "matched": sums.matched_count,
            "left": sums.left_count,
            "duplicates": sums.duplicate_count,
        }
