"""A register is taken once and kept as it came."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from billing_site.core.money import AmountNotExact
from billing_site.documents.files import path_of
from payments.models import Payment
from reconciliation.domain.register_faults import RegisterRefused
from reconciliation.models import TerminalRegister, TerminalRegisterLine
from reconciliation.operations.registers import (
    MAX_BYTES,
    NetworkUnknown,
    RegisterDayTaken,
    RegisterKnown,
    RegisterTooLarge,
    load_register,
)
from tests.factories.payments import make_network
from tests.reconciliation.planted import DAY, HEAD, line

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def network(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path
    return make_network()


def load(content, **more):
    if isinstance(content, str):
        content = (HEAD + content).encode()
    return load_register(**{"network_code": "easypay", "day": DAY, "name": "r.csv", "content": content, **more})


def test_register_is_kept_with_its_lines_and_bytes():
    content = line(1, "000000124", 5) + line(2, "1", 7)

    register = load(content)

    assert (register.line_count, register.amount_minor) == (2, 12)
    rows = TerminalRegisterLine.objects.order_by("line_number").values_list("line_number", "txn_id", "account_number")
    assert list(rows) == [(2, "1", "000000124"), (3, "2", "1")]
    assert path_of(register.content.sha256).read_bytes() == (HEAD + content).encode()
    assert not Payment.objects.exists()


def test_same_bytes_again_are_refused_as_known():
    """3c row 10: sent twice; the second copy changes nothing. Under another name and day too."""
    load(line(1, "1", 5))

    for more in ({}, {"name": "other.csv"}, {"day": DAY.replace(day=3)}):
        with pytest.raises(RegisterKnown, match=r"r\.csv"):
            load(line(1, "1", 5), **more)

    assert TerminalRegister.objects.count() == TerminalRegisterLine.objects.count() == 1


def test_other_register_of_the_day_is_refused():
    load(line(1, "1", 5))

    with pytest.raises(RegisterDayTaken):
        load(line(1, "1", 6))

    assert TerminalRegisterLine.objects.get().amount_minor == 5


def test_days_without_payments_may_have_equal_files():
    load("")
    load("", day=DAY.replace(day=5))
    with pytest.raises(RegisterKnown):
        load("")

    assert TerminalRegister.objects.count() == 2


def test_bad_line_refuses_the_file_whole():
    with pytest.raises(RegisterRefused) as caught:
        load(line(1, "1", 5) + line(2, "x", 5))

    assert "r.csv, line 3, field account" in caught.value.message
    assert not TerminalRegister.objects.exists()
    assert not TerminalRegisterLine.objects.exists()


@pytest.mark.parametrize(
    "told", [{"expected_count": 2}, {"expected_amount": Decimal("5.01")}, {"expected_amount": Decimal(6)}]
)
def test_control_total_that_differs_refuses_the_file(told):
    with pytest.raises((RegisterRefused, AmountNotExact)):
        load(line(1, "1", 5), **told)
    assert not TerminalRegister.objects.exists()

    load(line(1, "1", 5), expected_count=1, expected_amount=Decimal("5.00"))


def test_file_of_unknown_network_or_too_large_is_refused():
    with pytest.raises(NetworkUnknown):
        load("", network_code="nowhere")
    with pytest.raises(RegisterTooLarge):
        load(b"x" * (MAX_BYTES + 1))

    assert not TerminalRegister.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reconciliation_terminalregister SET amount_minor = 1",
        "DELETE FROM reconciliation_terminalregister",
        "UPDATE reconciliation_terminalregisterline SET amount_minor = 1",
        "DELETE FROM reconciliation_terminalregisterline",
        "TRUNCATE reconciliation_terminalregisterline",
        "DELETE FROM reconciliation_terminalcheck",
        "DELETE FROM reconciliation_discrepancy",
    ],
)
def test_register_cannot_be_changed(statement):
    load(line(1, "1", 5))

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert TerminalRegisterLine.objects.get().amount_minor == 5
