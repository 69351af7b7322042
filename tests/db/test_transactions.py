from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from billing_site.core.errors import BillingError
from billing_site.db.constraints import constraint_errors, violated_constraint
from billing_site.db.copying import copy_rows
from billing_site.db.transactions import TransactionRequired, durable, lock_rows, transaction_required
from billing_site.identity.models import Department
from tests.fixtures.databases import TestDatabase


@pytest.fixture(scope="module")
def departments(fresh_database: TestDatabase) -> list[Department]:
    return [Department.objects.create(code=code, names={}) for code in ("A", "B")]


def test_durable_commits_when_it_returns(departments: list[Department]):
    @durable
    def rename(*, name: str) -> str:
        Department.objects.filter(code="A").update(names={"en": name})
        return name

    assert rename(name="North") == "North"
    assert not connection.in_atomic_block
    assert Department.objects.get(code="A").names == {"en": "North"}


def test_durable_inside_a_transaction_is_refused(departments: list[Department]):
    act = durable(lambda: None)

    with transaction.atomic(), pytest.raises(RuntimeError):
        act()


def test_durable_that_meets_a_deadlock_is_done_again(departments: list[Department]):
    barrier = Barrier(2, timeout=60)
    tries: list[str] = []

    @durable
    def rename_both(first: str, second: str) -> None:
        tries.append(first)
        Department.objects.filter(code=first).update(names={"by": first})
        if len(tries) <= 2:
            barrier.wait()
        Department.objects.filter(code=second).update(names={"by": first})

    def run(codes: tuple[str, str]) -> None:
        try:
            rename_both(*codes)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, [("A", "B"), ("B", "A")]))

    assert len(tries) == 3
    assert len({str(department.names) for department in Department.objects.all()}) == 1


def test_durable_gives_up_after_three_tries(departments: list[Department]):
    tries: list[int] = []

    @durable
    def wait_for_a_lock() -> None:
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '20ms'")
        lock_rows(Department.objects.all(), [departments[0].pk])

    def run() -> None:
        try:
            wait_for_a_lock()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        lock_rows(Department.objects.all(), [departments[0].pk])
        with pytest.raises(OperationalError):
            pool.submit(run).result()

    assert len(tries) == 3


def test_transaction_required_outside_one_is_refused(departments: list[Department]):
    @transaction_required
    def step() -> int:
        return 1

    with pytest.raises(TransactionRequired):
        step()
    with transaction.atomic():
        assert step() == 1


def test_lock_rows_locks_in_the_order_of_keys(departments: list[Department]):
    with transaction.atomic():
        locked = lock_rows(Department.objects.all(), [department.pk for department in reversed(departments)])

    assert [row.pk for row in locked] == sorted(department.pk for department in departments)


def test_constraint_errors_explains_a_named_constraint_and_no_other(departments: list[Department]):
    refusal = BillingError("This code is taken.")

    with (
        pytest.raises(BillingError, match="taken"),
        constraint_errors({"identity_department_code_key": lambda: refusal}),
        transaction.atomic(),
    ):
        Department.objects.create(code="A", names={})
    with pytest.raises(IntegrityError), constraint_errors({"another": lambda: refusal}), transaction.atomic():
        Department.objects.create(code="A", names={})


def test_copy_rows_that_breaks_a_constraint_raises_what_django_raises(departments: list[Department]):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        copy_rows(table="identity_department", columns=("code", "names"), rows=[("C", "{}"), ("A", "{}")])

    assert violated_constraint(refused.value) == "identity_department_code_key"
    assert Department.objects.count() == 2


def test_copy_rows_keeps_every_sign(departments: list[Department]):
    text = "a\tb\nc\\d\re\\N"

    with transaction.atomic():
        copied = copy_rows(table="identity_department", columns=("code", "names"), rows=[(text, '{"en": "x"}')])
        kept = Department.objects.get(code=text).names
        transaction.set_rollback(True)

    assert (copied, kept) == (1, {"en": "x"})
