"""``manage.py debit_import``: a bank's answers to direct debits, taken and carried out."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.money import currency_digits
from billing_site.identity.models import User
from billing_site.jobs.commands import REFUSED, SET_ASIDE, WRONG_USE, HouseCommand
from payments.domain.debit_results import read_result_map, read_results
from payments.models import DebitCreditor, DebitResultLine
from payments.operations.debit_results import apply_debit_results, load_debit_results

# What a person must look at.
ODD = {"UNKNOWN", "OTHER_AMOUNT", "CONTRARY", "WAITING"}


class Command(HouseCommand):
    """Exit code 0: every answer was carried out or known; 2: wrong use; 3: some need a person; 4: refused."""

    help = """examples:
  python3 manage.py debit_import pain002.xml --creditor RIVERSIDE
  python3 manage.py debit_import answers.csv --creditor RIVERSIDE --by accountant --json
  python3 manage.py debit_import answers.csv --creditor RIVERSIDE --dry-run

Loads a file of the bank's answers and carries them out: paid bills are closed, the others stay open with the reason.
A file that was loaded before is refused and changes nothing."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and whose it is."""
        parser.add_argument("path", type=Path, help="the file as the bank sent it")
        parser.add_argument("--creditor", required=True, help="code of the creditor whose bank answers")
        parser.add_argument("--by", help="who loads it: a user name; nobody when left out, as at night")
        parser.add_argument("--dry-run", action="store_true", help="read and count; no effect")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one object on the last line")

    def handle(self, *_args: object, **options: Any) -> None:
        """Load, carry out, and end with the code that says how it went."""
        creditor, person = _creditor(options["creditor"]), _person(options["by"])
        path = options["path"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(
                f"{path} cannot be read ({error.strerror}); name the file of the bank", returncode=WRONG_USE
            ) from error
        try:
            counts = (
                self._count(creditor, content)
                if options["dry_run"]
                else self._load(creditor, path.name, content, person)
            )
        except BillingError as error:
            raise CommandError(error.message, returncode=REFUSED) from error
        words = ", ".join(f"{count} {state.lower()}" for state, count in sorted(counts.items()))
        self.stderr.write(f"{path.name}: {'would read ' if options['dry_run'] else ''}{words or 'no answers'}")
        if options["as_json"]:
            self.print_json({"file": path.name, "dry_run": options["dry_run"], "answers": dict(sorted(counts.items()))})
        if not options["dry_run"] and ODD & set(counts):
            raise SystemExit(SET_ASIDE)

    def _count(self, creditor: DebitCreditor, content: bytes) -> Counter[str]:
        result_map = read_result_map(creditor.result_map) if creditor.result_map else None
        digits = currency_digits(creditor.currency)
        results = read_results(content, result_map=result_map, currency=creditor.currency, digits=digits)
        return Counter(str(result.outcome) for result in results)

    def _load(self, creditor: DebitCreditor, name: str, content: bytes, person: User | None) -> Counter[str]:
        file = load_debit_results(creditor_id=creditor.pk, name=name, content=content, at=clock.now(), actor=person)
        while apply_debit_results(file_id=file.pk, at=clock.now()):
            pass
        return Counter(DebitResultLine.objects.filter(file=file).values_list("state", flat=True))


def _creditor(code: str) -> DebitCreditor:
    creditor = DebitCreditor.objects.filter(code=code).first()
    if creditor is None:
        known = ", ".join(DebitCreditor.objects.order_by("code").values_list("code", flat=True))
        message = f"There is no creditor “{code}”. Type --creditor with one of: {known or 'none exists yet'}."
        raise CommandError(message, returncode=WRONG_USE)
    return creditor


def _person(name: str | None) -> User | None:
    person = None if name is None else User.objects.filter(username=name).first()
    if name is not None and person is None:
        message = f"There is no user “{name}”. Type --by with a user name, or leave it out."
        raise CommandError(message, returncode=WRONG_USE)
    return person
