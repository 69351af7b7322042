"""Files of the accounting ledger, line by line: tables, the turnover sheet of 1C, and every way to be wrong."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from reconciliation.domain.accounting_files import FileRow, TurnoverReader
from reconciliation.domain.accounting_maps import AccountingMapRefused, read_accounting_map

COLUMNS = {"class": "Acc", "account": "Who", "opening": "O", "debit": "D", "credit": "C", "closing": "Z"}
TABLE = {"layout": "TABLE", "columns": COLUMNS, "total_mark": "Total", "decimal_mark": ","}
HEAD = "Acc;Who;O;D;C;Z\n"
SHEET = {"layout": "SHEET_1C", "encoding": "cp1251", "delimiter": "\t", "decimal_mark": ","}
CLASSES = ("221.1", "611.1")
AMOUNTS = st.integers(min_value=-(10**12), max_value=10**12)


def reader(plan=None):
    return TurnoverReader(layout=read_accounting_map(plan or TABLE), classes=CLASSES, digits=2)


def read(text, plan=None):
    """Return the lines, the faults as (line, field), and the sums of a file."""
    one = reader(plan)
    encoding = (plan or TABLE).get("encoding", "utf-8")
    lines = list(one.read_bytes(text.encode(encoding)))
    return lines, [(fault.line_number, fault.field) for fault in one.faults], one.sums


def shown(minor):
    return str(Decimal(minor).scaleb(-2)).replace(".", ",")


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), min_size=1, max_size=20))
def test_every_line_that_adds_up_is_read_to_the_cent_and_its_total_agrees(rows):
    lines = [(opening, debit, credit, opening + debit - credit) for opening, debit, credit in rows]
    total = [sum(column) for column in zip(*lines, strict=True)]
    text = "".join(f"221.1;{n};{';'.join(map(shown, line))}\n" for n, line in enumerate(lines, 1))

    found, faults, sums = read(f"{HEAD}{text}221.1;Total;{';'.join(map(shown, total))}\n")

    assert faults == []
    assert [line[4:] for line in found] == lines
    assert list(sums["221.1"].amounts) == total


@given(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), st.integers(min_value=1, max_value=10**9))
def test_line_that_does_not_add_up_is_named(amounts, slip):
    opening, debit, credit = amounts
    cells = map(shown, (opening, debit, credit, opening + debit - credit + slip))

    assert read(f"{HEAD}221.1;7;{';'.join(cells)}\n")[1] == [(2, "closing")]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("999;1;0;0;0;0", (2, "class")),
        ("221.1;12a;0;0;0;0", (2, "account")),
        ("221.1;1;0;x;0;0", (2, "debit")),
        ("221.1;1;0;1.5;0;1.5", (2, "debit")),
        ("221.1;1;0;1,555;0;1,555", (2, "debit")),
        ("221.1;1;0;0;0", (2, "closing")),
        ('221.1;"1;0;0;0;0', (2, "")),
        ("221.1;Total;0;5;0;5", None),
        ("221.1;1;1 000,00;0;0;1\u00a0000,00", None),
        ("221.1;1;;5;5;", None),
    ],
)
def test_what_is_wrong_in_a_line(line, fault):
    assert read(f"{HEAD}{line}\n")[1] == ([fault] if fault else [])


def test_total_of_a_class_and_of_all_classes_must_be_their_lines():
    text = f"{HEAD}221.1;1;0;5;0;5\n221.1;Total;0;6;0;6\n611.1;;0;0;9;-9\nTotal;;0;5;8;-3\n"

    _lines, faults, sums = read(text)

    assert faults == [(3, "debit"), (5, "credit")]
    assert (sums["611.1"].has_accounts, sums["611.1"].closing) == (False, -900)


def test_turnover_sheet_of_1c_is_read_below_its_titles():
    text = (
        "Оборотно-сальдовая ведомость за Февраль 2026 г.\n\n"
        "Счет\tСальдо на начало\t\tОбороты\t\tСальдо на конец\n"
        "\tДебет\tКредит\tДебет\tКредит\tДебет\tКредит\n"
        "221.1, Абоненты\t1 000,00\t\t250,50\t50,00\t1 200,50\n"
        "Иванова М. С. 00123456\t1 000,00\t\t250,50\t50,00\t1 200,50\n"
        "611.1\t\t\t\t250,50\t\t250,50\n"
        "Итого\t1 000,00\t\t250,50\t300,50\t1 200,50\t250,50\n"
    )

    lines, faults, sums = read(text, SHEET)

    assert faults == []
    assert [(line.class_code, line.account_number, line.closing) for line in lines] == [
        ("221.1", "00123456", 120050),
        ("611.1", "", -25050),
    ]
    assert sums["221.1"].has_accounts


def test_account_kept_as_a_number_and_missing_heading_are_refused():
    rows = [FileRow(1, list(COLUMNS.values())), FileRow(2, ("221.1", "7", "0", "0", "0", "0"), {1, 2, 3, 4, 5})]
    one = reader()
    assert list(one.read_rows(rows)) == []
    assert [(fault.line_number, fault.field) for fault in one.faults] == [(2, "account")]
    assert read("Acc;Who;O;D;C\n221.1;1;0;0;0\n")[1] == [(1, "Z")]
    assert read(HEAD)[1] == [(1, "")]


def test_bytes_of_another_code_page_are_named_by_their_line():
    one = reader()
    list(one.read_bytes(HEAD.encode() + "221.1;1;0;0;0;0;Иванова".encode("cp1251")))
    assert [fault.line_number for fault in one.faults] == [2]


@pytest.mark.parametrize(
    "plan",
    [
        {**TABLE, "layout": "PICTURE"},
        {**TABLE, "columns": {"class": "A"}},
        {**TABLE, "columns": {**COLUMNS, "opening_debit": "X", "opening_credit": "Y"}},
        {**TABLE, "columns": {**COLUMNS, "colour": "X"}},
        {**TABLE, "decimal_mark": ";"},
        {**TABLE, "colour": "red"},
        {"layout": "TABLE"},
    ],
)
def test_maps_that_say_nothing_usable_are_refused(plan):
    with pytest.raises(AccountingMapRefused):
        read_accounting_map(plan)
