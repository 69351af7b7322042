"""A register is read whole or refused whole, each bad line by its name."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from reconciliation.domain.register_faults import RegisterRefused
from reconciliation.domain.register_maps import RegisterMapRefused, read_register_map
from reconciliation.domain.registers import MAX_FAULTS, control_fault, read_register
from tests.factories.payments import SEMICOLON_MAP

ZONE = ZoneInfo("Asia/Yerevan")
DAY = date(2026, 3, 4)
HEAD = "txn_id;account;sum;date\n"
LINE = "17;000000124;1500.00;2026-03-04 10:00:00\n"
POSITIONS = {
    "delimiter": ",",
    "encoding": "cp1251",
    "has_header": False,
    "columns": {"txn_id": 0, "account": 1, "amount": 3},
    "decimal_mark": ".",
    "trailer": {"mark": "ИТОГО", "count": 1, "amount": 2},
}


def read(text, *, plain=SEMICOLON_MAP, digits=0):
    content = text if isinstance(text, bytes) else text.encode(plain["encoding"])
    return read_register(
        content, register_map=read_register_map(plain), file_name="r.csv", day=DAY, digits=digits, zone=ZONE
    )


def refusal(text, **more):
    with pytest.raises(RegisterRefused) as caught:
        read(text, **more)
    return caught.value


def test_register_with_headings_is_read():
    found = read("\ufeff" + HEAD + LINE + "\n" + "18;1;20;2026-03-05 00:00:01\r\n\x1a")

    assert [(line.line_number, line.txn_id, line.account_number, line.amount_minor) for line in found.lines] == [
        (2, "17", "000000124", 1500),
        (4, "18", "1", 20),
    ]
    assert found.lines[0].paid_at == datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
    assert found.amount_minor == 1520


def test_register_by_position_in_another_encoding_is_read():
    found = read("17,1,кассир,1500.25\n18,2,кассир,1\nИТОГО,2,1501.25\n", plain=POSITIONS, digits=2)

    assert [line.amount_minor for line in found.lines] == [150025, 100]
    assert found.lines[0].paid_at is None


def test_day_without_payments_is_a_register():
    assert read(HEAD).lines == ()
    assert read("ИТОГО,0,0.00\n", plain=POSITIONS).lines == ()


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("x;1;5;2026-03-04 10:00:00", "txn_id", "x"),
        (";1;5;2026-03-04 10:00:00", "txn_id", ""),
        ("١٧;1;5;2026-03-04 10:00:00", "txn_id", "١٧"),
        ("17;1.2E+5;5;2026-03-04 10:00:00", "account", "1.2E+5"),
        ("17;1;0;2026-03-04 10:00:00", "amount", "0"),
        ("17;1;-5;2026-03-04 10:00:00", "amount", "-5"),
        ("17;1;5,00;2026-03-04 10:00:00", "amount", "5,00"),
        ("17;1;5.50;2026-03-04 10:00:00", "amount", "5.50"),
        ("17;1;1e3;2026-03-04 10:00:00", "amount", "1e3"),
        ("17;1;NaN;2026-03-04 10:00:00", "amount", "NaN"),
        ("17;1;9999999999999;2026-03-04 10:00:00", "amount", "9999999999999"),
        ("17;1;5;04.03.2026", "paid_at", "04.03.2026"),
        ("17;1;5;2026-02-30 10:00:00", "paid_at", "2026-02-30 10:00:00"),
        ("17;1;5;2026-03-06 10:00:00", "paid_at", "2026-03-06 10:00:00"),
        ("17;1;5", "paid_at", "17;1;5"),
    ],
)
def test_bad_line_names_file_line_field_and_remedy(line, field, value):
    """3c row 10."""
    error = refusal(HEAD + LINE + line + "\n")

    (fault,) = error.faults
    assert (fault.line_number, fault.field, fault.value) == (3, field, value)
    assert error.message.startswith("File r.csv, line 3")
    assert value[:20] in error.message
    assert "Nothing was loaded." in error.message


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (HEAD.encode() + b"17;1;5;\xff\xfe\n", "ff fe"),
        ("txn;account;sum;date\n" + LINE, "txn_id"),
        ("", "heading"),
        (HEAD + '17;"1;5;2026-03-04 10:00:00\n' + LINE, "quotation"),
        (HEAD + "1" * 5000 + "\n", "longer"),
    ],
)
def test_file_that_cannot_be_read_is_refused(content, part):
    error = refusal(content)

    assert part in error.message
    assert len(error.faults) == 1


@pytest.mark.parametrize(
    "text",
    [
        "17,1,x,5\n",
        "17,1,x,5\nИТОГО,2,5\n",
        "17,1,x,5\nИТОГО,1,6\n",
        "17,1,x,5\nИТОГО,1\n",
        "17,1,x,5\nИТОГО,1,5\n18,1,x,5\n",
        "17,1,x,5\nИТОГО,one,5\n",
    ],
)
def test_control_line_that_differs_refuses_the_file(text):
    assert "control" in refusal(text, plain=POSITIONS).message or "few fields" in refusal(text, plain=POSITIONS).message


def test_control_totals_told_apart_are_compared():
    def fault_of(count, minor):
        return control_fault(count=1, amount_minor=1500, expected_count=count, expected_minor=minor, last_line=2)

    assert fault_of(1, 1500) is None
    assert fault_of(None, None) is None
    faults = [fault_of(n, minor) for n, minor in [(2, None), (1, 1)]]
    assert [fault.field for fault in faults if fault is not None] == ["count", "amount"]


def test_faults_are_named_up_to_a_limit():
    assert len(refusal(HEAD + "x;1;1;2026-03-04 10:00:00\n" * 50).faults) == MAX_FAULTS


def test_decimal_comma_is_taken_where_the_map_says_so():
    plain = {**SEMICOLON_MAP, "decimal_mark": ","}

    assert read(HEAD + "17;1;5,25;2026-03-04 10:00:00\n", plain=plain, digits=2).amount_minor == 525
    assert refusal(HEAD + "17;1;5.25;2026-03-04 10:00:00\n", plain=plain, digits=2).faults[0].field == "amount"


@pytest.mark.parametrize(
    "change",
    [
        {"encoding": "utf-7"},
        {"delimiter": "::"},
        {"decimal_mark": ";"},
        {"has_header": 1},
        {"columns": None},
        {"columns": {"txn_id": "a"}},
        {"columns": {"txn_id": 0, "account": 1, "amount": 2}},
        {"columns": {"txn_id": "a", "account": "b", "amount": "c", "colour": "d"}},
        {"trailer": {"mark": "T"}},
        {"surprise": 1},
    ],
)
def test_map_that_cannot_be_followed_is_refused(change):
    with pytest.raises(RegisterMapRefused, match="not usable"):
        read_register_map({**SEMICOLON_MAP, **change})


def outcome_of(content):
    try:
        return read(content)
    except RegisterRefused as error:
        return error


@given(st.binary(max_size=300))
def test_any_bytes_end_read_or_refused(content):
    outcome = outcome_of(HEAD.encode() + content)

    if isinstance(outcome, RegisterRefused):
        assert outcome.faults
        assert "Nothing was loaded." in outcome.message
    else:
        assert all(line.amount_minor > 0 for line in outcome.lines)
