"""The killed workers of these tests work on the database of the test that kills them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.db import connection

from tests.fixtures.databases import copy_of_template, django_on
from tests.flows.fault_bench import forked, wait


def name_of_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        return str(cursor.fetchone()[0])


def forks_beside_a_loop(file: Path) -> str:
    """Have a fork write down where it works, and return where its parent does: one that looked elsewhere before."""
    usual = name_of_database()

    async def fork() -> str:
        with copy_of_template() as database, django_on(database):
            assert wait(forked(lambda: file.write_text(name_of_database()), is_told=True)) == 0
            return database.name

    try:
        wanted = asyncio.run(fork())
        assert name_of_database() == usual  # the fork has not closed what it was not given
    finally:
        connection.close()
    return wanted


def test_fork_beside_a_browser_works_where_its_parent_works(django_db_setup, django_db_blocker, tmp_path, monkeypatch):
    """A browser keeps an event loop in this thread, and Django other connections beside it than before."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    file = tmp_path / "database"
    # In a thread of its own: here a browser of another test may have a loop already.
    with django_db_blocker.unblock(), ThreadPoolExecutor(max_workers=1) as thread:
        wanted = thread.submit(forks_beside_a_loop, file).result()

    assert file.read_text(encoding="utf-8") == wanted
