"""Take in usage files from the command line."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.jobs.commands import REFUSED, SET_ASIDE, WRONG_USE, HouseCommand
from rating.models import UsageFile, UsageSource
from rating.operations.arriving_bytes import arriving_blocks
from rating.operations.usage_files import FileAlreadyKnown, load_usage_file
from rating.queries.held_files import explain_held
from rating.queries.incoming import IncomingFile, Obstacle, incoming_files
from rating.queries.intake import sequence_gaps
from rating.queries.source_trials import try_source
from rating.queries.sources import SourceForm, form_of

WAITS = {
    Obstacle.NO_DONE_FILE: "It is taken once {name}{suffix} lies beside it.",
    Obstacle.STILL_CHANGING: "It changed less than {seconds} s ago and is taken when it rests.",
    Obstacle.SYMBOLIC_LINK: "Links in a folder are not followed. Put the file itself there.",
}


class Command(HouseCommand):
    """
    Exit code 0 done, 2 wrong use, 3 a file is held, 4 a file was refused (it is known already, or it is a bad
    archive).
    """

    help = """examples:
  python3 manage.py load_usage .local/files/demo/incoming/X07-20260228.csv --source X07
  python3 manage.py load_usage incoming/ --source X07 --json
  python3 manage.py load_usage Master.csv --source A09 --dry-run

Stores, hashes and registers usage files (packed by gzip or not); rate_usage rates them. The same file again, under
any name, is refused as known. Files that are still being written wait, where their source tells how to see it."""
    resume_hint = "What is loaded stays; type the same command again: known files are refused, the others are taken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take files or folders, and where they come from."""
        parser.add_argument(
            "paths", nargs="+", metavar="PATH", help="a file, or a folder whose files are taken in order of name"
        )
        parser.add_argument("--source", required=True, help="the code of the usage source that the files come from")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say which files would be taken and what could be read; write nothing",
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *_args: object, **options: Any) -> None:
        """Load every file."""
        source = _source(options["source"])
        try:
            form = form_of(source)
        except BillingError as error:
            raise CommandError(f"Source {source.code}: {error.message}", returncode=REFUSED) from error
        files = [file for name in options["paths"] for file in _files(name, form)]
        found = [_result(source, form, file, is_dry=options["dry_run"]) for file in files]
        gaps = sequence_gaps(source=source)
        if options["as_json"]:
            missing = [{"first": gap.first, "last": gap.last, "count": gap.count} for gap in gaps]
            self.print_json({"files": found, "gaps": missing})
        else:
            if not found:
                self.stdout.write(f"There is no file in {', '.join(options['paths'])}.")
            for row in found:
                self.stdout.write("  ".join(str(value) for value in row.values() if value not in (None, "", {})))
            for gap in gaps:
                self.stdout.write(
                    f"Never came: {gap.count} of the sequence of {source.code}, {gap.first} to {gap.last}"
                )
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


def _files(name: str, form: SourceForm) -> list[IncomingFile]:
    path = Path(name)
    if not name or not path.exists():
        message = (
            f"“{name}” does not exist. Type for example: python3 manage.py load_usage incoming/calls.csv --source X07"
        )
        raise CommandError(message, returncode=WRONG_USE)
    return list(incoming_files(path=path, form=form, now=clock.machine_now()))


def _result(source: UsageSource, form: SourceForm, file: IncomingFile, *, is_dry: bool) -> dict[str, Any]:
    name = file.path.name
    if file.obstacle is not None:
        state = "REFUSED" if file.obstacle is Obstacle.SYMBOLIC_LINK else "WAITING"
        message = WAITS[file.obstacle].format(name=name, suffix=form.done_suffix, seconds=form.settle_seconds)
        return {"name": name, "state": state, "code": str(file.obstacle), "message": message}
    if is_dry:
        return _tried(form, file.path)
    return _load(source, file.path)


def _tried(form: SourceForm, path: Path) -> dict[str, Any]:
    """Say what would be read of a file, whatever its form; owners and prices are not looked for."""
    try:
        trial = try_source(form=form, blocks=arriving_blocks(path, name=path.name), at=clock.now())
    except BillingError as error:
        return {"name": path.name, "state": "REFUSED", "code": error.code, "message": error.message}
    return {
        "name": path.name,
        "state": "WOULD_LOAD",
        "bytes": path.stat().st_size,
        "lines": trial.record_count,
        "can_be_read": trial.read_count,
        "set_aside": {reason: count for reason, count in sorted(trial.outcomes.items()) if reason != "READ"},
        "message": trial.header_fault.message if trial.header_fault else " ".join(map(str, trial.hindrances)),
    }


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
        "code": file.held_reason,
        "message": str(explain_held(file) or ""),
    }
