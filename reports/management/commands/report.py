"""Ask a report at the terminal."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from billing_site.core import clock
from billing_site.documents.workbooks import write_workbook
from billing_site.identity.models import Department
from billing_site.jobs.commands import WRONG_USE, HouseCommand, written_day
from reports.domain.asking import usual_days
from reports.domain.definition import Answer, Definition, Question
from reports.forms.tables import facts_of, plain_rows, sheets_of, text_lines
from reports.queries.catalogue import REPORTS


class Command(HouseCommand):
    """Exit code 0: told, 2: wrong use."""

    help = """examples:
  python3 manage.py report collection --first 2026-02-01 --last 2026-02-28
  python3 manage.py report line-movements --format json
  python3 manage.py report settlements --department D10 --format xlsx --out settlements.xlsx

Asks a report and prints it, or writes its workbook. Without days it is of those that its page shows."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the report, its days, whose figures, and how to write them."""
        parser.add_argument("name", choices=sorted(REPORTS), help="which report")
        parser.add_argument("--first", help="the first day, as YYYY-MM-DD")
        parser.add_argument("--last", help="the last day, included")
        parser.add_argument("--department", help="code of one department; all when left out")
        parser.add_argument("--format", choices=("csv", "json", "xlsx"), default="csv", help="csv when left out")
        parser.add_argument("--json", action="store_const", const="json", dest="format", help="as --format json")
        parser.add_argument("--out", type=Path, help="where the workbook is written")

    def handle(self, *_args: object, **options: Any) -> None:
        """Ask, and write."""
        report = REPORTS[options["name"]]
        question = _question(report, options)
        if options["format"] == "xlsx" and options["out"] is None:
            message = "A workbook needs --out PATH."
            raise CommandError(message, returncode=WRONG_USE)
        answer = report.read(question)
        if options["format"] == "json":
            self.print_json({"report": report.code, "rows": plain_rows(report, answer)})
        elif options["format"] == "csv":
            for line in text_lines(report, answer):
                self.stdout.write(line, ending="")
        else:
            count = _write(options["out"], report, question, answer)
            self.stdout.write(f"{options['out']}: {count} rows")


def _question(report: Definition, options: dict[str, Any]) -> Question:
    usual = usual_days(report, today=clock.today())
    last = _day(options["last"]) or usual[1]
    first = _day(options["first"]) or min(usual[0], last)
    department_id = None
    if options["department"]:
        department = Department.objects.filter(code=options["department"]).first()
        if department is None or not report.is_by_department:
            message = f"{report.code} has no figures of a department {options['department']}."
            raise CommandError(message, returncode=WRONG_USE)
        department_id = department.pk
    return Question(first=first, last=last, department_id=department_id)


def _day(text: str | None) -> date | None:
    try:
        return written_day(text) if text else None
    except ArgumentTypeError as error:
        raise CommandError(f"{error}.", returncode=WRONG_USE) from error


def _write(path: Path, report: Definition, question: Question, answer: Answer) -> int:
    sheets = sheets_of(report, answer, facts=facts_of(report, question, at=clock.now()))
    try:
        stream = path.open("wb")
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}); name a file with --out, as {report.code}.xlsx"
        raise CommandError(message, returncode=WRONG_USE) from error
    with stream:
        return write_workbook(stream, sheets, zone=clock.operator_zone())
