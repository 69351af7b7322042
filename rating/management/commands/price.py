"""What a use costs, and why."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandError

from billing_site.core import clock
from billing_site.core.digits import NotDigits, parse_ascii_digits
from billing_site.core.errors import BillingError
from billing_site.core.money import decimal_to_micro, micro_to_decimal
from billing_site.core.quantities import Unit
from billing_site.jobs.commands import REFUSED, WRONG_USE, HouseCommand, written_day
from rating.domain.services import Service
from rating.queries.prices import look_up_price
from tariffs.operations.amounts import check_amount

DURATION_DIGITS = 6
QUANTITY_DIGITS = 18
EXAMPLE = "type for example: python3 manage.py price 99950204000 99990000100 '2026-03-05 19:04:10' 190 --plan HOME"


class Command(HouseCommand):
    """Exit code 0 done, 2 wrong use, 4 there is no price for it."""

    help = """examples:
  python3 manage.py price 99950204000 99990000100 '2026-03-05 19:04:10' 190
  python3 manage.py price 99950204000 0044201632960100 2026-03-05T19:04:10+04:00 60 --plan CITY-200 --json
  python3 manage.py price 99990100000 internet '2026-03-01 08:00:00' 3600 --service DATA --bytes 5000000
  python3 manage.py price 99910203000 99990000100 '2026-03-05 20:00:00' 60 --category BUSINESS

The price of one use before allowances, with its explanation, by the prices of its day, past ones too. The plan is that
of the caller's number at that time, or the given one; the customer category likewise. What the bill period has counted
is left out."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the call."""
        parser.add_argument("calling", metavar="FROM", help="the calling number")
        parser.add_argument("called", metavar="TO", help="the called number, as dialled, or the name of a point")
        parser.add_argument(
            "when", metavar="WHEN", help="the start, ISO; without an offset in the operator's time zone"
        )
        parser.add_argument("duration", metavar="DURATION", help="conversation in seconds")
        parser.add_argument("--plan", help="the code of a plan, instead of the caller's own")
        parser.add_argument("--category", help="a customer category, instead of the caller's own")
        parser.add_argument(
            "--service", choices=[service.value for service in Service], default="VOICE", help="what is used"
        )
        parser.add_argument("--bytes", help="bytes of a session")
        parser.add_argument("--events", help="how many messages or events, 1 if not said")
        parser.add_argument("--amount", help="what a third party charges for its content")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *_args: object, **options: Any) -> None:
        """Look the price up."""
        at, seconds = _instant(options["when"]), _seconds(options["duration"])
        quantities = _quantities(options)
        try:
            found = look_up_price(
                calling=options["calling"],
                called=options["called"],
                at=at,
                duration_seconds=seconds,
                plan_code=options["plan"],
                category=options["category"],
                service=Service(options["service"]),
                quantities=quantities,
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
                "category": found.category,
                "relation": str(found.relation),
                "unit": str(found.charge.unit),
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
        written_day(found.date().isoformat())
    except (ValueError, ArgumentTypeError) as error:
        message = f"“{text}” is not a time; {EXAMPLE}"
        raise CommandError(message, returncode=WRONG_USE) from error
    return found if found.tzinfo else found.replace(tzinfo=clock.operator_zone())


def _seconds(text: str) -> int:
    try:
        return parse_ascii_digits(text, DURATION_DIGITS)
    except NotDigits as error:
        message = f"“{text}” is not a number of seconds; {EXAMPLE}"
        raise CommandError(message, returncode=WRONG_USE) from error


def _quantities(options: dict[str, Any]) -> dict[Unit, int]:
    """Return what was used besides the seconds, as far as it is said."""
    found = {}
    for name, unit in (("bytes", Unit.BYTES), ("events", Unit.EVENTS)):
        if options[name] is not None:
            found[unit] = _count(options[name], name)
    if options["amount"] is not None:
        try:
            found[Unit.MONEY] = decimal_to_micro(check_amount(Decimal(options["amount"]), name="--amount"))
        except (InvalidOperation, BillingError) as error:
            message = f"“{options['amount']}” is not an amount; {EXAMPLE}"
            raise CommandError(message, returncode=WRONG_USE) from error
    return found


def _count(text: str, name: str) -> int:
    try:
        return parse_ascii_digits(text, QUANTITY_DIGITS)
    except NotDigits as error:
        message = f"“{text}” is not a number of {name}; {EXAMPLE}"
        raise CommandError(message, returncode=WRONG_USE) from error
