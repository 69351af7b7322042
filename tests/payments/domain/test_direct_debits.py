"""Numbers of bank accounts, reasons of banks, and what a batch collects. 001-30, 004-26."""

import ast
import inspect
from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from payments.domain import debit_reasons
from payments.domain.debit_reasons import NEXT_STEPS, OTHER, REASONS, NextStep, reason_of
from payments.domain.direct_debits import OpenBill, RetryPolicy, Try, choose_parts, retry_day
from payments.domain.ibans import BicUnsound, IbanUnsound, last_four, read_bic, read_iban, with_check_digits

DAY = date(2026, 3, 5)
POLICY = RetryPolicy(days=(3, 7), reasons=("AM04", "MS03"))


@pytest.mark.parametrize("text", ["GB29 NWBK 6016 1331 9268 19", "de89370400440532013000", "NO93 8601 1117 947"])
def test_numbers_of_the_standard_are_read(text: str):
    assert read_iban(text) == text.replace(" ", "").upper()


MISTYPED = (
    "", "GB29", "GB29 NWBK 6016 1331 9268 18", "DE8937040044053201300", "1289370400440532013000",
    "DE8９370400440532013000",
)  # fmt: skip


@pytest.mark.parametrize("text", MISTYPED)
def test_number_that_does_not_check_is_refused_and_not_repeated(text: str):
    with pytest.raises(IbanUnsound) as refused:
        read_iban(text)
    assert not any(char.isdigit() for char in str(refused.value))


@given(number=st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=18, max_size=18), data=st.data())
def test_any_digit_typed_wrong_is_found(number: str, data: st.DataObject):
    iban = with_check_digits(country="GE", number=number)
    assert read_iban(f"{iban[:4]} {iban[4:]}") == iban
    assert iban.endswith(last_four(iban))
    place = data.draw(st.integers(4, len(iban) - 1))
    other = data.draw(st.sampled_from([char for char in "0123456789" if char != iban[place]]))
    if iban[place].isdigit():
        with pytest.raises(IbanUnsound):
            read_iban(iban[:place] + other + iban[place + 1 :])


def test_codes_of_banks():
    assert (read_bic("deutdeff"), read_bic(""), read_bic("BAGAGE22XXX")) == ("DEUTDEFF", "", "BAGAGE22XXX")
    with pytest.raises(BicUnsound):
        read_bic("BANK")


def test_every_reason_has_words_and_a_next_step():
    marked = {
        node.args[0].value
        for node in ast.walk(ast.parse(inspect.getsource(debit_reasons)))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "gettext_noop"
        if isinstance(node.args[0], ast.Constant)
    }
    assert {reason.sentence for reason in REASONS.values()} <= marked
    assert set(NEXT_STEPS) == set(NextStep)
    assert reason_of("AC04").ends_mandate
    assert not reason_of("AM04").ends_mandate
    assert reason_of("ZZ99").code == OTHER


def test_batch_leaves_out_what_is_disputed_on_its_way_or_not_yet_to_be_tried():
    bills = [OpenBill(invoice_id=n, due_on=DAY, open_minor=100, disputed_minor=0) for n in range(1, 6)]
    bills += [
        OpenBill(invoice_id=6, due_on=DAY, open_minor=100, disputed_minor=30),
        OpenBill(invoice_id=7, due_on=DAY, open_minor=100, disputed_minor=100),
        OpenBill(invoice_id=8, due_on=DAY + timedelta(days=1), open_minor=100),
    ]
    tries = {
        2: Try(attempt=1, is_open=True),
        3: Try(attempt=1, is_open=False),
        4: Try(attempt=1, is_open=False, retry_on=DAY + timedelta(days=1)),
        5: Try(attempt=2, is_open=False, retry_on=DAY),
    }
    parts = choose_parts(bills, tries=tries, due_by=DAY, collect_on=DAY)

    assert [(part.invoice_id, part.amount_minor, part.attempt) for part in parts] == [
        (1, 100, 1),
        (5, 100, 3),
        (6, 70, 1),
    ]


@given(attempt=st.integers(1, 5), code=st.sampled_from([*REASONS, "ZZ99"]))
def test_tries_follow_the_policy_and_end(attempt: int, code: str):
    again = retry_day(policy=POLICY, reason_code=code, attempt=attempt, failed_on=DAY)

    is_tried = code in {"AM04", "MS03"} and attempt <= 2
    assert again == (DAY + timedelta(days=POLICY.days[attempt - 1]) if is_tried else None)
