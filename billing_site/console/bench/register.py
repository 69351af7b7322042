"""
How long a network's register takes against as many payments, beside a bare FULL JOIN of the two tables.

The file is read and copied in by one process, the check runs in another, both by the operations that people use. The
yardstick joins the same two tables in the same database and only counts.
"""

import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import psycopg2

from billing_site.console.bench.asking import ask_worker
from billing_site.console.bench.bill_run import scratch_database
from billing_site.console.bench.gateway_client import SECRET_PLACE
from billing_site.db.sealing import seal

WORKER = Path(__file__).with_name("register_worker.py")
WORLD = Path(__file__).with_name("register_world.sql")
DAY = date(2026, 3, 4)
MAP = {
    "delimiter": ";",
    "encoding": "utf-8",
    "has_header": True,
    "columns": {"txn_id": "txn_id", "account": "account", "amount": "sum", "paid_at": "date"},
}
# Of ten thousand lines so many are missing, of another amount, and of a payment that we never saw.
PER_TEN_THOUSAND = 10_000
TURNS = 5
BARE = """
    SELECT count(*), count(p.id), count(l.line_number)
    FROM payments_payment p
    FULL JOIN reconciliation_terminalregisterline l ON l.txn_id = p.network_txn_id
"""


def measure_register(*, rows: int = 1_000_000) -> dict[str, Any]:
    """
    Load a register of ``rows`` lines and check it against as many payments, in a scratch database.

    :returns: ``ratio`` (the check over the bare join; medians of five turns), ``first_ratio`` (of the first check: it
        writes the cases), ``rows_per_second`` of the check, ``peak_mb`` of the loading, ``phases``, ``cases``
    """
    with scratch_database("saldo_bench_register") as environment, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "register.csv"
        file.write_text("".join(_lines(rows)), encoding="utf-8")
        with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
            given = {"payments": rows, "day": DAY, "map": json.dumps(MAP), "secret": seal("bench", place=SECRET_PLACE)}
            cursor.execute(WORLD.read_text(encoding="utf-8"), given)
            owner.commit()
            owner.autocommit = True
            loaded = ask_worker(WORKER, {**environment, "SALDO_FILES_ROOT": folder}, DAY.isoformat(), "load", str(file))
            cursor.execute("VACUUM ANALYZE")
            bare, checks = [], []
            for _turn in range(TURNS):
                bare.append(_seconds(cursor))
                checks.append(ask_worker(WORKER, environment, DAY.isoformat(), "check"))
    yardstick = statistics.median(bare)
    check = statistics.median(turn["seconds"] for turn in checks)
    return {
        "ratio": check / yardstick,
        "first_ratio": checks[0]["seconds"] / yardstick,
        "rows_per_second": int(rows / check),
        "peak_mb": loaded["peak_mb"],
        "phases": {"load": loaded["seconds"], "first_check": checks[0]["seconds"], "check": check},
        "yardstick_seconds": yardstick,
        "rows": rows,
        "cases": checks[-1]["rows"],
    }


def _lines(rows: int) -> Iterator[str]:
    chance = random.Random(4)  # noqa: S311 - the same register every time
    yield "txn_id;account;sum;date\n"
    for n in range(1, rows + 1):
        dice = chance.randrange(PER_TEN_THOUSAND)
        txn_id = rows + n if dice == 0 else n
        amount = 100 + n % 9000 + (1 if dice == 1 else 0)
        if dice != 2:
            yield f"{txn_id};{n:09d};{amount};2026-03-04 12:00:00\n"


def _seconds(cursor: Any) -> float:
    begun = time.monotonic()
    cursor.execute(BARE)
    cursor.fetchone()
    return time.monotonic() - begun
