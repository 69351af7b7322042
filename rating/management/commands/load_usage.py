"""Take in usage files from the command line."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing_site.core import clock
from billing_site.core.errors import BillingError
from rating.models import UsageFile, UsageSource
from rating.operations.usage_files import FileAlreadyKnown, load_usage_file

WRONG_USE = 2
SET_ASIDE = 3
REFUSED = 4
# What a sender has not finished yet, or what is none of ours.
UNFINISHED = (".part", ".tmp", ".filepart")


class Command(BaseCommand):
    """
    Exit code 0 done, 2 wrong use, 3 a file is held, 4 a file was refused (it is known already, or it is a bad
    archive).
    """

    help = """examples:
  python3 manage.py load_usage incoming/X07-20260305-0019.csv --source X07
  python3 manage.py load_usage incoming/ --source X07 --json
  python3 manage.py load_usage Master.csv --source PBX --dry-run

Stores, hashes and registers usage files (packed or not); rate_usage rates them. The same file again, under any name,
is refused as known."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the line breaks of the examples."""
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take files or folders, and where they come from."""
        parser.add_argument(
            "paths", nargs="+", metavar="PATH", help="a file, or a folder whose files are taken in order of name"
        )
        parser.add_argument("--source", required=True, help="the code of the usage source that the files come from")
        parser.add_argument("--dry-run", action="store_true", help="say which files would be taken; write nothing")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *_args: object, **options: Any) -> None:
        """Load every file."""
        source = _source(options["source"])
        paths = [path for name in options["paths"] for path in _files(Path(name))]
        found = [_planned(path) if options["dry_run"] else _load(source, path) for path in paths]
        if options["as_json"]:
            self.stdout.write(json.dumps({"files": found}))
        else:
            for row in found:
                self.stdout.write("  ".join(str(value) for value in row.values() if value not in {None, ""}))
        states = {row["state"] for row in found}
        if "REFUSED" in states:
            raise SystemExit(REFUSED)
        if UsageFile.State.HELD in states:
            raise SystemExit(SET_ASIDE)


def _source(code: str) -> UsageSource:
    source = UsageSource.objects.filter(code=code).first()
    if source is None:
        known = ", ".join(UsageSource.objects.order_by("code").values_list("code", flat=True))
        message = f"There is no usage source “{code}”. Type --source with one of: {known or 'none exists yet'}."
        raise CommandError(message, returncode=WRONG_USE)
    return source


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (
            entry
            for entry in sorted(path.iterdir())
            if entry.is_file() and not entry.name.startswith(".") and entry.suffix not in UNFINISHED
        )
    elif path.is_file():
        yield path
    else:
        message = (
            f"{path} does not exist. Type for example: python3 manage.py load_usage incoming/calls.csv --source X07"
        )
        raise CommandError(message, returncode=WRONG_USE)


def _planned(path: Path) -> dict[str, Any]:
    return {"name": path.name, "state": "WOULD_LOAD", "bytes": path.stat().st_size}


def _load(source: UsageSource, path: Path) -> dict[str, Any]:
    try:
        file = load_usage_file(source=source, name=path.name, content=path, arrived_at=clock.now())
    except BillingError as error:
        known = error.context.get("file_id") if isinstance(error, FileAlreadyKnown) else None
        return {"name": path.name, "state": "REFUSED", "code": error.code, "message": error.message, "file_id": known}
    return {
        "name": path.name,
        "state": str(file.state),
        "file_id": file.pk,
        "lines": file.line_count,
        "message": str(UsageFile.HeldReason(file.held_reason).label) if file.held_reason else "",
    }
