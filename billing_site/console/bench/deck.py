"""
How long a rate deck takes: to its preview (as CSV and as a workbook), into the draft, and into force.

Seconds on the wall are said beside processor seconds (ours and the database's), which other people's work on the
machine does not stretch.
"""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook

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
    with scratch_database("saldo_bench_deck") as environment:
        found = _ask(environment, csv_deck(prefixes), xlsx_deck(prefixes))
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


def _ask(environment: Mapping[str, str], *decks: bytes) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - our own worker
        [sys.executable, str(WORKER), *(str(len(deck)) for deck in decks)],
        env={**environment, "DJANGO_SETTINGS_MODULE": "billing_site.settings", "PYTHONPATH": str(WORKER.parents[3])},
        input=b"".join(decks),
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
