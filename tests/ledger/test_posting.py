from datetime import date

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from billing_site.ledger.balances import balance_of, balances_of, turnover_of
from billing_site.ledger.models import LedgerAccount, LedgerEntry, LedgerPosting
from billing_site.ledger.posting import (
    EntryAlreadyPosted,
    EntryAlreadyReversed,
    NewEntry,
    Pair,
    open_accounts,
    post_entries,
    post_entry,
    reverse_entry,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 5)


@pytest.fixture
def accounts() -> tuple[int, int]:
    subscriber = open_accounts(codes=["SUB:1"], kind=LedgerAccount.Kind.SUBSCRIBER, currency="AMD")["SUB:1"]
    revenue = open_accounts(codes=["REVENUE:1"], kind=LedgerAccount.Kind.REVENUE, currency="AMD")["REVENUE:1"]
    return subscriber, revenue


def entry_of(debit_id: int, credit_id: int, *, source_id: str = "1", amounts: tuple[int, ...] = (100,)) -> NewEntry:
    pairs = [Pair(debit_id=debit_id, credit_id=credit_id, amount_minor=amount) for amount in amounts]
    return NewEntry(source_type="T", source_id=source_id, posted_on=DAY, actor="clerk", currency="AMD", pairs=pairs)


def post_entry_and_prove(entry: NewEntry) -> None:
    """Post, and have the proofs of the commit done now: a test's transaction never commits."""
    post_entry(entry)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def written() -> tuple[int, int]:
    return LedgerEntry.objects.count(), LedgerPosting.objects.count()


def test_post_entry_writes_entry_postings_and_balance(accounts: tuple[int, int]):
    entry_id = post_entry(entry_of(*accounts, amounts=(100, 20)))

    assert list(LedgerPosting.objects.filter(entry_id=entry_id).order_by("n").values_list("n", "amount_minor")) == [
        (1, 100),
        (2, 20),
    ]
    assert balance_of(accounts[0]) == 120


def test_post_entry_keeps_no_balance_of_a_control_account(accounts: tuple[int, int]):
    post_entry(entry_of(*accounts))

    assert balances_of(accounts) == {accounts[0]: 100}


def test_post_entries_returns_ids_in_the_order_given(accounts: tuple[int, int]):
    ids = post_entries([entry_of(*accounts, source_id=str(n)) for n in range(5)])

    assert [LedgerEntry.objects.get(pk=pk).source_id for pk in ids] == ["0", "1", "2", "3", "4"]


def test_post_entries_of_none_writes_nothing():
    assert post_entries([]) == []
    assert written() == (0, 0)


def test_post_entry_of_a_known_document_is_refused(accounts: tuple[int, int]):
    post_entry(entry_of(*accounts))

    with pytest.raises(EntryAlreadyPosted), transaction.atomic():
        post_entry(entry_of(*accounts))

    assert written() == (1, 1)
    assert balance_of(accounts[0]) == 100


def test_post_entry_into_a_closed_period_is_refused(accounts: tuple[int, int]):
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_close_through(%s)", [DAY])

    with pytest.raises(IntegrityError, match="is closed"), transaction.atomic():
        post_entry(entry_of(*accounts))

    assert written() == (0, 0)


def test_post_entry_without_pairs_is_refused_at_the_commit(accounts: tuple[int, int]):
    with pytest.raises(IntegrityError, match="no posting"), transaction.atomic():
        post_entry_and_prove(entry_of(*accounts, amounts=()))

    assert written() == (0, 0)


@pytest.mark.parametrize("amount", [0, -1])
def test_post_entry_of_nothing_or_less_is_refused(accounts: tuple[int, int], amount: int):
    with pytest.raises(IntegrityError), transaction.atomic():
        post_entry(entry_of(*accounts, amounts=(amount,)))

    assert written() == (0, 0)


def test_post_entry_of_another_currency_is_refused(accounts: tuple[int, int]):
    euro = open_accounts(codes=["SUB:EUR"], kind=LedgerAccount.Kind.SUBSCRIBER, currency="EUR")["SUB:EUR"]

    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        post_entry(entry_of(euro, accounts[1]))

    assert written() == (0, 0)


def test_reverse_entry_mirrors_it_and_brings_the_balance_back(accounts: tuple[int, int]):
    entry_id = post_entry(entry_of(*accounts, amounts=(100, 20)))

    reversal_id = reverse_entry(entry_id=entry_id, posted_on=DAY, actor="clerk", reason="typed twice")

    mirror = LedgerPosting.objects.filter(entry_id=reversal_id).order_by("n").values_list("debit_id", "amount_minor")
    assert list(mirror) == [(accounts[1], 100), (accounts[1], 20)]
    assert balance_of(accounts[0]) == 0


def test_reverse_entry_a_second_time_is_refused(accounts: tuple[int, int]):
    entry_id = post_entry(entry_of(*accounts))
    reverse_entry(entry_id=entry_id, posted_on=DAY, actor="clerk", reason="typed twice")

    with pytest.raises(EntryAlreadyReversed), transaction.atomic():
        reverse_entry(entry_id=entry_id, posted_on=DAY, actor="clerk", reason="typed twice")

    assert written() == (2, 2)


def test_turnover_of_counts_the_days_of_a_half_open_period(accounts: tuple[int, int]):
    post_entry(entry_of(*accounts))

    assert turnover_of(accounts[0], first=DAY, until=date(2026, 3, 6)) == (100, 0)
    assert turnover_of(accounts[1], first=DAY, until=date(2026, 3, 6)) == (0, 100)
    assert turnover_of(accounts[0], first=date(2026, 3, 1), until=DAY) == (0, 0)


def test_open_accounts_that_exist_keep_their_ids(accounts: tuple[int, int]):
    again = open_accounts(codes=["SUB:1", "SUB:2"], kind=LedgerAccount.Kind.SUBSCRIBER, currency="AMD")

    assert again["SUB:1"] == accounts[0]
    assert set(again) == {"SUB:1", "SUB:2"}


def test_post_entry_reads_the_same_number_of_statements_for_one_and_many(
    accounts: tuple[int, int], django_assert_num_queries
):
    with django_assert_num_queries(2):
        post_entry(entry_of(*accounts))
    with django_assert_num_queries(2):
        post_entries([entry_of(*accounts, source_id=f"n{n}") for n in range(500)])
