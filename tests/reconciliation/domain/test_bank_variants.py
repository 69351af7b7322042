"""Ways in which banks write the same statement: 001-13 and 3d of the bad inputs, beyond the samples."""

import io
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from reconciliation.domain.statement_control import is_account
from reconciliation.domain.statement_formats.parts import LineKind, StatementRefused
from tests.reconciliation.domain.test_statement_formats import MT940, ONE_C, camt, read

HEAD = ":20:S1\n:25:0001\n:28C:7/1\n:60F:C260304AMD1000,00\n"
END = ":62F:C260304AMD1250,00\n-\n"
MOVED = ":61:260304C250,00NTRFNONREF\n"


def one_line(content, kind, **more):
    (statement,) = read(content, kind, **more)
    (line,) = statement.lines
    if statement.opening_minor is not None:
        assert statement.opening_minor + line.amount_minor == statement.closing_minor
    return line


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{1:F01AAAABB99BXXX1111111111}{2:I940BBBBAA33XXXXN}{4:\n", "-}{5:{MAC:00000000}{CHK:19DA346889CC}}"),
        ("\x01{1:F01AAAABB99BXXX1111111111}{2:I940BBBBAA33XXXXN}{3:{108:MT940}}{4:\n", "-}\x03"),
        ("{1:F01AAAABB99BXXX1111111111}{2:I940BBBBAA33XXXXN}{4:", "-}$"),
        ("ABNANL2A\n940\nABNANL2A\n", ":64:C260304AMD1250,00\n:86:about all of it\n:NS:22x\n-"),
        ("", "-\n\n\n"),
    ],
)
def test_mt940_in_every_envelope_is_the_same_statement(before, after):
    line = one_line(before + HEAD + MOVED + ":86:acct 17\n" + END.removesuffix("-\n") + after, "MT940")

    assert (line.amount_minor, line.text) == (25000, "acct 17")


@pytest.mark.parametrize(
    ("text", "told", "name", "account", "end_to_end"),
    [
        (
            "166?00GUT?20EREF+RF1?21SVWZ+abcdefghijklmnop 100000?2217 fin?31DE1?32ANI",
            "10000017 fin",
            "ANI",
            "DE1",
            "RF1",
        ),
        ("020~00PRZELEW~20faktura 17~31PL1~32ANI~33 HAK", "faktura 17", "ANI HAK", "PL1", ""),
        ("020^20faktura 17^38PL61^32ANI", "faktura 17", "ANI", "PL61", ""),
        ("/EREF/INV-1//REMI/acct 17/BENM//NAME/ANI/IBAN/NL01/", "acct 17", "ANI", "NL01", "INV-1"),
        ("/EREF/INV-1/CHGS/EUR1,555/", "/CHGS/EUR1,555/", "", "", "INV-1"),
        ("x" * 60 + "10000\n017 fin", "10000017 fin", "", "", ""),
        ("short\nlines", "short\nlines", "", "", ""),
    ],
)
def test_mt940_text_in_every_style(text, told, name, account, end_to_end):
    """A number that the bank cut at the width of its field is whole again; a charge in other money is none of ours."""
    line = one_line(f"{HEAD}{MOVED}:86:{text}\n{END}", "MT940")

    assert told in line.text
    assert (line.payer_name, line.payer_account, line.end_to_end) == (name, account, end_to_end)
    assert line.charge_minor == 0


def test_mt940_without_a_number_or_in_pages():
    uncounted = HEAD.replace("7/1", "") + MOVED + END
    pages = HEAD.replace("60F", "60M") + MOVED + END.replace("62F", "62M")

    assert read(uncounted, "MT940")[0].number is None
    assert (read(pages, "MT940")[0].number, read(pages, "MT940")[0].page) == (7, 1)
    assert read(MT940.replace("\n", "\r"), "MT940")[0].moved_minor == 20000


@pytest.mark.parametrize("clock", [":26:37 Fo?25lgenr. 7", ":20:37 Fo?25lgenr. 7", ":28:00 Fo?25lgenr. 7"])
def test_mt940_time_of_day_in_a_wrapped_text_is_no_field(clock):
    line = one_line(f"{HEAD}{MOVED}:86:106?20BILL?24/PL 12-09-2014T16\n{clock}\n{END}", "MT940")

    assert line.text.endswith(f"T16{clock[:9]}\nlgenr. 7")


