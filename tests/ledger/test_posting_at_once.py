"""Many writers at once: nothing lost, nothing doubled, nobody waits in a ring."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from billing_site.core.errors import BillingError
from billing_site.db.transactions import durable
from billing_site.ledger.balances import balance_of
from billing_site.ledger.closing import close_through
from billing_site.ledger.models import LedgerAccount, LedgerEntry
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entries, post_entry, reverse_entry
from tests.fixtures.databases import TestDatabase

DAY = date(2026, 3, 5)
THREADS = 8
post_durably = durable(post_entries)
reverse_durably = durable(reverse_entry)


@pytest.fixture(scope="module")
def accounts(fresh_database: TestDatabase) -> dict[str, int]:
    with transaction.atomic():
        codes = [f"SUB:{n}" for n in range(4)]
        opened = open_accounts(codes=codes, kind=LedgerAccount.Kind.SUBSCRIBER, currency="AMD")
        return opened | open_accounts(codes=["REVENUE"], kind=LedgerAccount.Kind.REVENUE, currency="AMD")


def entry_of(accounts: dict[str, int], source_id: str, *, posted_on: date = DAY) -> NewEntry:
    pairs = [Pair(debit_id=accounts[f"SUB:{n}"], credit_id=accounts["REVENUE"], amount_minor=1) for n in range(4)]
    return NewEntry(source_type="T", source_id=source_id, posted_on=posted_on, actor="x", currency="AMD", pairs=pairs)


def at_once(act: Callable[[int], object]) -> list[object]:
    barrier = Barrier(THREADS)

    def run(n: int) -> object:
        barrier.wait()
        try:
            return act(n)
        except (BillingError, IntegrityError, OperationalError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_post_entries_by_many_writers_sums_every_balance(accounts: dict[str, int]):
    before = balance_of(accounts["SUB:0"])

    at_once(lambda n: [post_durably([entry_of(accounts, f"{n}/{k}")]) for k in range(10)])

    assert [balance_of(accounts[f"SUB:{n}"]) - before for n in range(4)] == [THREADS * 10] * 4


def test_post_entries_of_one_document_by_many_writers_posts_once(accounts: dict[str, int]):
    answers = at_once(lambda _: post_durably([entry_of(accounts, "the same")]))

    assert sum(isinstance(answer, list) for answer in answers) == 1
    assert LedgerEntry.objects.filter(source_id="the same").count() == 1


def test_reverse_entry_by_many_writers_reverses_once(accounts: dict[str, int]):
    entry_id = post_durably([entry_of(accounts, "to be reversed")])[0]

    answers = at_once(lambda _: reverse_durably(entry_id=entry_id, posted_on=DAY, actor="x", reason="y"))

    assert sum(isinstance(answer, int) for answer in answers) == 1
    assert LedgerEntry.objects.filter(reverses_id=entry_id).count() == 1


@transaction.atomic
def close_impatiently(through: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '200ms'")
    close_through(through=through, today=DAY)


def test_close_through_waits_for_an_entry_that_is_under_way(accounts: dict[str, int]):
    """An entry that was begun before the closing is either in the books when they close, or refused."""
    old = date(2026, 1, 10)
    is_posted, may_commit = Barrier(2), Barrier(2)

    def post_slowly() -> None:
        try:
            with transaction.atomic():
                post_entry(entry_of(accounts, "slow", posted_on=old))
                is_posted.wait()
                may_commit.wait()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(post_slowly)
        is_posted.wait()
        with pytest.raises(OperationalError):
            close_impatiently(old)
        may_commit.wait()
        slow.result()

    with transaction.atomic():
        close_through(through=old, today=DAY)
    assert LedgerEntry.objects.filter(source_id="slow").exists()
    with pytest.raises(IntegrityError, match="is closed"):
        post_durably([entry_of(accounts, "late", posted_on=old)])
