"""``manage.py check_books``: is everything true that must be true."""

from collections.abc import Collection
from typing import Any

from django.core.management.base import CommandError, CommandParser

from billing_site.console.books import UnknownInvariant, as_rows, check_books, invariants_named
from billing_site.db.invariants import Finding, Invariant
from billing_site.jobs.commands import FAILED, WRONG_USE, HouseCommand

FOUND_SOMETHING = FAILED


class Command(HouseCommand):
    """Check the books and name what contradicts them."""

    help = """examples:
  python3 manage.py check_books
  python3 manage.py check_books --only ledger
  python3 manage.py check_books --json

Checks what must always be true. Exit 0: all of it is; 1: something is not, its ids are printed; 2: wrong use."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take names and the form of the answer."""
        parser.add_argument(
            "--only", action="append", default=[], metavar="NAME", help="an invariant, or an app's name"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="one object on the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, print, and exit 1 if anything was found."""
        try:
            checked = invariants_named(options["only"])
        except UnknownInvariant as error:
            raise CommandError(str(error), returncode=WRONG_USE) from error
        is_plain = not options["as_json"]
        findings = check_books(only=options["only"], after_each=self._say if is_plain else None)
        if is_plain:
            self.stdout.write(f"{len(checked)} checked, {len(findings)} found.")
        else:
            self.print_json({"checked": len(checked), "findings": as_rows(findings)})
        if findings:
            raise SystemExit(FOUND_SOMETHING)

    def _say(self, invariant: Invariant, findings: Collection[Finding]) -> None:
        self.stdout.write(f"{'ok   ' if not findings else 'WRONG'} {invariant.name}: {invariant.sentence}")
        for finding in findings:
            self.stdout.write(f"      {finding.subject}: {finding.detail}")
