"""What is paid stays written: the application's role may read and insert, no more."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.utils import InternalError, ProgrammingError

from payments.models import Allocation, Payment
from tests.factories.payments import make_account, make_invoice, make_network, pay

pytestmark = pytest.mark.django_db

ATTACKS = [
    "UPDATE payments_payment SET amount_minor = 1",
    "UPDATE payments_payment SET answer = '{}'",
    "UPDATE payments_payment SET amount_minor = 1 WHERE false",
    "DELETE FROM payments_payment",
    "TRUNCATE payments_payment CASCADE",
    "UPDATE payments_allocation SET amount_minor = 1",
    "DELETE FROM payments_allocation",
    "TRUNCATE payments_allocation",
    "ALTER TABLE payments_payment DISABLE TRIGGER append_only",
    "DROP TRIGGER append_only ON payments_payment",
    "DROP TABLE payments_allocation",
    "SELECT 1 FROM payments_payment FOR UPDATE",
    "SELECT payments_allocation_guard()",
    "SET session_replication_role = replica",
]


@pytest.mark.parametrize("statement", ATTACKS)
def test_attack_is_refused_and_changes_nothing(statement):
    account, network = make_account(), make_network()
    make_invoice(account, gross_minor=40, due_on=date(2026, 3, 1))
    pay(account.number, "100", network=network, txn_id="1")
    before = [list(model.objects.values()) for model in (Payment, Allocation)]

    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert isinstance(caught.value, (ProgrammingError, IntegrityError, InternalError))
    assert [list(model.objects.values()) for model in (Payment, Allocation)] == before


@pytest.mark.parametrize(
    "change", [{"amount_minor": 0}, {"amount_minor": -1}, {"state": "SUSPENSE"}, {"account_id": None}]
)
def test_payment_that_is_not_whole_is_refused(change):
    account, network = make_account(), make_network()
    first = Payment.objects.get(pk=pay(account.number, "100", network=network, txn_id="1").payment_id)
    row = {f.attname: getattr(first, f.attname) for f in Payment._meta.concrete_fields if f.name != "id"}

    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.create(**{**row, "key": "other", **change})

    assert Payment.objects.count() == 1


def allocate(payment_id, invoice_id, amount_minor):
    with transaction.atomic():
        Allocation.objects.create(payment_id=payment_id, invoice_id=invoice_id, amount_minor=amount_minor)


def test_use_beyond_payment_or_bill_is_refused():
    """Invariant 35."""
    account, other, network = make_account(), make_account(), make_network()
    payment_id = pay(account.number, "100", network=network, txn_id="1").payment_id
    small = make_invoice(account, gross_minor=30, due_on=date(2026, 3, 1)).pk
    large = make_invoice(account, gross_minor=500, due_on=date(2026, 3, 2)).pk
    draft = make_invoice(account, gross_minor=500, due_on=date(2026, 3, 3), state="DRAFT").pk
    foreign = make_invoice(other, gross_minor=500, due_on=date(2026, 3, 1)).pk

    for invoice_id, amount in [(small, 31), (large, 101), (draft, 1), (foreign, 1), (0, 1), (large, 0), (large, -1)]:
        with pytest.raises(IntegrityError):
            allocate(payment_id, invoice_id, amount)
    allocate(payment_id, small, 30)
    with pytest.raises(IntegrityError):
        allocate(payment_id, large, 71)

    assert list(Allocation.objects.values_list("invoice_id", "amount_minor")) == [(small, 30)]
