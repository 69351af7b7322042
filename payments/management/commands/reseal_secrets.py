"""``manage.py reseal_secrets``: bring sealed keys over to the newest sealing key."""

from argparse import ArgumentParser
from typing import Any

from billing_site.db.sealing import sealing_key_id
from billing_site.jobs.commands import HouseCommand
from payments.operations.sealed_values import reseal_secrets
from payments.queries.sealing import count_sealing_keys


class Command(HouseCommand):
    """See ``billing_site.db.sealing``."""

    help = """examples:
  python3 manage.py reseal_secrets --dry-run
  python3 manage.py reseal_secrets

To change the sealing key: put the new one before the old one in SALDO_SEALING_KEYS, start everything anew, run this.
Keys of networks and providers are sealed with the first key then. Numbers of bank accounts stay as they were written:
keep every key that this command still names.
Exit 0: done; 1: failed."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how to do it."""
        parser.add_argument("--dry-run", action="store_true", help="say which keys are needed; no effect")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one object on the last line")

    def handle(self, *_args: object, **options: Any) -> None:
        """Seal anew, and name the keys that are needed."""
        count = 0 if options["dry_run"] else reseal_secrets()
        uses = count_sealing_keys()
        self.stderr.write(f"{count} rows sealed with {sealing_key_id()}.")
        for use in uses:
            self.stdout.write(f"{use.place:<28} {use.key_id:<16} {use.value_count:>8}")
        if options["as_json"]:
            keys = [{"place": use.place, "key": use.key_id, "values": use.value_count} for use in uses]
            self.print_json({"resealed": count, "key": sealing_key_id(), "keys": keys})
