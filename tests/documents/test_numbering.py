from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from billing_site.db.transactions import TransactionRequired, durable
from billing_site.documents.models import NumberSeries
from billing_site.documents.numbering import take_numbers
from tests.fixtures.databases import TestDatabase

THREADS = 8
TAKEN = 20


class Undone(Exception):
    """The transaction is given up."""


@pytest.mark.django_db
def test_take_numbers_counts_on_in_order():
    assert take_numbers(series="INV-2026", prefix="INV-2026-", count=2) == ["INV-2026-000001", "INV-2026-000002"]
    assert take_numbers(series="INV-2026", prefix="INV-2026-", count=1) == ["INV-2026-000003"]
    assert take_numbers(series="INV-2027", prefix="INV-2027-", count=1) == ["INV-2027-000001"]


@pytest.mark.django_db
def test_take_numbers_keeps_the_form_of_the_series():
    take_numbers(series="R", prefix="R", count=1, digits=3)

    assert take_numbers(series="R", prefix="other", count=1, digits=9) == ["R002"]


@pytest.mark.django_db
def test_take_numbers_beyond_its_digits_grows():
    take_numbers(series="R", prefix="R", count=9, digits=1)

    assert take_numbers(series="R", prefix="R", count=1, digits=1) == ["R10"]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [0, -1])
def test_take_numbers_of_none_makes_no_series(count: int):
    assert take_numbers(series="R", prefix="R", count=count) == []
    assert not NumberSeries.objects.exists()


@pytest.mark.django_db
def test_take_numbers_of_a_transaction_that_fails_are_taken_by_the_next():
    with transaction.atomic():
        take_numbers(series="R", prefix="R", count=5)
        transaction.set_rollback(True)

    assert take_numbers(series="R", prefix="R", count=1) == ["R000001"]


def test_take_numbers_outside_a_transaction_is_refused(fresh_database: TestDatabase):
    with pytest.raises(TransactionRequired):
        take_numbers(series="R", prefix="R", count=1)


def test_take_numbers_by_many_with_every_fifth_undone_leaves_no_gap(fresh_database: TestDatabase):
    barrier = Barrier(THREADS)

    @durable
    def take(n: int) -> str:
        number = take_numbers(series="RACE", prefix="", count=1)[0]
        if n % 5 == 0:
            raise Undone
        return number

    def take_many(_: int) -> list[str]:
        barrier.wait()
        numbers = []
        try:
            for n in range(TAKEN):
                try:
                    numbers.append(take(n))
                except Undone:
                    continue
        finally:
            connection.close()
        return numbers

    with ThreadPoolExecutor(THREADS) as pool:
        taken = [number for numbers in pool.map(take_many, range(THREADS)) for number in numbers]

    kept = THREADS * (TAKEN - TAKEN // 5)
    assert sorted(taken) == [f"{n:06d}" for n in range(1, kept + 1)]
    assert NumberSeries.objects.get(code="RACE").last_number == kept
