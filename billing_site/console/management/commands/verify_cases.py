"""Run worked examples through rating, charges and invoices, and print where these differ."""

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import CommandError

from billing_site.jobs.commands import FAILED, WRONG_USE, HouseCommand
from invoicing.domain.cases import INVOICE_RUNNERS
from rating.domain.case_shapes import SHOWN_LENGTH
from rating.domain.cases import CASE_SCHEMA, RATING_RUNNERS, CaseOutcome, CaseResult, verify_case

CASE_FAMILY = CASE_SCHEMA.partition("/")[0]
RUNNERS = {**RATING_RUNNERS, **INVOICE_RUNNERS}


class Command(HouseCommand):
    """Exit code 0 if every case agreed, 1 if not or if a file is damaged, 2 for a path that holds no cases."""

    help = """examples:
  python3 manage.py verify_cases cases/call-rating.json
  python3 manage.py verify_cases cases/ --json

Runs files of worked examples (schema telecom-billing-cases/1) through our own rating, charge
and invoice code, prints each difference and, last, how many cases agreed, differ and are not supported.
Of a damaged file or case the place is named; the others are run all the same."""

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
        files = _files(Path(options["path"]))
        damaged = [f"{file.path}: {file.damage}" for file in files if file.damage]
        tried = [
            _Tried(file.path.name, number, verify_case(case, runners=RUNNERS))
            for file in files
            for number, case in enumerate(file.cases, start=1)
        ]
        counts = Counter(one.result.outcome for one in tried)
        if options["as_json"]:
            self.print_json(_report(tried, counts, damaged))
        else:
            lines = [_line(one) for one in tried if one.result.outcome is not CaseOutcome.AGREED]
            for line in (*damaged, *lines, *_remedies(counts, damaged), _summary(counts)):
                self.stdout.write(line)
        if damaged or counts[CaseOutcome.AGREED] != len(tried):
            raise SystemExit(FAILED)


class _Tried(NamedTuple):
    """A case: its file, its place in it from 1, and what came of it."""

    file: str
    number: int
    result: CaseResult


class _File(NamedTuple):
    """A file of cases: what it holds, or where it is damaged."""

    path: Path
    cases: list[dict[str, Any]]
    damage: str = ""


def _files(path: Path) -> list[_File]:
    """Return the case files that a path names, the damaged ones too, or say what to type instead."""
    example = "type for example: python3 manage.py verify_cases ../shared/cases/call-rating.json"
    if not path.exists():
        msg = f"{path} does not exist; {example}"
        raise CommandError(msg, returncode=WRONG_USE)
    found = [file for entry in (sorted(path.rglob("*.json")) if path.is_dir() else [path]) if (file := _read(entry))]
    if not found:
        holds = "holds no" if path.is_dir() else "is not a"
        msg = f"{path} {holds} file of schema {CASE_SCHEMA}; {example}"
        raise CommandError(msg, returncode=WRONG_USE)
    return found


def _read(path: Path) -> _File | None:
    """Return the cases of a file, decimals as the text they are, or where it is damaged; nothing for another form."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=str)
    except json.JSONDecodeError as error:
        return _File(path, [], f"this is no JSON, line {error.lineno}, column {error.colno}: {error.msg}")
    except (OSError, ValueError, RecursionError) as error:
        return _File(path, [], f"this is no JSON, {error}")
    schema = found.get("schema") if isinstance(found, dict) else ""
    if schema != CASE_SCHEMA:
        # Cases all the same: the name of their form is missing, or is of another version of it.
        is_ours = str(schema).startswith(CASE_FAMILY) or (schema is None and "cases" in found)
        shown = f"the field schema is {str(schema)[:SHOWN_LENGTH]!r}, not {CASE_SCHEMA!r}"
        return _File(path, [], shown) if is_ours else None
    cases = found.get("cases")
    if not isinstance(cases, list):
        return _File(path, [], f"the field cases is {str(cases)[:SHOWN_LENGTH]!r}, not a list of cases")
    return _File(path, [case if isinstance(case, dict) else {} for case in cases])


def _line(tried: _Tried) -> str:
    result = tried.result
    if result.outcome is CaseOutcome.NOT_SUPPORTED:
        return f"{result.case_id}: not supported: {result.reason} ({tried.file}, case {tried.number})"
    return f"{result.case_id}: expected {result.expected}, got {result.got}"


def _remedies(counts: Counter[CaseOutcome], damaged: Sequence[str]) -> list[str]:
    """Say what helps, once for all that is damaged."""
    if not damaged and not counts[CaseOutcome.NOT_SUPPORTED]:
        return []
    return ["Mend what is named above, or take it away; every other case was run."]


def _summary(counts: Counter[CaseOutcome]) -> str:
    return (
        f"{counts[CaseOutcome.AGREED]} agreed, {counts[CaseOutcome.DIFFERS]} differ, "
        f"{counts[CaseOutcome.NOT_SUPPORTED]} not supported"
    )


def _report(tried: Sequence[_Tried], counts: Counter[CaseOutcome], damaged: Sequence[str]) -> dict[str, Any]:
    return {
        "agreed": counts[CaseOutcome.AGREED],
        "differ": counts[CaseOutcome.DIFFERS],
        "not_supported": counts[CaseOutcome.NOT_SUPPORTED],
        "damaged": list(damaged),
        "cases": [
            {"file": one.file, "number": one.number, **asdict(one.result)}
            for one in tried
            if one.result.outcome is not CaseOutcome.AGREED
        ],
    }
