"""The grammar that every dialect keeps, and OSMP's own signature."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st
from lxml import etree

from payments.domain.dialects import DIALECTS, OSMP
from payments.domain.dialects.osmp import canonical_query, sign_query
from payments.domain.gateway import (
    Answer,
    CancelRequest,
    CheckRequest,
    Keys,
    PayRequest,
    RequestRefused,
    Result,
    StatusRequest,
    split_parameters,
)

ZONE = ZoneInfo("Asia/Yerevan")
NOW = datetime(2026, 3, 5, 5, 0, tzinfo=UTC)
SPEAKER = DIALECTS[OSMP]
PAY = {
    "command": "pay",
    "txn_id": "00017",
    "account": "000000124",
    "sum": "1500.00",
    "txn_date": "20260305085900",
    "timestamp": "1",
    "signature": "x",
}


def read(**changes):
    return SPEAKER.understand({**PAY, **changes}, zone=ZONE)


def refusal(**changes):
    with pytest.raises(RequestRefused) as caught:
        read(**changes)
    return caught.value.result


def test_request_keeps_leading_zeros():
    asked = read(txn_id="0" * 19 + "7", ccy="AMD")

    assert asked == PayRequest(
        txn_id="00000000000000000007",
        account_number="000000124",
        amount=Decimal("1500.00"),
        currency="AMD",
        paid_at=datetime(2026, 3, 5, 4, 59, tzinfo=UTC),
    )


def test_commands_are_four():
    common = {"txn_id": "17", "timestamp": "1", "signature": "x"}
    ask = SPEAKER.understand

    assert ask({**common, "command": "check", "account": "1"}, zone=ZONE) == CheckRequest(
        txn_id="17", account_number="1"
    )
    assert ask({**common, "command": "status"}, zone=ZONE) == StatusRequest(txn_id="17")
    assert ask({**common, "command": "cancel"}, zone=ZONE) == CancelRequest(txn_id="17")
    cancel = {**common, "command": "cancel", "sum": "5"}
    assert ask(cancel, zone=ZONE) == CancelRequest(txn_id="17", amount=Decimal(5))
    assert refusal(command="Pay") is refusal(command="") is Result.OTHER


@pytest.mark.parametrize(
    "text",
    ["-5", "1e3", "5,00", "5.005", "NaN", "Infinity", "", " 5", "5 ", "+5", "0x10", "1_000", "٥", ".5", "5.", "1" * 13],
)
def test_sum_outside_the_grammar_is_refused(text):
    assert refusal(sum=text) is Result.OTHER


@pytest.mark.parametrize("text", ["0", "0.00", "000"])
def test_sum_of_zero_is_too_small(text):
    assert refusal(sum=text) is Result.SUM_TOO_SMALL


@pytest.mark.parametrize("text", ["", "12a", "1" * 21, "-1", "١٢", "1\n"])
def test_transaction_number_outside_the_grammar_is_refused(text):
    assert refusal(txn_id=text) is Result.OTHER


@pytest.mark.parametrize("text", ["", "12-3", "1" * 17, "1\x00", "١٢٣"])
def test_account_outside_the_grammar_is_named_so(text):
    assert refusal(account=text) is Result.ACCOUNT_FORM


@pytest.mark.parametrize("text", ["20260230120000", "20260305", "2026-03-05 10:00", "20260305250000", "2026030509000٥"])
def test_date_that_is_none_is_refused(text):
    assert refusal(txn_date=text) is Result.OTHER


@pytest.mark.parametrize("text", ["20240229120000", "20260329023000", "20271231235959"])
def test_date_of_the_terminal_is_kept_whatever_day_it_is(text):
    """3c row 11: a leap day, an hour that a change of clocks skips, another year."""
    assert read(txn_date=text).paid_at == datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=ZONE)


@pytest.mark.parametrize("name", ["Sum", "prv_txn", "ACCOUNT"])
def test_unknown_name_is_refused(name):
    assert refusal(**{name: "1"}) is Result.OTHER


@pytest.mark.parametrize("name", ["command", "txn_id", "account", "sum", "txn_date"])
def test_missing_name_is_refused(name):
    parameters = {key: value for key, value in PAY.items() if key != name}

    with pytest.raises(RequestRefused):
        SPEAKER.understand(parameters, zone=ZONE)


@pytest.mark.parametrize("raw", ["a=1&a=2", "a", "a=%ff", "a=1&&b=2", "&".join(f"p{n}=1" for n in range(30))])
def test_parameters_that_are_not_plain_are_refused(raw):
    with pytest.raises(RequestRefused):
        split_parameters(raw)


def is_trusted(parameters, *, secrets=("key", ""), code="easypay", now=NOW):
    keys = Keys(network_code=code, secrets=secrets)
    return SPEAKER.is_signed(parameters, keys) and SPEAKER.is_fresh(parameters, now=now)


def signed(*, secret="key", at=NOW):  # noqa: S107 - a secret of nobody
    parameters = {"command": "check", "txn_id": "1", "timestamp": str(int(at.timestamp()))}
    return {**parameters, "signature": sign_query(secret=secret, network_code="easypay", parameters=parameters)}


def test_signature_of_either_key_is_trusted():
    assert is_trusted(signed())
    assert is_trusted(signed(secret="next"), secrets=("key", "next"))
    assert is_trusted(dict(reversed(signed().items())))


def test_signature_is_distrusted_for_every_reason():
    """3c row 5."""
    good = signed()

    assert not is_trusted({**good, "txn_id": "2"})
    assert not is_trusted({**good, "signature": ""})
    assert not is_trusted({**good, "signature": "é"})
    assert not is_trusted({key: value for key, value in good.items() if key != "signature"})
    assert not is_trusted(good, secrets=("other", ""))
    assert not is_trusted(good, code="other")
    assert not is_trusted(signed(secret=""), secrets=("", ""))
    assert not is_trusted(good, now=NOW + timedelta(seconds=301))
    assert not is_trusted(good, now=NOW - timedelta(seconds=301))
    assert not is_trusted({key: value for key, value in good.items() if key != "timestamp"})


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=6))
def test_canonical_query_is_the_same_for_every_order_and_reads_back(parameters):
    kept = {name: value for name, value in parameters.items() if name != "signature"}

    query = canonical_query(parameters)

    assert query == canonical_query(dict(reversed(parameters.items())))
    assert not kept or split_parameters(query) == kept


@given(result=st.sampled_from(list(Result)), txn_id=st.text(max_size=30), comment=st.text("<&>\"'ab ԱԲ", max_size=30))
def test_answer_is_xml_whatever_was_sent(result, txn_id, comment):
    reply = SPEAKER.write(Answer(result=result, txn_id=txn_id), comment=comment)

    root = etree.fromstring(reply.content)
    assert (root.findtext("result"), root.findtext("comment")) == (str(int(result)), comment)
    echoed = root.findtext("osmp_txn_id", "")
    assert not echoed or (echoed == txn_id and echoed.isdigit())


def test_codes_that_are_asked_again_are_two():
    """Ruling 17: 0 is success; 1 and 90 are asked again; the others are final refusals."""
    assert {result.value for result in Result if result.is_asked_again} == {1, 90}
    assert {result.value for result in Result} == {0, 1, 4, 5, 7, 8, 79, 90, 241, 242, 243, 300}
