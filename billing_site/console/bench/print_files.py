"""
How long the print files of a bill run take on both cores, beside one process that makes them alone.

The bills are made as any others are, ten in a hundred go out by mail and are not printed. The files are made twice and
must come out alike to the byte: first by one process, then by all.
"""

import csv
import hashlib
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2

from billing_site.console.bench.bill_run import Workers, make_world, scratch_database

PARTS, JOINS = "invoicing.make_print_part", "invoicing.join_print_batch"
ROUNDS = """
UPDATE subscribers_subscriber SET email = 'payer' || id || '@example.org' WHERE id % 10 = 0;
UPDATE subscribers_account SET post_code = lpad((id * 7919 % 90)::text, 4, '0'), route = chr(65 + (id % 5)::int);
"""
# Bills that are in a batch though they go out by mail, or that come after one of a later round.
MISPLACED = """
SELECT count(*) FILTER (WHERE channel = 'PRINT' AND mailed), count(*) FILTER (WHERE (post_code, route) < before)
FROM (
    SELECT d.channel, (d.post_code, d.route) AS round, d.post_code, d.route, s.email <> '' AS mailed,
        lag((d.post_code, d.route)) OVER (ORDER BY b.n, d.place) AS before
    FROM invoicing_billdelivery d
    JOIN invoicing_printbatch b ON b.id = d.batch_id
    JOIN subscribers_account a ON a.id = d.account_id
    JOIN subscribers_subscriber s ON s.id = a.subscriber_id
) p
"""
LISTS = """
SELECT b.bill_count, b.sheet_count, c.sha256, m.sha256
FROM invoicing_printbatch b
JOIN documents_storedfile c ON c.id = b.content_id
JOIN documents_storedfile m ON m.id = b.manifest_id
"""
FIGURES = "SELECT count(*), sum(bill_count), sum(page_count) FROM invoicing_printbatch WHERE state = 'MADE'"


def measure_print_files(*, documents: int = 1_000, workers: int = 2) -> dict[str, Any]:
    """
    Bill ``documents`` accounts, print those without mail by one process and by several.

    :returns: ``ratio`` (several over one by the clock), ``cpu_ratio`` (the same in processor time: what sharing the
        work costs), ``rows_per_second`` (bills, by several), ``peak_mb`` (largest worker), ``phases`` in seconds
    :raises RuntimeError: if a bill is printed that goes out by mail or out of the order of the rounds, or if a file is
        not what its list says
    """
    with (
        tempfile.TemporaryDirectory() as files,
        scratch_database("saldo_bench_print") as database,
    ):
        environment = {**database, "SALDO_FILES_ROOT": files}
        make_world(environment, accounts=documents, subscriptions=documents * 13 // 10)
        _ask(environment, ROUNDS)
        with closing(Workers(environment, count=workers)) as crew:
            crew.bill()
            crew.say("work invoicing.deliver_bill_run", everybody=False)
            crew.say("work invoicing.write_deliveries", everybody=False)
            crew.say("print", everybody=False)
            one, one_busy = _made(crew, everybody=False)
            crew.say("print again", everybody=False)
            several, several_busy = _made(crew, everybody=True)
            peak_mb = crew.peak_mb()
        ((batches, bills, pages),) = _ask(environment, FIGURES)
        if _ask(environment, MISPLACED) != [(0, 0)]:
            message = "Bills are printed that go out by mail, or out of the order of the rounds."
            raise RuntimeError(message)
        size_mb = _check_lists(environment, Path(files))
    return {
        "ratio": sum(several.values()) / sum(one.values()),
        "cpu_ratio": several_busy / one_busy,
        "cpu_milliseconds_per_bill": 1000 * several_busy / int(bills),
        "rows_per_second": int(bills) / sum(several.values()),
        "peak_mb": peak_mb,
        "phases": {**{f"{name} by one": took for name, took in one.items()}, **several},
        "documents": int(bills),
        "pages": int(pages),
        "batches": int(batches),
        "size_mb": size_mb,
        "by_mail": documents - int(bills),
        "workers": workers,
    }


def _made(crew: Workers, *, everybody: bool) -> tuple[dict[str, float], float]:
    """Have all parts rendered and joined; return the seconds of either, and the processor time of both."""
    busy, took = crew.busy_seconds(), {}
    for name, kind in (("render", PARTS), ("join", JOINS)):
        begun = time.monotonic()
        crew.say(f"work {kind}", everybody=everybody)
        took[name] = time.monotonic() - begun
    return took, crew.busy_seconds() - busy


def _check_lists(environment: Mapping[str, str], files: Path) -> float:
    """Compare every file with its hash and its list, and return what the files weigh, in megabytes."""
    weight = 0
    for bill_count, sheet_count, *hashes in _ask(environment, LISTS):
        content, listed = ((files / one[:2] / one[2:4] / one).read_bytes() for one in hashes)
        rows = list(csv.DictReader(listed.decode().splitlines()))
        sheets = sum(int(row["sheets"]) for row in rows)
        found = [hashlib.sha256(one).hexdigest() for one in (content, listed)]
        if (len(rows), sheets, found) != (bill_count, sheet_count, hashes):
            message = "A print file is not what its hash or its list says."
            raise RuntimeError(message)
        weight += len(content)
    return weight / 1e6


def _ask(environment: Mapping[str, str], statement: str) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner, owner.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []
