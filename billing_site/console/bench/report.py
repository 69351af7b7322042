"""
How long the reports of a month take, beside adding their figures up from the facts.

The months before are in the summaries as dense as they become, whatever the number of subscriptions: a row for every
centre, kind of document and hour. The month asked for is added up from facts; that grows with the subscriptions, and is
said for each entry.
"""

import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.sql import SQL, Identifier

from billing_site.console.bench.asking import ask_worker
from billing_site.console.bench.bill_run import scratch_database
from billing_site.console.bench.gateway_client import SECRET_PLACE
from billing_site.db.sealing import seal

WORKER = Path(__file__).with_name("report_worker.py")
WORLD = Path(__file__).with_name("report_world.sql")
SUMMARIES = Path(__file__).with_name("report_summaries.sql")
CENTRES = 300
DAYS_BEFORE = 365
# What the report of a month's receivable would read without its summary.
FACTS = "SELECT centre_id, document, sum(debit_minor), sum(credit_minor) FROM payments_books_facts GROUP BY 1, 2"


def measure_report(*, accounts: int = 200_000, subscriptions: int = 0) -> dict[str, Any]:
    """
    Open every report of a month in a scratch database.

    :param subscriptions: of a network whose summaries there are beside the facts of the accounts; 0 for none
    :returns: ``ratio`` (the slowest page over adding the books up from their entries), ``slowest`` and its name,
        ``rows_per_second`` (entries added to the summaries), ``phases`` in seconds: adding up, and every page;
        ``cpu_seconds`` of every page, which other people's work does not lengthen
    """
    with scratch_database("saldo_bench_report") as environment:
        made = make_network(environment, accounts=accounts, centres=CENTRES, days=DAYS_BEFORE)
        if subscriptions:
            _make_summaries(environment, subscriptions=subscriptions)
        facts = _facts_seconds(environment)
        totals = ask_worker(WORKER, environment, "total")
        opened = ask_worker(WORKER, environment, "open")
    pages, cpu = opened["seconds"], opened["cpu_seconds"]
    slowest = max(pages, key=lambda code: pages[code])
    return {
        "ratio": pages[slowest] / facts,
        "slowest": slowest,
        "slowest_seconds": pages[slowest],
        "slowest_cpu_seconds": max(cpu.values()),
        "cpu_seconds": cpu,
        "rows_per_second": int(2 * accounts / totals["total"]),
        "entries": 2 * accounts,
        "facts_seconds": facts,
        "world_seconds": made,
        "subscriptions": subscriptions,
        "phases": {**totals, **pages},
    }


def make_network(environment: Mapping[str, str], *, accounts: int, centres: int, days: int) -> float:
    """
    Fill a scratch database with a network and a month of its money; return how many seconds that took.

    :param days: of the months before, for which the summaries are there
    """
    begun = time.monotonic()
    with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname = 'follow'")
        for table, trigger in cursor.fetchall():
            cursor.execute(SQL("ALTER TABLE {} DISABLE TRIGGER {}").format(Identifier(table), Identifier(trigger)))
        owner.commit()
        places: dict[str, Any] = {"accounts": accounts, "centres": centres, "days": days}
        places |= {"secret": seal("bench", place=SECRET_PLACE)}
        cursor.execute(WORLD.read_text(encoding="utf-8"), places)
        owner.commit()
        owner.autocommit = True
        cursor.execute("ANALYZE")
    return time.monotonic() - begun


def _make_summaries(environment: Mapping[str, str], *, subscriptions: int) -> None:
    with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
        cursor.execute(SUMMARIES.read_text(encoding="utf-8"), {"subscriptions": subscriptions, "centres": CENTRES})
        owner.commit()
        owner.autocommit = True
        cursor.execute("VACUUM (ANALYZE)")


def _facts_seconds(environment: Mapping[str, str]) -> float:
    with closing(psycopg2.connect(environment["DATABASE_URL"])) as reader, reader.cursor() as cursor:
        begun = time.monotonic()
        cursor.execute(FACTS)
        cursor.fetchall()
        return time.monotonic() - begun
