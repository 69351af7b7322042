"""The killed workers of these tests work on the database of the test that kills them."""

import asyncio
from functools import partial
from pathlib import Path

from django.db import connection

from tests.fixtures.databases import copy_of_template, django_on
from tests.flows.fault_bench import forked, wait


def note_database(file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        file.write_text(cursor.fetchone()[0], encoding="utf-8")


def test_fork_beside_a_browser_works_where_its_parent_works(db, django_db_blocker, tmp_path, monkeypatch):
    """A browser keeps an event loop in this thread, and Django other connections beside it than before."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    file = tmp_path / "database"
    connection.ensure_connection()  # from before the loop

    async def fork() -> str:
        with copy_of_template() as database, django_db_blocker.unblock(), django_on(database):
            assert wait(forked(partial(note_database, file), is_told=True)) == 0
            return database.name

    assert asyncio.run(fork()) == file.read_text(encoding="utf-8")
    note_database(file)  # and the fork has not closed what it was not given
