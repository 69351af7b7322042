"""
How long a reconciliation workbook takes, beside the bare library writing the same values and the csv module doing so.

Each way runs in a process of its own, so that its memory is its own; a second, ten times smaller day shows whether
memory grows with the rows.
"""

from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import psycopg2

from billing_site.console.bench.asking import ask_worker
from billing_site.console.bench.bill_run import scratch_database
from billing_site.console.bench.gateway_client import SECRET_PLACE
from billing_site.db.sealing import seal

WORKER = Path(__file__).with_name("workbook_worker.py")
WORLD = Path(__file__).with_name("workbook_world.sql")
DAY = date(2026, 3, 4)
SMALLER = 10


def measure_workbook(*, rows: int = 500_000) -> dict[str, Any]:
    """
    Write the workbook of a day in a scratch database: half of the rows are matched pairs, half lines of the books.

    :returns: ``ratio`` (ours over the bare library), ``csv_ratio``, ``rows_per_second``, ``peak_mb``
        and ``own_mb`` (of the process, and of that what writing took),
        ``smaller_peak_mb`` and ``smaller_own_mb`` (of a day with a tenth of the rows), ``phases`` in seconds, and of
        processor time in ``cpu_seconds``
    """
    smaller = _measure(rows=rows // SMALLER, ways=("workbook",))
    found = _measure(rows=rows, ways=("workbook", "bare", "csv"))
    ours = found["workbook"]
    return {
        "ratio": ours["seconds"] / found["bare"]["seconds"],
        "csv_ratio": ours["seconds"] / found["csv"]["seconds"],
        "rows_per_second": int(ours["rows"] / ours["seconds"]),
        "peak_mb": ours["peak_mb"],
        "own_mb": ours["own_mb"],
        "smaller_peak_mb": smaller["workbook"]["peak_mb"],
        "smaller_own_mb": smaller["workbook"]["own_mb"],
        "phases": {way: told["seconds"] for way, told in found.items()},
        "cpu_seconds": {way: told["cpu_seconds"] for way, told in found.items()},
        "yardstick_seconds": found["bare"]["seconds"],
        "rows": ours["rows"],
    }


def _measure(*, rows: int, ways: tuple[str, ...]) -> dict[str, Any]:
    with scratch_database("saldo_bench_workbook") as environment:
        with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
            given = {"payments": rows // 2, "day": DAY, "secret": seal("bench", place=SECRET_PLACE)}
            cursor.execute(WORLD.read_text(encoding="utf-8"), given)
            owner.commit()
            owner.autocommit = True
            cursor.execute("ANALYZE")
        return {way: ask_worker(WORKER, environment, way, DAY.isoformat()) for way in ("check", *ways)}
