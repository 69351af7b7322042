"""
Networks for the benches, of any size: loaded set by set, without the indexes and keys that are quicker made afterwards.
"""

import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from threading import Event, Thread
from typing import Any

import psycopg2
from psycopg2.sql import SQL, Composed, Identifier

# Exclusions and foreign keys of some tables, and indexes that guard nothing: dropped before and made afterwards.
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE conrelid::regclass::text = ANY (%(tables)s) AND contype IN ('f', 'x')
ORDER BY contype DESC, conrelid, conname
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index i WHERE indrelid::regclass::text = ANY (%(tables)s) AND NOT indisunique AND NOT indisexclusion
ORDER BY indexrelid
"""
# Row history, and the guards of price lists.
SLEEPING = """
SELECT tgrelid::regclass::text, tgname FROM pg_trigger
WHERE tgname = 'follow' OR (NOT tgisinternal AND tgrelid::regclass::text LIKE 'tariffs%')
"""
PROGRESS = "SELECT stage, done_units, total_units FROM jobs_job WHERE state = 'RUNNING' ORDER BY id DESC LIMIT 1"
FILLED = re.compile(r"^INSERT INTO (\w+)", re.MULTILINE)
TELL_SECONDS = 20
TOLD_ROWS = 100_000


def load_world(environment: Mapping[str, str], *, statements: Iterable[str], parameters: Mapping[str, Any]) -> None:
    """
    Fill a scratch database as its owner, statement by statement, telling the progress; row history and the guards of
    price lists sleep meanwhile.

    Keys and exclusions hold afterwards as before: the database proves them when they are made again.
    """
    texts = {text: FILLED.search(text) for text in statements}
    tables = [found[1] for found in texts.values() if found is not None]
    with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
        with _asleep(cursor), _bare(cursor, tables):
            for text, found in texts.items():
                begun = time.monotonic()
                cursor.execute(text, parameters)
                if found is not None and cursor.rowcount >= TOLD_ROWS:
                    tell(f"{found[1]}: {cursor.rowcount} rows, {time.monotonic() - begun:.0f} s")
        owner.commit()
        owner.autocommit = True
        # As in a network that was there yesterday: no first reader marks rows as seen, no cleaner comes by meanwhile.
        cursor.execute("VACUUM (ANALYZE)")


def statements_of(script: str) -> list[str]:
    """Return the statements of a script in which every one ends at the end of a line."""
    return [text for text in script.split(";\n") if text.strip()]


def tell(text: str) -> None:
    """Say how far a long bench is: beside its result."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {text}\n")
    sys.stderr.flush()


@contextmanager
def told_progress(environment: Mapping[str, str], what: str) -> Iterator[None]:
    """Say every now and then how far the job is that runs in a scratch database."""
    over = Event()

    def watch() -> None:
        with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
            owner.autocommit = True
            while not over.wait(TELL_SECONDS):
                cursor.execute(PROGRESS)
                for stage, done, total in cursor.fetchall():
                    tell(f"{what}: {stage} {done} of {total}")

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


@contextmanager
def _asleep(cursor: Any) -> Iterator[None]:
    cursor.execute(SLEEPING)
    sleeping = cursor.fetchall()
    _each(cursor, "ALTER TABLE {} DISABLE TRIGGER {}", sleeping)
    yield
    _each(cursor, "ALTER TABLE {} ENABLE TRIGGER {}", sleeping)


@contextmanager
def _bare(cursor: Any, tables: Iterable[str]) -> Iterator[None]:
    """Take what is quicker made afterwards off some tables."""
    named = {"tables": sorted(set(tables))}
    cursor.execute(CONSTRAINTS, named)
    constraints = cursor.fetchall()
    cursor.execute(INDEXES, named)
    indexes = cursor.fetchall()
    for table, name, _definition in constraints:
        cursor.execute(SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(Identifier(table), Identifier(name)))
    for name, _definition in indexes:
        cursor.execute(SQL("DROP INDEX {}").format(Identifier(name)))
    yield
    begun = time.monotonic()
    for _name, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in constraints:
        cursor.execute(_constraint(table, name, definition))
    tell(f"{len(indexes)} indexes and {len(constraints)} constraints: {time.monotonic() - begun:.0f} s")


def _constraint(table: str, name: str, definition: str) -> Composed:
    return SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(Identifier(table), Identifier(name), SQL(definition))


def _each(cursor: Any, statement: str, names: Iterable[tuple[str, str]]) -> None:
    for table, name in names:
        cursor.execute(SQL(statement).format(Identifier(table), Identifier(name)))
