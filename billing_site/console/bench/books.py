"""How long billing against accounting takes for a month, beside a bare join of the tables that it reads."""

import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2

from billing_site.console.bench.asking import ask_worker
from billing_site.console.bench.bill_run import scratch_database
from billing_site.console.bench.report import CENTRES, make_network

WORKER = Path(__file__).with_name("books_worker.py")
WORLD = Path(__file__).with_name("books_world.sql")
TURNS = 3
BARE = """
    SELECT count(*), count(l.line_number)
    FROM ledger_entry e
    JOIN ledger_posting p ON p.entry_id = e.id
    JOIN subscribers_account a ON a.ledger_account_id IN (p.debit_id, p.credit_id)
    FULL JOIN reconciliation_accountingline l ON l.account_number = a.number AND l.accounting_class_id = 5
"""


def measure_books(*, accounts: int = 200_000) -> dict[str, Any]:
    """
    Compare a month of as many accounts with accounting, in a scratch database: three lines of theirs for each.

    :returns: ``ratio`` (the best of three comparisons over the bare join), ``rows_per_second`` (accounts), ``cases``
        found, ``phases`` in seconds, ``cpu_seconds`` of the best one
    """
    with scratch_database("saldo_bench_books") as environment:
        make_network(environment, accounts=accounts, centres=CENTRES, days=1)
        with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
            cursor.execute(WORLD.read_text(encoding="utf-8"), {})
            owner.commit()
            owner.autocommit = True
            cursor.execute("ANALYZE")
            begun = time.monotonic()
            cursor.execute(BARE)
            bare = time.monotonic() - begun
        turns = [ask_worker(WORKER, environment) for _turn in range(TURNS)]
    best = min(turns, key=lambda turn: turn["seconds"])
    return {
        "ratio": best["seconds"] / bare,
        "rows_per_second": int(accounts / best["seconds"]),
        "cases": best["open"],
        "cpu_seconds": best["cpu_seconds"],
        "phases": {"first": turns[0]["seconds"], "again": best["seconds"]},
        "yardstick_seconds": bare,
        "accounts": accounts,
    }
