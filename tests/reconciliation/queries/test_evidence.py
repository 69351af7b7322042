"""What lines point to is read for all of them together."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reconciliation.models import StatementLine
from reconciliation.queries.evidence import judge_lines
from tests.factories.banks import LOADED_AT, Move, bill, load, make_bank, mt940
from tests.factories.payments import make_account
from tests.factories.subscribers import make_account as make_customer, make_line, make_range

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bank(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path
    return make_bank()


def questions(lines: list[StatementLine]) -> int:
    with CaptureQueriesContext(connection) as captured:
        judge_lines(lines, at=LOADED_AT)
    return len(captured)


def test_many_lines_ask_no_more_than_few():
    """No question for each line: three lines of every kind and thirty of them cost the same."""
    account = make_account()
    owed = bill(account, 500)
    kinds = [
        Move(1, "who?", payer="Ani Petrosyan"),
        Move(2, account.number),
        Move(3, str(owed.number)),
    ]
    load(mt940(kinds * 10))
    lines = list(StatementLine.objects.order_by("n"))

    assert questions(lines[:3]) == questions(lines) <= 12


def test_telephone_number_and_name_point_to_their_account():
    customer = make_customer(name="Иванова Мария Сергеевна")
    make_range(first="99910299000")
    line = make_line(account=customer, number="99910299001")
    load(mt940([Move(900, "тел. 10 299 001"), Move(901, "", payer="MARIIA IVANOVA")]))
    by_phone, by_name = StatementLine.objects.order_by("n")

    assert line.account == customer
    assert [one["reasons"][0]["code"] for one in by_phone.proposals] == ["PHONE_NUMBER"]
    assert [(one["account_number"], one["reasons"][0]["code"]) for one in by_name.proposals] == [
        (customer.number, "NAME")
    ]
    assert (by_phone.state, by_name.state) == ("SUSPENSE", "SUSPENSE")
