"""Whose money a line is: 3d.4 and 3d.6 of the bad inputs, 000-12 and P-16 as far as rules alone tell."""

import pytest
from hypothesis import given, strategies as st

from billing_site.core.checkdigits import with_check_digit
from reconciliation.domain.matching import (
    Credit,
    Evidence,
    Group,
    KnownAccount,
    OpenBill,
    account_tokens,
    alike_percent,
    invoice_tokens,
    judge,
    phone_tokens,
)

NUMBER = with_check_digit("10000001")
WRONG = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
BILL = OpenBill(invoice_id=7, number="INV-2026-000007", open_minor=5000)
ANI = KnownAccount(account_id=1, number=NUMBER, name="Գրիգորյան Անի Հայկի", owed_minor=8000, bills=[BILL])
ARAM = KnownAccount(account_id=2, number=with_check_digit("10000002"), name="Арам", owed_minor=5000)
SHUT = KnownAccount(account_id=3, number=with_check_digit("10000003"), name="X", owed_minor=0, is_closed=True)
ALL = {one.account_id: one for one in (ANI, ARAM, SHUT)}


def verdict(*, amount: int = 1, name: str = "", has_doubt: bool = False, **evidence):
    credit = Credit(text="", payer_name=name, amount_minor=amount, has_doubt=has_doubt)
    return judge(credit, evidence=Evidence(**evidence), accounts=ALL)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"л/с {NUMBER}, март", {NUMBER}),
        (f"account {NUMBER[:4]}\n{NUMBER[4:]}", {NUMBER}),
        (f"account {NUMBER[:3]} {NUMBER[3:6]} {NUMBER[6:]}", {NUMBER}),
        (NUMBER.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")), {NUMBER}),
        (f"mistyped {WRONG}", set()),
        (f"{NUMBER} and {ARAM.number}", {NUMBER, ARAM.number}),
        ("????? ????", set()),
        ("", set()),
    ],
)
def test_account_numbers_of_a_text_are_those_with_a_check_digit(text, found):
    assert account_tokens(text) == found


def test_numbers_of_bills_and_telephones_are_found_as_people_write_them():
    assert invoice_tokens("bill inv 2026/000007 of March") == {"INV-2026-000007"}
    assert phone_tokens("tel. 010 299 001", country_code="999") >= {"99910299001"}


def test_names_are_alike_across_scripts_and_orders():
    assert alike_percent("GRIGORYAN ANI", "Գրիգորյան Անի") == 100
    assert alike_percent("Иванова Мария", "Mariia Ivanova") == 100
    assert alike_percent("Ani", "Aram") == 0
    assert alike_percent("", "Aram") == 0


@pytest.mark.parametrize(
    ("case", "group"),
    [
        ({"by_account_number": {1}}, Group.EXACT),
        ({"by_invoice_number": {1: BILL.number}}, Group.EXACT),
        ({"by_account_number": {1}, "by_payer": {2}}, Group.LIKELY),
        ({"by_account_number": {1}, "by_payer": {2}, "amount": 5000}, Group.EXACT),
        ({"by_account_number": {1, 2}}, Group.SEVERAL),
        ({"by_account_number": {1}, "by_invoice_number": {2: "INV-1"}}, Group.SEVERAL),
        ({"by_account_number": {3}}, Group.LIKELY),
        ({"by_account_number": {1}, "has_doubt": True}, Group.LIKELY),
        ({"by_phone": {1: "99910299001"}, "amount": 5000}, Group.EXACT),
        ({"by_phone": {1: "99910299001"}}, Group.LIKELY),
        ({"by_payer": {1}, "amount": 8000}, Group.EXACT),
        ({"by_payer": {1}, "amount": 4999}, Group.LIKELY),
        ({"by_payer": {1, 2}, "amount": 5000}, Group.SEVERAL),
        ({"by_guess": {1}, "name": "ANI GRIGORYAN", "amount": 5000}, Group.LIKELY),
        ({"by_guess": {1, 2}, "amount": 5000}, Group.SEVERAL),
        ({"by_account_number": {99}}, Group.NONE),
        ({}, Group.NONE),
    ],
)
def test_only_what_names_one_account_beyond_doubt_is_taken(case, group):
    found = verdict(**case)

    assert found.group is group
    assert (found.taken is not None) is (group is Group.EXACT)


def test_reasons_say_why_and_the_bill_that_is_meant():
    (best,) = verdict(by_account_number={1}, by_invoice_number={1: BILL.number}, amount=9000, name="Ani").proposals

    assert [reason.code.value for reason in best.reasons] == ["ACCOUNT_NUMBER", "INVOICE_NUMBER"]
    assert best.for_invoices == {7: 5000}
    assert verdict(by_account_number={1}, amount=4999).proposals[0].for_invoices == {}


@given(ids=st.sets(st.sampled_from([1, 2, 3]), max_size=3), amount=st.integers(1, 9000), name=st.text(max_size=20))
def test_guesses_alone_are_never_taken(ids, amount, name):
    assert verdict(by_guess=ids, amount=amount, name=name).taken is None
