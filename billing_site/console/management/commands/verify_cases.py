"""Run worked examples through rating, charges and invoices, and print where these differ."""

import json
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

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
        tried = [
            _Tried(path.name, number, verify_case(case, runners=RUNNERS))
            for path in _files(Path(options["path"]))
            for number, case in enumerate(_cases(path), start=1)
        ]
        counts = Counter(one.result.outcome for one in tried)
        if options["as_json"]:
            self.print_json(_report(tried, counts))
        else:
            for one in tried:
                if one.result.outcome is not CaseOutcome.AGREED:
                    self.stdout.write(_line(one))
            self.stdout.write(_summary(counts))
        if counts[CaseOutcome.AGREED] != len(tried):
            raise SystemExit(FAILED)


class _Tried(NamedTuple):
    """A case: its file, its place in it from 1, and what came of it."""

    file: str
    number: int
    result: CaseResult


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
    found = _read(path)
    return isinstance(found, dict) and found.get("schema") == CASE_SCHEMA and isinstance(found.get("cases"), list)


def _cases(path: Path) -> list[dict[str, Any]]:
    return [case if isinstance(case, dict) else {} for case in _read(path)["cases"]]


def _read(path: Path) -> Any:
    """Return what a file holds, decimals as the text they are; say where it is damaged, pass over none."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"), parse_float=str)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except (OSError, ValueError, RecursionError) as error:
        where = str(error)
    msg = (
        f"{path} is no JSON, {where}. Mend it or take it away; type for example: python3 manage.py verify_cases FOLDER"
    )
    raise CommandError(msg, returncode=WRONG_USE)


def _line(tried: _Tried) -> str:
    result = tried.result
    if result.outcome is CaseOutcome.NOT_SUPPORTED:
        return f"{result.case_id}: not supported: {result.reason} ({tried.file}, case {tried.number})"
    return f"{result.case_id}: expected {result.expected}, got {result.got}"


def _summary(counts: Counter[CaseOutcome]) -> str:
    return (
        f"{counts[CaseOutcome.AGREED]} agreed, {counts[CaseOutcome.DIFFERS]} differ, "
        f"{counts[CaseOutcome.NOT_SUPPORTED]} not supported"
    )


def _report(tried: list[_Tried], counts: Counter[CaseOutcome]) -> dict[str, Any]:
    return {
        "agreed": counts[CaseOutcome.AGREED],
        "differ": counts[CaseOutcome.DIFFERS],
        "not_supported": counts[CaseOutcome.NOT_SUPPORTED],
        "cases": [
            {"file": one.file, "number": one.number, **asdict(one.result)}
            for one in tried
            if one.result.outcome is not CaseOutcome.AGREED
        ],
    }
