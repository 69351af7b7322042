"""JSON with a checksum, and Idram: the same gateway in other words."""

import hashlib
import json
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from payments.domain.dialects import DIALECTS, IDRAM, JSON, idram, json_checksum
from payments.domain.gateway import (
    FORM,
    Answer,
    CheckRequest,
    Keys,
    PayRequest,
    RawRequest,
    RequestRefused,
    Result,
    StatusRequest,
)

ZONE = ZoneInfo("Asia/Yerevan")
KEYS = Keys(network_code="wallet", secrets=("key", "next"), partner_id="100000114")
OBJECTS, WALLET = DIALECTS[JSON], DIALECTS[IDRAM]


def read_object(text):
    return OBJECTS.read_fields(RawRequest(method="POST", body=text.encode(), content_type="application/json"))


def understood(**sent):
    return OBJECTS.understand(read_object(json.dumps({"Checksum": "x", **sent})), zone=ZONE)


def test_object_checks_pays_and_asks():
    check = {"Inputs": ["000000124", "", "", ""], "Currency": "AMD", "Lang": "hy"}
    paid = {**check, "TransactID": "0" * 19 + "7", "Amount": 1500.50, "DtTime": "2026-03-05T08:59:00"}

    assert understood(**check) == CheckRequest(account_number="000000124", currency="AMD", language="hy")
    assert understood(**check, TransactID=17) == StatusRequest(txn_id="17", language="hy")
    assert understood(**paid) == PayRequest(
        txn_id="00000000000000000007",
        account_number="000000124",
        amount=Decimal("1500.5"),
        currency="AMD",
        language="hy",
        paid_at=datetime(2026, 3, 5, 8, 59, tzinfo=ZONE),
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"Amount": 5, "Amount": 500}',
        '{"Amount": NaN}',
        '{"Amount": true}',
        '{"Inputs": ["1", "2"]}',
        '{"Inputs": []}',
        '{"Inputs": "1"}',
        '["Inputs"]',
        "{",
        "[" * 60000,
        "",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_object_that_is_not_plain_is_refused(text):
    """3c rows 6 and 7."""
    with pytest.raises(RequestRefused):
        read_object(text)


@pytest.mark.parametrize("amount", ["1e3", "-5", "5,00", "5.005", "", "NaN"])
def test_amount_of_an_object_keeps_the_grammar(amount):
    """3c row 4."""
    with pytest.raises(RequestRefused):
        understood(Inputs=["1"], Currency="AMD", TransactID="1", Amount=amount)


@given(st.lists(st.text(st.characters(exclude_characters=":", codec="utf-8"), max_size=8), min_size=6, max_size=6))
def test_checksum_is_of_every_value_in_its_place(values):
    """3c row 5: no value can be moved into its neighbour."""
    fields = dict(zip(json_checksum.SIGNED, values, strict=True))
    good = {**fields, "Checksum": json_checksum.checksum_of(fields, secret="next")}

    assert OBJECTS.is_signed(good, KEYS)
    for name in json_checksum.SIGNED:
        assert not OBJECTS.is_signed({**good, name: good[name] + "0"}, KEYS)
    assert not OBJECTS.is_signed(good, Keys(network_code="wallet", secrets=("key", "")))


def test_answer_of_an_object_has_a_code_a_sentence_and_the_debt():
    told = json.loads(OBJECTS.write(Answer(result=Result.OK, debt="1500"), comment="Ընդունված է").content)

    assert told == {"ResponseCode": 0, "ResponseMessage": "Ընդունված է", "Debt": "1500"}


CONFIRMED = {
    "EDP_BILL_NO": "000000124",
    "EDP_REC_ACCOUNT": "100000114",
    "EDP_PAYER_ACCOUNT": "200000117",
    "EDP_AMOUNT": "1500.00",
    "EDP_TRANS_ID": "00000000000017",
    "EDP_TRANS_DATE": "05/03/2026",
}


def test_wallet_prechecks_then_confirms():
    checked = {name: CONFIRMED[name] for name in ("EDP_BILL_NO", "EDP_REC_ACCOUNT", "EDP_AMOUNT")}

    assert WALLET.understand({**checked, "EDP_PRECHECK": "YES"}, zone=ZONE) == CheckRequest(
        account_number="000000124", amount=Decimal(1500), currency="AMD"
    )
    assert WALLET.understand({**CONFIRMED, "EDP_CHECKSUM": "x"}, zone=ZONE) == PayRequest(
        txn_id="00000000000017",
        account_number="000000124",
        amount=Decimal(1500),
        currency="AMD",
        paid_at=datetime(2026, 3, 5, tzinfo=ZONE),
    )
    with pytest.raises(RequestRefused):
        WALLET.understand({**CONFIRMED, "EDP_CHECKSUM": "x", "EDP_PRECHECK": "YES"}, zone=ZONE)


def test_checksum_of_the_wallet_is_md5_with_the_key_in_its_midst():
    text = "100000114:1500.00:key:000000124:200000117:00000000000017:05/03/2026"
    expected = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()

    assert idram.checksum_of(CONFIRMED, secret="key") == expected
    assert WALLET.is_signed({**CONFIRMED, "EDP_CHECKSUM": expected.lower()}, KEYS)
    for name in CONFIRMED:
        assert not WALLET.is_signed({**CONFIRMED, name: "1", "EDP_CHECKSUM": expected}, KEYS)


def test_precheck_for_another_recipient_is_not_ours():
    checked = {"EDP_PRECHECK": "YES", "EDP_BILL_NO": "1", "EDP_AMOUNT": "5", "EDP_REC_ACCOUNT": "100000114"}

    assert WALLET.is_signed(checked, KEYS)
    assert not WALLET.is_signed({**checked, "EDP_REC_ACCOUNT": "1"}, KEYS)
    assert not WALLET.is_signed(checked, Keys(network_code="wallet", secrets=("key", "")))


def test_wallet_is_told_ok_as_plain_text_or_why_not():
    yes = WALLET.write(Answer(result=Result.OK), comment="OK")
    no = WALLET.write(Answer(result=Result.ACCOUNT_UNKNOWN), comment="There is no such account.")
    later = WALLET.write(Answer(result=Result.ASK_AGAIN), comment="Ask again later.")

    assert (yes.content, yes.status, yes.content_type) == (b"OK", 200, "text/plain; charset=utf-8")
    assert (no.content[:3], no.status, later.status) == (b"5 T", 200, 503)
    assert WALLET.read_fields(RawRequest(method="POST", body=b"EDP_BILL_NO=1", content_type=FORM)) == {
        "EDP_BILL_NO": "1"
    }
