"""The square and the slip: what a phone, a bank's app and a till's scanner read."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, strategies as st

from billing_site.core.checkdigits import is_valid, with_check_digit
from invoicing.domain.pay_codes import PayCode, PayFacts, choose_pay_code, pay_payload, slip_line

ACCOUNT = with_check_digit("10000001")


def facts(**changes):
    given_facts = {
        "reference": ACCOUNT,
        "bill_number": "INV-2026-000001",
        "amount_minor": 124850,
        "currency": "EUR",
        "digits": 2,
        "payee": "Meridian",
        "bank_name": "Riverside Bank",
        "bank_account": "DE02 1203 0000 0000 2020 51",
        "bank_code": "BYLADEM1001",
        "bank_clearing_account": "30101810400000000225",
        "tax_number": "RU7700000019",
        "link": "https://pay.example/bill",
    }
    return PayFacts(**{**given_facts, **changes})


def test_transfer_in_euro_is_written_by_epc():
    lines = pay_payload(code=PayCode.EPC, facts=facts()).split("\n")

    assert lines[:4] == ["BCD", "002", "1", "SCT"]
    assert lines[4:8] == ["BYLADEM1001", "Meridian", "DE02120300000000202051", "EUR1248.50"]
    assert lines[10] == f"INV-2026-000001 {ACCOUNT}"


def test_russian_square_has_its_fields_and_the_amount_in_hundredths():
    text = pay_payload(code=PayCode.RUSSIA, facts=facts(currency="RUB", payee="Mer|idian"))
    head, *fields = text.split("|")
    named = dict(field.split("=", 1) for field in fields)

    assert head == "ST00012"
    assert named["Sum"] == "124850"
    assert named["Name"] == "Mer idian"
    assert named["PersAcc"] == ACCOUNT
    assert named["PayeeINN"] == "7700000019"


def test_link_carries_account_amount_and_currency():
    asked = parse_qs(urlsplit(pay_payload(code=PayCode.LINK, facts=facts())).query)

    assert asked == {
        "account": [ACCOUNT], "amount": ["1248.50"], "currency": ["EUR"], "bill": ["INV-2026-000001"]
    }  # fmt: skip


def test_square_falls_back_to_the_link_and_then_to_the_bare_number():
    assert pay_payload(code=PayCode.EPC, facts=facts(currency="AMD", digits=0)).startswith("https://")
    assert pay_payload(code=PayCode.EPC, facts=facts(bank_account="", link="")) == ACCOUNT


@pytest.mark.parametrize(
    ("named", "country", "currency", "code"),
    [
        ("EPC", "AM", "AMD", PayCode.EPC),
        ("", "RU", "RUB", PayCode.RUSSIA),
        ("", "AM", "AMD", PayCode.LINK),
        ("", "DE", "EUR", PayCode.EPC),
        ("", "CN", "CNY", PayCode.LINK),
    ],
)
def test_form_is_the_named_one_or_the_country_s(named, country, currency, code):
    assert choose_pay_code(named=named, country=country, currency=currency) is code


@given(account=st.integers(0, 10**8 - 1), amount=st.integers(1, 10**10 - 1))
def test_slip_line_checks_account_and_amount(account, amount):
    reference = with_check_digit(f"{account:08d}")
    _, shown, money, check, _ = slip_line(reference=reference, amount_minor=amount).split("*")

    assert shown == reference
    assert int(money) == amount
    assert is_valid(reference + money + check)


@pytest.mark.parametrize(("reference", "amount"), [(ACCOUNT, 0), (ACCOUNT, -5), ("100000011", 5), (ACCOUNT, 10**10)])
def test_slip_line_refuses_what_a_reader_could_not_take(reference, amount):
    with pytest.raises(ValueError, match="slip"):
        slip_line(reference=reference, amount_minor=amount)