def test_mt940_text_in_fields_ns_codes_with_spaces_and_braces_of_another_alphabet():
    text = f"ä4:\n{HEAD}:61:2603040304CF250,00S   X\n:NS:01526715\n15ACCOUNT 17\n{END[:-2]}-å\n"
    line = one_line(text.encode("cp1252"), "MT940", encoding="ascii")

    assert (line.amount_minor, line.text) == (25000, "01526715\n15ACCOUNT 17")


@pytest.mark.parametrize(
    ("told", "number"), [("188/1", 188), ("1810118101", None), ("0", None), ("00000/001", None), ("0072", 72)]
)
def test_mt940_number_that_counts_nothing_is_none(told, number):
    text = f"{HEAD.replace('7/1', told).replace('C260304AMD', 'C260304AMD000000000000')}{MOVED}{END}"

    assert read(text, "MT940")[0].number == number


@pytest.mark.parametrize("told", ["UBRTHUHB/0001/AMD", "0001AMD", "BANK/0001", "00 01"])
def test_account_is_found_among_the_codes_beside_it(told):
    assert is_account(told, "0001")
    assert not is_account(told.replace("0001", "10001"), "0002")
    assert not is_account(f"1{told}", "1001")


@pytest.mark.parametrize("version", [f"053.001.{number:02}" for number in range(2, 14)])
def test_camt_of_every_version(version):
    assert one_line(camt("", version=version), "CAMT", digits=0).amount_minor == 30


def test_camt_of_austria_has_a_namespace_of_its_own():
    old, new = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02", "ISO:camt.053.001.02:APC:STUZZA:payments:003"

    assert one_line(camt("").replace(old, new), "CAMT", digits=0).amount_minor == 30


@pytest.mark.parametrize("version", ["053.001.01", "053.001.14", "052.001.08"])
def test_camt_of_another_version_is_refused_by_name(version):
    with pytest.raises(StatementRefused, match=version):
        read(camt("", version=version), "CAMT", digits=0)


def test_camt_whose_namespace_is_damaged_is_refused():
    """3d.7: a name with a prefix that nothing declares."""
    with pytest.raises(StatementRefused, match="camt"):
        read(camt("").replace("<Document xmlns", "<Docu:ment xmlns"), "CAMT", digits=0)


@pytest.mark.parametrize("code", ["PDNG", "INFO", "FUTR"])
def test_camt_entry_that_is_not_booked_is_none_and_one_without_a_state_is_not_swallowed(code):
    assert read(camt("").replace("BOOK", code), "CAMT", digits=0)[0].lines == ()
    assert one_line(camt("").replace("BOOK", "<Cd>BOOK</Cd>"), "CAMT", digits=0).amount_minor == 30
    with pytest.raises(StatementRefused, match="Sts"):
        read(camt("").replace("<Sts>BOOK</Sts>", ""), "CAMT", digits=0)
    with pytest.raises(StatementRefused, match="XXXX"):
        read(camt("").replace("BOOK", "XXXX"), "CAMT", digits=0)


def test_camt_charge_in_other_money_and_day_of_value_alone():
    """A price in euros, with its cents, is no price in a currency that has none."""
    charge = "<TxDtls><Chrgs><Rcrd><Amt Ccy='EUR'>1.55</Amt></Rcrd><Rcrd><Amt Ccy='AMD'>2</Amt></Rcrd></Chrgs></TxDtls>"
    found = one_line(camt(charge).replace("BookgDt", "ValDt"), "CAMT", digits=0)

    assert (found.charge_minor, found.booked_on) == (2, date(2026, 3, 4))


def test_camt_in_pages_begins_and_ends_with_the_balances_of_the_page():
    first = camt("").replace("CLBD", "ITBD").replace("<Acct>", "<StmtPgntn><PgNb>1</PgNb></StmtPgntn><Acct>")
    last = camt("").replace("OPBD", "ITBD")
    between = camt("").replace("OPBD", "ITBD").replace("CLBD", "ITBD")

    found = [read(one, "CAMT", digits=0)[0] for one in (first, between, last)]

    assert [(one.opening_minor, one.closing_minor, one.page) for one in found] == [
        (0, 30, 1),
        (0, 30, None),
        (0, 30, None),
    ]


