from datetime import date

import pytest
from django.db import transaction
from psycopg2.extensions import connection as Connection  # noqa: N812  it is a class

from billing_site.audit.recording import record
from billing_site.ledger.models import BookSeal, LedgerAccount, LedgerEntry
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entry
from billing_site.ledger.sealing import broken_seals, seal_books
from billing_site.ledger.tasks import chain_books
from tests.fixtures.databases import TestDatabase


@pytest.fixture(scope="module")
def sealed(fresh_database: TestDatabase) -> list[BookSeal]:
    """Three days: two with an entry and an act each, one in which nothing happened."""
    seals = []
    for day in (1, 2, 3):
        if day < 3:
            post_something(f"day {day}")
        seal = seal_books(sealed_on=date(2026, 3, day))
        assert seal is not None
        seals.append(seal)
    return seals


@transaction.atomic
def post_something(source_id: str) -> int:
    ids = [open_accounts(codes=[code], kind=LedgerAccount.Kind.REVENUE, currency="AMD")[code] for code in ("A", "B")]
    record("tests.post_something", actor=None, subject=LedgerAccount.objects.get(pk=ids[0]))
    pair = Pair(debit_id=ids[0], credit_id=ids[1], amount_minor=5)
    return post_entry(
        NewEntry(
            source_type="T", source_id=source_id, posted_on=date(2026, 3, 1), actor="x", currency="AMD", pairs=[pair]
        )
    )


def test_seal_books_makes_a_chain(sealed: list[BookSeal]):
    assert len({seal.digest for seal in sealed}) == 3
    assert [seal.last_entry_id for seal in sealed] == [1, 2, 2]
    assert list(broken_seals()) == []


def test_seal_books_of_a_day_that_is_sealed_does_nothing(sealed: list[BookSeal]):
    assert seal_books(sealed_on=date(2026, 3, 3)) is None
    assert seal_books(sealed_on=date(2026, 3, 2)) is None
    assert BookSeal.objects.count() == 3


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("ledger_entry", "reason = 'other'"),
        ("ledger_posting", "amount_minor = 6"),
        ("ledger_posting", "debit_id = credit_id + 100"),
        ("audit_auditentry", "actor_name = 'other'"),
        ("audit_auditentry", "changes = '{\"a\": 1}'"),
    ],
)
def test_broken_seals_names_the_day_of_a_row_changed_by_a_superuser(
    sealed: list[BookSeal], superuser_connection: Connection, table: str, change: str
):
    key = "entry_id" if table == "ledger_posting" else "id"
    with superuser_connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        cursor.execute(f"CREATE TABLE kept AS SELECT * FROM {table} WHERE {key} = 2")
        cursor.execute(f"UPDATE {table} SET {change} WHERE {key} = 2")

        broken = [seal.sealed_on for seal in broken_seals()]

        cursor.execute(f"DELETE FROM {table} WHERE {key} = 2; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept")
    assert broken == [date(2026, 3, 2)]
    assert list(broken_seals()) == []


def test_entries_after_a_seal_do_not_break_it(sealed: list[BookSeal]):
    post_something("later")

    assert list(broken_seals()) == []


def test_chain_books_seals_the_operators_today(sealed: list[BookSeal]):
    chain_books()

    assert BookSeal.objects.count() == 4
    assert BookSeal.objects.latest("sealed_on").last_entry_id == LedgerEntry.objects.latest("id").pk
