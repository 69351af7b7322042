"""Measure how long the big jobs take, beside the bare copying of what they wrote."""

import importlib
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from billing_site.jobs.commands import WRONG_USE, HouseCommand

# What can be measured: the module beside ``rating`` in ``console.bench``, its function and its own options.
KINDS = {
    "rating": (
        "billing_site.console.bench.rating",
        "measure_rating",
        ("records", "subscriptions", "workers", "nights", "features"),
    ),
    "reprice": (
        "billing_site.console.bench.reprice",
        "measure_repricing",
        ("records", "subscriptions", "workers", "features"),
    ),
    "bill-run": ("billing_site.console.bench.bill_run", "measure_bill_run", ("accounts", "subscriptions", "workers")),
    "pdf": ("billing_site.console.bench.pdf", "measure_pdf", ("documents",)),
    "print": ("billing_site.console.bench.print_files", "measure_print_files", ("documents", "workers")),
    "till": ("billing_site.console.bench.till", "measure_till", ("receipts", "accounts")),
    "gateway": (
        "billing_site.console.bench.gateway",
        "measure_gateway",
        ("accounts", "connections", "workers", "pause"),
    ),
    "gateway-retries": ("billing_site.console.bench.gateway", "measure_gateway_retries", ("accounts", "payments")),
    "register": ("billing_site.console.bench.register", "measure_register", ("rows",)),
    "workbook": ("billing_site.console.bench.workbook", "measure_workbook", ("rows",)),
    "books": ("billing_site.console.bench.books", "measure_books", ("accounts",)),
    "report": ("billing_site.console.bench.report", "measure_report", ("accounts", "subscriptions")),
    "call-list": ("billing_site.console.bench.call_lists", "measure_call_lists", ("records",)),
    "deck": ("billing_site.console.bench.deck", "measure_deck", ("prefixes",)),
}
OPTIONS = sorted({option for _module, _function, options in KINDS.values() for option in options})


class Command(HouseCommand):
    """Exit code 0 measured, 2 wrong use."""

    help = """examples:
  python3 manage.py bench rating --records 2000000 --subscriptions 200000 --workers 2 --json
  python3 manage.py bench rating --records 400000 --nights 9
  python3 manage.py bench rating --features 1
  python3 manage.py bench reprice --records 5000000 --json
  python3 manage.py bench reprice --features 1
  python3 manage.py bench bill-run --accounts 200000 --subscriptions 260000 --workers 2
  python3 manage.py bench bill-run --accounts 3200000 --subscriptions 4200000 --json
  python3 manage.py bench gateway
  python3 manage.py bench gateway-retries
  python3 manage.py bench pdf
  python3 manage.py bench print --documents 1000
  python3 manage.py bench workbook --rows 500000
  python3 manage.py bench till --receipts 300
  python3 manage.py bench register --rows 1000000
  python3 manage.py bench books --accounts 1000000
  python3 manage.py bench report --accounts 200000
  python3 manage.py bench report --accounts 50000 --subscriptions 4200000
  python3 manage.py bench call-list --records 50000000
  python3 manage.py bench deck --prefixes 100000

Makes a scratch database, fills it, does the job, copies the rows it wrote into bare tables for comparison, and drops
the database.
The gateway is measured by a web server of its own instead: answers while a bill run is on, and repetitions at once.
A bill run takes 12 KB of disk an account, yardstick and journal included: 200,000 accounts 2.5 GB, 3,200,000 about
40 GB. It tells on standard error how far it is. Print files are made twice, by one process and by all of them.
With --json the last line is one object; where rows are copied, with at least ratio, rows_per_second, peak_mb and
phases."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to measure and how much of it."""
        parser.add_argument("kind", choices=sorted(KINDS), help="what to measure")
        for name in OPTIONS:
            parser.add_argument(f"--{name}", type=int, help=f"how many {name}")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON object as the last line"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Measure and report."""
        module, function, known = KINDS[options["kind"]]
        given = {name: options[name] for name in OPTIONS if options[name] is not None}
        if surplus := [name for name in given if name not in known]:
            message = (
                f"bench {options['kind']} knows no --{surplus[0]}; it takes: {', '.join('--' + name for name in known)}"
            )
            raise CommandError(message, returncode=WRONG_USE)
        found: dict[str, Any] = getattr(importlib.import_module(module), function)(**given)
        if options["as_json"]:
            self.print_json(found)
            return
        for name, value in found.items():
            self.stdout.write(f"{name:20} {value}")
