"""Run the worked examples of a plan and print where it differs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from billing_site.core.money import micro_to_decimal
from billing_site.jobs.commands import FAILED, REFUSED, WRONG_USE, HouseCommand
from rating.queries.test_calls import PricedExample, price_test_calls
from tariffs.domain.grids import write_decimal
from tariffs.models import PlanVersion


class Command(HouseCommand):
    """Exit code 0 if every example is green, 1 if one differs, 2 for wrong use, 4 if there is no example to run."""

    help = """examples:
  python3 manage.py verify_plan CITY-200
  python3 manage.py verify_plan CITY-200 --version 1 --json

Prices the worked examples of a version of a plan, the last one unless a number is given, whatever its state, and
prints each difference with the sentences that lead to it. Nothing is written."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Give ``--version`` to the plan: Django's own is asked of ``manage.py version``."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the plan."""
        parser.add_argument("plan", metavar="PLAN", help="the code of a plan")
        parser.add_argument("--version", dest="number", type=int, metavar="N", help="the number of a version")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *_args: object, **options: Any) -> None:
        """Run them."""
        version = _version(options["plan"], options["number"])
        priced = price_test_calls(version)
        red = [one for one in priced if not one.is_green]
        if options["as_json"]:
            self.print_json(_report(version, priced))
        else:
            for one in red:
                self.stdout.write(_line(one))
                for sentence in one.sentences:
                    self.stdout.write(f"    {sentence}")
            self.stdout.write(
                f"{version.plan.code} version {version.number}: {len(priced) - len(red)} as expected, {len(red)} differ"
            )
        if not priced:
            self.stderr.write("The version has no worked example.")
            raise SystemExit(REFUSED)
        if red:
            raise SystemExit(FAILED)


def _version(code: str, number: int | None) -> PlanVersion:
    versions = PlanVersion.objects.filter(plan__code=code).select_related("plan").order_by("-number")
    found = versions.first() if number is None else versions.filter(number=number).first()
    if found is None:
        wanted = code if number is None else f"{code} version {number}"
        message = f"There is no plan {wanted}; type for example: python3 manage.py verify_plan CITY-200"
        raise CommandError(message, returncode=WRONG_USE)
    return found


def _line(one: PricedExample) -> str:
    to = one.call.called or (one.call.zone.code if one.call.zone else "")
    got = "no price" if one.got_micro is None else write_decimal(micro_to_decimal(one.got_micro))
    return f"{one.call.position}: {to}: expected {write_decimal(micro_to_decimal(one.call.expected_micro))}, got {got}"


def _report(version: PlanVersion, priced: tuple[PricedExample, ...]) -> dict[str, Any]:
    return {
        "plan": version.plan.code,
        "version": version.number,
        "green": sum(one.is_green for one in priced),
        "red": sum(not one.is_green for one in priced),
        "examples": [
            {
                "position": one.call.position,
                "expected": str(micro_to_decimal(one.call.expected_micro)),
                "got": None if one.got_micro is None else str(micro_to_decimal(one.got_micro)),
                "green": one.is_green,
                "explanation": [str(sentence) for sentence in one.sentences],
            }
            for one in priced
        ],
    }
