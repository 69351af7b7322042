"""What a call costs, and why."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError

from billing_site.core import clock
from billing_site.core.digits import NotDigits, parse_ascii_digits
from billing_site.core.errors import BillingError
from billing_site.core.money import micro_to_decimal
from billing_site.jobs.commands import REFUSED, WRONG_USE, HouseCommand
from rating.queries.prices import look_up_price

DURATION_DIGITS = 6
EXAMPLE = "type for example: python3 manage.py price 99910123456 99990000100 '2026-03-05 19:04:10' 190 --plan HOME"


class Command(HouseCommand):
    """Exit code 0 done, 2 wrong use, 4 there is no price for it."""

    help = """examples:
  python3 manage.py price 99910123456 99990000100 '2026-03-05 19:04:10' 190
  python3 manage.py price 99910123456 0044201632960100 2026-03-05T19:04:10+04:00 60 --plan HOME --json

The price of one call before allowances, with its explanation; the plan is that of the caller's number at that time,
or the given one."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the call."""
        parser.add_argument("calling", metavar="FROM", help="the calling number")
        parser.add_argument("called", metavar="TO", help="the called number, as dialled")
        parser.add_argument(
            "when", metavar="WHEN", help="the start, ISO; without an offset in the operator's time zone"
        )
        parser.add_argument("duration", metavar="DURATION", help="conversation in seconds")
        parser.add_argument("--plan", help="the code of a plan, instead of the caller's own")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *_args: object, **options: Any) -> None:
        """Look the price up."""
        at, seconds = _instant(options["when"]), _seconds(options["duration"])
        try:
            found = look_up_price(
                calling=options["calling"],
                called=options["called"],
                at=at,
                duration_seconds=seconds,
                plan_code=options["plan"],
            )
        except BillingError as error:
            self.stderr.write(f"{error.message} ({error.code})")
            if options["as_json"]:
                self.print_json({"code": error.code, "message": error.message})
            raise SystemExit(REFUSED) from error
        amount = micro_to_decimal(found.charge.amount_micro)
        lines = [str(sentence) for sentence in found.sentences]
        if options["as_json"]:
            report = {
                "calling": found.calling,
                "called": found.called,
                "plan": found.plan_code,
                "plan_version": found.plan_version,
                "zone": found.zone_code,
                "amount": str(amount),
                "billed_units": found.charge.billed_units,
                "explanation": lines,
            }
            self.print_json(report)
            return
        self.stdout.write(
            f"{found.called}: zone {found.zone_code}, plan {found.plan_code} version {found.plan_version}"
        )
        for line in (*lines, str(amount)):
            self.stdout.write(line)


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"“{text}” is not a time; {EXAMPLE}"
        raise CommandError(message, returncode=WRONG_USE) from error
    return found if found.tzinfo else found.replace(tzinfo=clock.operator_zone())


def _seconds(text: str) -> int:
    try:
        return parse_ascii_digits(text, DURATION_DIGITS)
    except NotDigits as error:
        message = f"“{text}” is not a number of seconds; {EXAMPLE}"
        raise CommandError(message, returncode=WRONG_USE) from error
