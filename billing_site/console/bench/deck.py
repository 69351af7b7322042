"""
How long a rate deck takes: to its preview (as CSV and as a workbook), into the draft, and into force.

Seconds on the wall are said beside processor seconds (ours and the database's), which other people's work on the
machine does not stretch.
"""

import csv
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from billing_site.console.bench.asking import ask_worker
from billing_site.console.bench.bill_run import scratch_database

WORKER = Path(__file__).with_name("deck_worker.py")
PREFIXES_OF_ZONE = 20
HEAD = ("prefix", "destination", "price", "increment")


def measure_deck(*, prefixes: int = 100_000) -> dict[str, Any]:
    """
    Lead a deck from its file into force, in a scratch database.

    :returns: by phase (``preview_csv``, ``preview_xlsx``, ``load``, ``publish``) the seconds, and under
        ``processor_seconds`` what our process and its database session computed
    """
    with scratch_database("saldo_bench_deck") as environment, tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "deck.csv", Path(folder) / "deck.xlsx"]
        for path, make in zip(paths, (csv_deck, xlsx_deck), strict=True):
            path.write_bytes(make(prefixes))
        found = ask_worker(WORKER, {**environment, "SALDO_FILES_ROOT": folder}, *map(str, paths))
    return {"prefixes": prefixes, "destinations": prefixes // PREFIXES_OF_ZONE, **found}


def csv_deck(prefixes: int) -> bytes:
    """Return a deck as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows([HEAD, *_rows(prefixes)])
    return text.getvalue().encode()


def xlsx_deck(prefixes: int) -> bytes:
    """Return the same deck as a workbook, prefixes as text and prices as numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Deck")
    sheet.append(HEAD)
    for row in _rows(prefixes):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _rows(prefixes: int) -> Iterator[tuple[str, str, int, int]]:
    """Yield rows: every destination has a price and prefixes of four to nine digits."""
    for number in range(prefixes):
        zone = number // PREFIXES_OF_ZONE
        yield f"{1_000 + number}{'0' * (number % 3)}7", f"Destination {zone:05}", 5 + zone % 90, 60
