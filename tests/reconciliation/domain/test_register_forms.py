"""A register comes as text, as a workbook or as XML: the same payments, whatever the form."""

import io
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st
from openpyxl import Workbook

from billing_site.documents.sheets import SheetRefused
from reconciliation.domain.register_faults import RegisterRefused
from reconciliation.domain.register_maps import RegisterMapRefused, read_register_map
from reconciliation.domain.registers import read_register
from tests.factories.payments import SEMICOLON_MAP

DAY = date(2026, 3, 4)
AT = datetime(2026, 3, 4, 12, 0)  # noqa: DTZ001 - a sheet holds local time
XLSX = {**SEMICOLON_MAP, "form": "xlsx"}
PATHS = {"txn_id": "@id", "account": "payer/account", "amount": "sum", "paid_at": "at"}
XML = {"form": "xml", "row": "payment", "columns": PATHS}
PAYMENT = (
    '<p:payment id="{}"><p:payer><p:account>{}</p:account></p:payer>'
    "<p:sum>{}</p:sum><p:at>2026-03-04 12:00:00</p:at></p:payment>"
)


def read(content, plain):
    register_map = read_register_map(plain)
    zone = ZoneInfo("Asia/Yerevan")
    return read_register(content, register_map=register_map, file_name="r", day=DAY, digits=2, zone=zone)


def book(*rows):
    workbook, stream = Workbook(), io.BytesIO()
    for row in (("no.", "sum", "account", "txn_id", "date"), *rows):
        workbook.worksheets[0].append(row)
    workbook.save(stream)
    return stream.getvalue()


def xml(*payments):
    inner = "".join(PAYMENT.format(*payment) for payment in payments)
    return f'<?xml version="1.0"?><p:day xmlns:p="urn:easy"><head/>{inner}</p:day>'.encode()


def told(register):
    return [(line.txn_id, line.account_number, line.amount_minor, line.paid_at) for line in register.lines]


def test_workbook_and_xml_and_text_tell_the_same():
    text = b"txn_id;account;sum;date\n17;000000124;1500.50;2026-03-04 12:00:00\n"
    noon = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)

    found = [
        read(text, SEMICOLON_MAP),
        read(book((1, 1500.5, "000000124", "17", AT)), XLSX),
        read(xml(("17", "000000124", "1500.50")), XML),
    ]

    assert [told(register) for register in found] == [[("17", "000000124", 150050, noon)]] * 3
    assert told(read(xml(), XML)) == []


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ((1, 5, 124, "17", AT), "account"),
        ((1, 5, "000000124", 17, AT), "txn_id"),
        ((1, "5,00", "000000124", "17", AT), "amount"),
        ((1, 5.005, "000000124", "17", AT), "amount"),
        ((1, 5, "000000124", "17", "4 March"), "paid_at"),
        ((1, 5, "000000124"), "txn_id"),
    ],
)
def test_workbook_that_lost_something_is_refused_with_its_row(row, field):
    """3h row 4: a number where text was meant has lost its zeros."""
    with pytest.raises(RegisterRefused) as caught:
        read(book(row), XLSX)

    assert [(fault.line_number, fault.field) for fault in caught.value.faults] == [(2, field)]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (xml(("17", "1", "5"))[:-5], "well-formed"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + xml()[21:], "DOCTYPE"),
        (xml(("17", "1", "5")).replace(b"p:sum", b"p:total"), "has no amount"),
        (b"txn_id;account", "well-formed"),
    ],
)
def test_xml_that_cannot_be_read_is_refused(content, part):
    """3c row 7 for files: no declarations, no entities, no half documents."""
    with pytest.raises(RegisterRefused, match=part):
        read(content, XML)


def test_workbook_that_is_none_is_refused():
    """3h row 2."""
    with pytest.raises(SheetRefused):
        read(b"<html></html>", XLSX)


@pytest.mark.parametrize(
    "change",
    [
        {"form": "pdf"},
        {"row": ""},
        {"columns": {**PATHS, "amount": "sum//x"}},
        {"has_header": False},
        {"trailer": {"mark": "T", "count": 1, "amount": 2}},
        {"file_name": "register.csv"},
    ],
)
def test_map_of_xml_that_cannot_be_followed_is_refused(change):
    with pytest.raises(RegisterMapRefused, match="not usable"):
        read_register_map({**XML, **change})


@given(st.lists(st.tuples(st.integers(1, 10**19), st.integers(0, 10**9), st.integers(1, 10**9)), max_size=20))
def test_xml_and_text_read_alike(payments):
    text = "".join(f"{t};{a:09d};{m};2026-03-04 12:00:00\n" for t, a, m in payments)

    assert told(read(("txn_id;account;sum;date\n" + text).encode(), SEMICOLON_MAP)) == told(
        read(xml(*((t, f"{a:09d}", m) for t, a, m in payments)), XML)
    )


def test_thousands_may_stand_apart_and_a_time_may_name_its_offset():
    plain = {**SEMICOLON_MAP, "time_format": "%Y-%m-%d %H:%M:%S%z"}
    text = "txn_id;account;sum;date\n17;124;1\u00a0500.50;2026-03-04 12:00:00+0100\n".encode()

    assert told(read(text, plain)) == [("17", "124", 150050, datetime(2026, 3, 4, 11, 0, tzinfo=UTC))]
    for bad in ("15 00.50", "1 500.505", "1,500.50", "1 500 .50"):
        with pytest.raises(RegisterRefused, match="amount"):
            read(text.replace("1\u00a0500.50".encode(), bad.encode()), plain)


def test_heading_that_is_there_twice_is_refused_by_name():
    """3h row 6: which of the two holds the money is no guess."""
    with pytest.raises(RegisterRefused, match="sum is there twice"):
        read(b"txn_id;account;sum;sum;date\n17;124;5.00;6.00;2026-03-04 12:00:00\n", SEMICOLON_MAP)
