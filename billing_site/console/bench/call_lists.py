"""
How long the pages of call lists take, and how much of the database they look at, in a month of many records.

Looked at are a line of twenty thousand calls and an account of a thousand lines, twice: with a tenth of the month's
records beside theirs, and with all of them. What a page reads must not grow with the month.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - it is a class
from psycopg2.sql import SQL, Identifier

from billing_site.console.bench.asking import ask_worker
from billing_site.console.bench.bill_run import database_mb, scratch_database
from billing_site.console.bench.rating import make_world
from billing_site.console.bench.worlds import tell

WORKER = Path(__file__).with_name("call_lists_worker.py")
RECORDS = Path(__file__).with_name("call_list_records.sql")
FIRST_DAY, DAYS = date(2026, 3, 1), 30
CALLS_OF_LINE, LINES_OF_ACCOUNT, CALLS_OF_OTHERS = 20_000, 1_000, 100
RECORDS_OF_SUBSCRIPTION = 100
BEGINNING = 10
# So many take minutes: it is told how far they are.
TOLD_RECORDS = 2_000_000


def measure_call_lists(*, records: int = 2_000_000) -> dict[str, Any]:
    """
    Open pages of call lists in a scratch database.

    :returns: ``pages``: by page its ``milliseconds`` (the median of the whole answer), ``processor_milliseconds`` (ours
        and the database's, which other people's work does not stretch), ``buffers`` (blocks of 8 KB that its queries of
        records touched) and ``buffers_before`` (the same among a tenth of the records);
        ``slowest``; ``growth``, the greatest ratio of the two
    """
    with scratch_database("saldo_bench_call_lists") as environment:
        begun = time.monotonic()
        make_world(environment, subscriptions=max(2 * LINES_OF_ACCOUNT, records // RECORDS_OF_SUBSCRIPTION))
        few = records // BEGINNING
        _fill(environment, few, salt=1, is_first=True)
        before = ask_worker(WORKER, environment)
        _fill(environment, records - few, salt=2, is_first=False)
        made = time.monotonic() - begun
        pages = ask_worker(WORKER, environment)
    for name, page in pages.items():
        page["buffers_before"] = before[name]["buffers"]
    slowest = max(pages, key=lambda name: float(pages[name]["milliseconds"]))
    return {
        "records": records,
        "pages": pages,
        "slowest": slowest,
        "slowest_milliseconds": pages[slowest]["milliseconds"],
        "growth": max(page["buffers"] / page["buffers_before"] for page in pages.values()),
        "world_seconds": made,
    }


def _fill(environment: Mapping[str, str], records: int, *, salt: int, is_first: bool) -> None:
    """Add records to every day: at first also those that are looked at."""
    lines = max(LINES_OF_ACCOUNT, records // RECORDS_OF_SUBSCRIPTION)
    with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
        if is_first:
            cursor.execute(
                "UPDATE subscribers_subscription SET account_id = CASE WHEN id = 1 THEN 2 ELSE 1 END WHERE id <= %s",
                [LINES_OF_ACCOUNT + 1],
            )
            cursor.execute(
                "INSERT INTO identity_user (id, username, full_name, role, language, is_active, password)"
                " VALUES (1, 'bench.reader', 'Reader', 'BILLING_SPECIALIST', 'en', true, '!')"
            )
        owner.commit()
        # Nothing of a scratch database has to outlive a power cut; keys are made by sorting a whole day.
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET work_mem = '512MB'")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for at in range(DAYS):
            day = FIRST_DAY + timedelta(days=at)
            cursor.execute("SELECT rating_make_partition(%s)", [day])
            partition = str(cursor.fetchall()[0][0])
            groups = [(LINES_OF_ACCOUNT + 2, lines, records, salt)]
            if is_first:
                groups.append((1, 1, CALLS_OF_LINE, 3))
                groups.append((2, LINES_OF_ACCOUNT, LINES_OF_ACCOUNT * CALLS_OF_OTHERS, 4))
            with _keyless(cursor, partition, day):
                _add(cursor, partition, day, groups)
            owner.commit()
            if records >= TOLD_RECORDS:
                tell(f"{day}: {sum(count for _first, _lines, count, _salt in groups) // DAYS} records")
        owner.autocommit = True
        cursor.execute("VACUUM ANALYZE")
        if records >= TOLD_RECORDS:
            tell(f"{database_mb(environment)} MB")


@contextmanager
def _keyless(cursor: Cursor, partition: str, day: date) -> Iterator[None]:
    """Leave a day out of its table while records come into it: its key and its indexes are made once, from all."""
    name = Identifier(partition)
    cursor.execute(SQL("ALTER TABLE rating_ratedusage DETACH PARTITION {}").format(name))
    cursor.execute("SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'", [partition])
    for (key,) in cursor.fetchall():
        cursor.execute(SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(name, Identifier(key)))
    cursor.execute(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = %s::regclass ORDER BY 1", [partition]
    )
    for (index,) in cursor.fetchall():
        cursor.execute(SQL("DROP INDEX {}").format(Identifier(index)))
    yield
    bounds = [f"{one} 00:00:00+00" for one in (day, day + timedelta(days=1))]
    attach = SQL("ALTER TABLE rating_ratedusage ATTACH PARTITION {} FOR VALUES FROM (%s) TO (%s)")
    cursor.execute(attach.format(name), bounds)


def _add(cursor: Cursor, partition: str, day: date, groups: Sequence[tuple[int, int, int, int]]) -> None:
    """Add a day's share of the records of groups of lines: (first line, lines, records of the month, salt)."""
    first_lines, lines, records, salts = zip(*groups, strict=True)
    counts = [count // DAYS for count in records]
    values = {
        "day": day,
        "first_lines": list(first_lines),
        "lines": list(lines),
        "counts": counts,
        "salts": list(salts),
    }
    cursor.execute(SQL(RECORDS.read_text(encoding="utf-8")).format(partition=Identifier(partition)), values)