@pytest.mark.parametrize("written", ["cp1251", "cp866", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("declared", ["Windows", "DOS", "UTF-8"])
def test_1c_is_read_in_the_alphabet_it_is_written_in(written, declared):
    """3d.8: whatever it declares and whatever was agreed; a file that was saved again declares its old alphabet."""
    content = ONE_C.replace("Windows", declared).replace("Сумма=", "Сумма = ").encode(written)

    assert one_line(content, "ONE_C", encoding="cp1251").payer_name == "ООО Ромашка"


def test_1c_purpose_over_several_lines_is_one_text_and_two_amounts_are_none():
    broken = ONE_C.replace("счёт 10000017", "счёт\r\n10000017").encode("cp1251")
    double = ONE_C.replace("Сумма=250.00", "Сумма=250.00\r\nСумма=25.00").encode("cp1251")

    assert one_line(broken, "ONE_C").text == "счёт\n10000017"
    with pytest.raises(StatementRefused, match=r"line 13, field Сумма: “25\.00”"):
        read(double, "ONE_C")


@pytest.mark.parametrize(
    ("end", "found"),
    [
        ("05.03.2026;R2;;7,00\n", -700),
        ("05.03.2026;R2;7,00\n", 700),
        ("05.03.2026;R2;;7,00", -700),
        ("05.03.2026;R2;;", "debit"),
        ("05.03.2026;R2;7,0", "debit"),
        ("05.03.2026;R2", "credit"),
        ("05.03.2026;R2\n", "credit"),
    ],
)
def test_table_that_is_cut_inside_a_line_is_refused(end, found):
    """Half an amount is an amount, and none is a line of nothing: neither is taken where the file may be cut."""
    plan = {"columns": {"day": "Day", "reference": "Ref", "credit": "In", "debit": "Out"}, "decimal_mark": ","}
    table = f"Day;Ref;In;Out\n04.03.2026;R1;5,00\n{end}"

    if isinstance(found, str):
        with pytest.raises(StatementRefused, match=f"line 3 has no field {found}; it may be cut"):
            read(table, "COLUMNS", map=plan)
    else:
        assert [line.amount_minor for line in read(table, "COLUMNS", map=plan)[0].lines] == [500, found]


def test_table_of_a_bank_as_a_workbook_and_with_a_title_above():
    columns = {"day": "Date", "amount": "Sum", "text": "Text"}
    plan = {"columns": columns, "decimal_mark": ",", "day_form": "%d.%m.%Y"}
    rows: list[list[Any]] = [["Bank of Hayk"], [], ["Date", "Sum", "Text"], [datetime(2026, 3, 4), 1250.5, "acct 17"]]  # noqa: DTZ001 - a day
    rows.append(["05.03.2026", "-1 000,25", "rent"])
    book, stream = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(stream)
    text = "Bank of Hayk;\n\nDate;Sum;Text\n04.03.2026;+1 250,50;acct 17\n05.03.2026;-1\u00a0000,25;rent\n"

    found = [read(one, "COLUMNS", map=plan)[0].lines for one in (stream.getvalue(), text)]

    assert [[(line.booked_on.day, line.amount_minor, line.kind) for line in lines] for lines in found] == [
        [(4, 125050, LineKind.RECEIPT), (5, -100025, LineKind.TRANSFER)]
    ] * 2
    with pytest.raises(StatementRefused, match="Text"):
        read("Bank of Hayk;\nDate;Sum\n04.03.2026;5,00\n", "COLUMNS", map=plan)
    with pytest.raises(StatementRefused, match="Sum"):
        read("Date;Sum;Text;Sum\n04.03.2026;5,00;x;6,00\n", "COLUMNS", map=plan)
    with pytest.raises(StatementRefused, match=r"1\.250,50"):
        read("Date;Sum;Text\n04.03.2026;1.250,50;x\n", "COLUMNS", map=plan)
