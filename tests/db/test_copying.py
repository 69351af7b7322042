"""Rows that enter as text: given as a list or written meanwhile, as text or as bytes, all with one statement."""

from collections.abc import Iterator

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from billing_site.db.copying import STREAM_ROWS, copy_escape, copy_text

pytestmark = pytest.mark.django_db
COLUMNS = ("id", "name")


@pytest.fixture(autouse=True)
def table(db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE copied (id bigint PRIMARY KEY, name text) ON COMMIT DROP")


def rows() -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM copied ORDER BY id")
        return list(cursor.fetchall())


def lines(count: int) -> Iterator[str]:
    return (f"{n}\t{copy_escape(f'Անի {n}' + chr(9) + 'x')}\n" for n in range(count))


@pytest.mark.parametrize("count", [0, 1, STREAM_ROWS - 1, STREAM_ROWS, STREAM_ROWS + 1, 3 * STREAM_ROWS])
def test_rows_written_meanwhile_all_go_in(count):
    copy_text(table="copied", columns=COLUMNS, lines=lines(count))

    assert rows() == [(n, f"Անի {n}\tx") for n in range(count)]


def test_text_and_bytes_and_lists_go_in_alike():
    copy_text(table="copied", columns=COLUMNS, lines=["1\tնամակ\n"])
    copy_text(table="copied", columns=COLUMNS, lines=["2\tնամակ\n".encode()])

    assert rows() == [(1, "նամակ"), (2, "նամակ")]


@pytest.mark.parametrize(("last", "error"), [("0\ttwice\n", IntegrityError), ("x\tno number\n", DataError)])
def test_refused_row_leaves_nothing_and_is_the_house_s_error(last, error):
    def some() -> Iterator[str]:
        yield from lines(STREAM_ROWS * 2)
        yield last

    with pytest.raises(error), transaction.atomic():
        copy_text(table="copied", columns=COLUMNS, lines=some())

    assert rows() == []
