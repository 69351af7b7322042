"""Run worked examples through rating, charges and invoices, and print where these differ."""

import json
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from billing_site.jobs.commands import FAILED, WRONG_USE, HouseCommand
from invoicing.domain.cases import INVOICE_RUNNERS
from rating.domain.cases import CASE_SCHEMA, RATING_RUNNERS, CaseOutcome, CaseResult, verify_case

RUNNERS = {**RATING_RUNNERS, **INVOICE_RUNNERS}


class Command(HouseCommand):
    """Exit code 0 if every case agreed, 1 if not, 2 for a path that holds no cases."""

    help = """examples:
  python3 manage.py verify_cases cases/call-rating.json
  python3 manage.py verify_cases cases/ --json

Runs files of worked examples (schema telecom-billing-cases/1) through our own rating, charge
and invoice code, prints each difference and, last, how many cases agreed, differ and are not supported."""

    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one path and the choice of output."""
        parser.add_argument("path", help="a file of cases, or a folder with such files")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON object instead of lines"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Run every case below the path."""
        results = [
            verify_case(case, runners=RUNNERS) for path in _files(Path(options["path"])) for case in _cases(path)
        ]
        counts = Counter(result.outcome for result in results)
        if options["as_json"]:
            self.print_json(_report(results, counts))
        else:
            for result in results:
                if result.outcome is not CaseOutcome.AGREED:
                    self.stdout.write(_line(result))
            self.stdout.write(_summary(counts))
        if counts[CaseOutcome.AGREED] != len(results):
            raise SystemExit(FAILED)


def _files(path: Path) -> list[Path]:
    """Return the case files that a path names, or say what to type instead."""
    example = "type for example: python3 manage.py verify_cases ../shared/cases/call-rating.json"
    if path.is_dir():
        found = sorted(entry for entry in path.rglob("*.json") if _is_case_file(entry))
        if not found:
            msg = f"{path} holds no file of schema {CASE_SCHEMA}; {example}"
            raise CommandError(msg, returncode=WRONG_USE)
        return found
    if not path.is_file():
        msg = f"{path} does not exist; {example}"
        raise CommandError(msg, returncode=WRONG_USE)
    if not _is_case_file(path):
        msg = f"{path} is not a file of schema {CASE_SCHEMA}; {example}"
        raise CommandError(msg, returncode=WRONG_USE)
    return [path]


def _is_case_file(path: Path) -> bool:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("schema") == CASE_SCHEMA and isinstance(found.get("cases"), list)


def _cases(path: Path) -> list[dict[str, Any]]:
    found = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return [case if isinstance(case, dict) else {} for case in found]


def _line(result: CaseResult) -> str:
    if result.outcome is CaseOutcome.NOT_SUPPORTED:
        return f"{result.case_id}: not supported: {result.reason}"
    return f"{result.case_id}: expected {result.expected}, got {result.got}"


def _summary(counts: Counter[CaseOutcome]) -> str:
    return (
        f"{counts[CaseOutcome.AGREED]} agreed, {counts[CaseOutcome.DIFFERS]} differ, "
        f"{counts[CaseOutcome.NOT_SUPPORTED]} not supported"
    )


def _report(results: list[CaseResult], counts: Counter[CaseOutcome]) -> dict[str, Any]:
    return {
        "agreed": counts[CaseOutcome.AGREED],
        "differ": counts[CaseOutcome.DIFFERS],
        "not_supported": counts[CaseOutcome.NOT_SUPPORTED],
        "cases": [asdict(result) for result in results if result.outcome is not CaseOutcome.AGREED],
    }
