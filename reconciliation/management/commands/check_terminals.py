"""Check a day of the payment terminals against the networks' registers."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.jobs.commands import REFUSED, SET_ASIDE, WRONG_USE, HouseCommand, written_day
from reconciliation.operations.registers import NetworkUnknown
from reconciliation.operations.terminal_checks import CheckOutcome, check_register, check_terminals

DIFFERENCES = SET_ASIDE


class Command(HouseCommand):
    """Exit code 0: agreed or resolved; 2: wrong use; 3: open differences; 4: no register, or refused."""

    help = """examples:
  python3 manage.py check_terminals 2026-03-04
  python3 manage.py check_terminals 2026-03-04 --network kiosk --register .local/files/demo/registers/kiosk-20260304.csv
  python3 manage.py check_terminals 2026-03-04 --dry-run --json

Compares our payments of a day with each network's register and names what matches, what only we have, what only they
have, and what differs. Repeating it changes nothing."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a day, and perhaps one network with its file."""
        parser.add_argument("date", help="the day to check, as YYYY-MM-DD; it must be over")
        parser.add_argument("--network", help="code of one network; all active ones when left out")
        parser.add_argument("--register", type=Path, help="load this file as the network's register of the day first")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON object as the last line"
        )
        parser.add_argument("--dry-run", action="store_true", help="compare and tell, keep nothing")

    def handle(self, *_args: object, **options: Any) -> None:
        """Check, print, and end with the code that says how it went."""
        try:
            outcomes = _check(options, day=_day(options["date"]))
        except NetworkUnknown as error:
            raise CommandError(str(error), returncode=WRONG_USE) from error
        except BillingError as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        if options["as_json"]:
            plain = [{**asdict(outcome), "day": outcome.day.isoformat()} for outcome in outcomes]
            self.print_json({"dry_run": options["dry_run"], "checks": plain})
        else:
            for outcome in outcomes:
                self.stdout.write(_line(outcome))
            if options["dry_run"]:
                self.stdout.write("Nothing was written.")
        code = _exit_code(outcomes)
        if code:
            raise SystemExit(code)


def _check(options: dict[str, Any], *, day: date) -> Sequence[CheckOutcome]:
    path: Path | None = options["register"]
    if path is None:
        return check_terminals(
            day=day, checked_at=clock.now(), network_code=options["network"], is_trial=options["dry_run"]
        )
    if not options["network"]:
        message = (
            f"--register needs --network; type for example: check_terminals {day} --network CODE --register {path}"
        )
        raise CommandError(message, returncode=WRONG_USE)
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); name a register file"
        raise CommandError(message, returncode=WRONG_USE) from error
    return [
        check_register(
            network_code=options["network"],
            day=day,
            name=path.name,
            content=content,
            checked_at=clock.now(),
            is_trial=options["dry_run"],
        )
    ]


def _day(text: str) -> date:
    try:
        return written_day(text)
    except ArgumentTypeError as error:
        message = f"“{text}” is no day; type for example: python3 manage.py check_terminals 2026-03-04"
        raise CommandError(message, returncode=WRONG_USE) from error


def _line(outcome: CheckOutcome) -> str:
    name = f"{outcome.network_code} {outcome.day}"
    if outcome.state in {"WAITING", "MISSING"}:
        word = "is not due yet" if outcome.state == "WAITING" else "is MISSING"
        return f"{name}: the register {word}; {outcome.our_count} payments of ours wait for it"
    return (
        f"{name}: {outcome.state}: {outcome.matched_count} matched, {outcome.only_ours_count} only ours,"
        f" {outcome.only_theirs_count} only theirs, {outcome.differing_count} differ, {outcome.doubled_count} doubled,"
        f" {outcome.other_day_count} of another day; {outcome.open_count} open"
        f"{', signed off' if outcome.is_signed_off else ''}"
    )


def _exit_code(outcomes: Sequence[CheckOutcome]) -> int:
    if any(outcome.open_count for outcome in outcomes):
        return DIFFERENCES
    return REFUSED if any(outcome.state in {"WAITING", "MISSING"} for outcome in outcomes) else 0
