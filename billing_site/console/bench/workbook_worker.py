"""A worker of the workbook bench: makes a day ready, or writes its tables one way, and says what that took."""

import csv
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING
from zoneinfo import ZoneInfo

import django
from openpyxl import Workbook

if TYPE_CHECKING:
    from reports.domain.report import Report

KIB_PER_MIB = 1024
ZONE = ZoneInfo("Asia/Yerevan")


def main(way: str, day: date) -> None:
    """Do it, and answer with one line of JSON."""
    django.setup()
    # Models may be imported only once the registry is ready.
    from reconciliation.operations.terminal_checks import check_terminals  # noqa: PLC0415
    from reports.queries.terminal_check import find_terminal_check_reports  # noqa: PLC0415

    # What the program itself takes before it writes anything.
    before_mb = _peak_mb()
    begun, spent = time.monotonic(), time.process_time()
    rows = 0
    if way == "check":
        (outcome,) = check_terminals(day=day, checked_at=datetime(day.year + 1, 1, 1, tzinfo=UTC))
        rows = outcome.matched_count
    else:
        with tempfile.TemporaryFile() as stream:
            rows = WAYS[way](stream, find_terminal_check_reports(network_code="bench", day=day) or ())
    seconds = time.monotonic() - begun
    cpu = time.process_time() - spent
    told = {
        "rows": rows,
        "seconds": seconds,
        "cpu_seconds": cpu,
        "peak_mb": _peak_mb(),
        "own_mb": _peak_mb() - before_mb,
    }
    sys.stdout.write(json.dumps(told) + "\n")


def _peak_mb() -> int:
    """Return the most that this program held; ``getrusage`` would count what its parent held when it started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // KIB_PER_MIB


def write_ours(stream: IO[bytes], reports: "Sequence[Report]") -> int:
    """Write the workbook as the page does."""
    from billing_site.documents.workbooks import write_workbook  # noqa: PLC0415 - see above
    from reports.views.workbooks import report_sheet  # noqa: PLC0415

    return write_workbook(stream, [report_sheet(report, right_to_left=False) for report in reports], zone=ZONE)


def write_bare(stream: IO[bytes], reports: "Sequence[Report]") -> int:
    """Hand the same values to the library, with no cell dressed in anything."""
    book = Workbook(write_only=True)
    rows = 0
    for report in reports:
        sheet = book.create_sheet(report.title)
        for row in _plain(report):
            sheet.append(row)
            rows += 1
    book.save(stream)
    return rows


def write_csv(stream: IO[bytes], reports: "Sequence[Report]") -> int:
    """Write the same values with the csv module."""
    rows = 0
    with tempfile.TemporaryFile("w", newline="") as text:
        writer = csv.writer(text)
        for report in reports:
            for row in _plain(report):
                writer.writerow(row)
                rows += 1
    return rows


def _plain(report: "Report") -> Iterator[list[object]]:
    from reports.domain.report import Figure  # noqa: PLC0415 - see above

    for row in report.rows:
        yield [
            value.expression
            if isinstance(value, Figure)
            else value.astimezone(ZONE).replace(tzinfo=None)
            if isinstance(value, datetime)
            else value
            for value in row
        ]


WAYS: "dict[str, Callable[[IO[bytes], Sequence[Report]], int]]" = {
    "workbook": write_ours,
    "bare": write_bare,
    "csv": write_csv,
}

if __name__ == "__main__":
    main(sys.argv[1], date.fromisoformat(sys.argv[2]))
