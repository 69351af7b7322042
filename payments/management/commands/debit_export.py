"""``manage.py debit_export``: the file of a released batch of direct debits, for its bank."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.identity.models import User
from billing_site.jobs.commands import FAILED, REFUSED, WRONG_USE, HouseCommand
from payments.models import DebitBatch
from payments.operations.debit_batches import fetch_debit_file

OWNER_ALONE = 0o600


class Command(HouseCommand):
    """The file names bank accounts: who fetches it is written down, and nobody but its owner can read it."""

    help = """examples:
  python3 manage.py debit_export DD-2026-000001 --by accountant --out /tmp
  python3 manage.py debit_export DD-2026-000001 --by accountant > DD-2026-000001.xml
  python3 manage.py debit_export DD-2026-000001 --by accountant --dry-run

Writes the bank's file of a released batch: the same bytes each time. It holds the numbers of bank accounts, so it is
written for its owner alone, and the act is in the book of acts under the name of --by.
Exit 0: done; 1: the file could not be written; 2: wrong use; 4: refused."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the batch, who asks, and where the file goes."""
        parser.add_argument("batch", help="number of a released batch, as DD-2026-000001")
        parser.add_argument("--by", required=True, help="who fetches it: a user name")
        parser.add_argument("--out", type=Path, help="folder for the file; without it the file goes to the output")
        parser.add_argument("--dry-run", action="store_true", help="say what would be written; no effect")
        parser.add_argument("--json", action="store_true", dest="as_json", help="with --out: one object at the end")

    def handle(self, *_args: object, **options: Any) -> None:
        """Write it."""
        batch, person = _batch(options["batch"]), _person(options["by"])
        if not person.may("payments.fetch_debit_file"):
            raise CommandError(f"{person.username} may not fetch files of direct debits.", returncode=REFUSED)
        told = {"batch": batch.number, "orders": batch.item_count, "amount_minor": batch.amount_minor}
        if options["dry_run"]:
            self.stderr.write(f"{batch.number}: would write {batch.item_count} orders; nothing was written.")
            if options["as_json"]:
                self.print_json({**told, "dry_run": True})
            return
        try:
            name, content = fetch_debit_file(batch_id=batch.pk, at=clock.now(), actor=person)
        except BillingError as error:
            raise CommandError(error.message, returncode=REFUSED) from error
        if options["out"] is None:
            self.stdout.write(content.decode(), ending="")
            return
        path = options["out"] / name
        try:
            path.touch(mode=OWNER_ALONE)
            path.write_bytes(content)
        except OSError as error:
            raise CommandError(f"{path} cannot be written ({error.strerror})", returncode=FAILED) from error
        self.stderr.write(f"{batch.number}: {batch.item_count} orders written to {path}")
        if options["as_json"]:
            self.print_json({**told, "path": str(path)})


def _batch(number: str) -> DebitBatch:
    batch = DebitBatch.objects.filter(number=number).first()
    if batch is None:
        message = f"There is no batch “{number}”. Type the number that its page shows, as DD-2026-000001."
        raise CommandError(message, returncode=WRONG_USE)
    return batch


def _person(name: str) -> User:
    person = User.objects.filter(username=name, is_active=True).first()
    if person is None:
        message = f"There is no active user “{name}”. Type --by with the user name of who fetches the file."
        raise CommandError(message, returncode=WRONG_USE)
    return person
