"""
Tables damaged at random: each reader of an import gives rows or names the place, whatever the bytes.

Registers, ledgers, supply sheets, price decks, calendars and answers of banks. A taste in the usual run, 100,000 files
a form in ``selftest --nightly``; workbooks, which cost a hundred times as much to open, get a fiftieth of it.
"""

import io
import random
from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from billing_site.core.errors import BillingError
from billing_site.documents.sheets import SheetRefused, read_sheet
from invoicing.domain.charge_sheets import read_charge_sheet
from payments.domain.debit_results import ResultsRefused, read_result_map, read_results
from reconciliation.domain.accounting_files import AccountingFileRefused, FileRow, TurnoverReader
from reconciliation.domain.accounting_maps import read_accounting_map
from reconciliation.domain.register_faults import RegisterRefused
from reconciliation.domain.register_maps import read_register_map
from reconciliation.domain.registers import read_register
from reconciliation.domain.statement_formats.parts import StatementRefused
from reconciliation.domain.statement_formats.reading import StatementForm, StatementFormat, read_statements
from reconciliation.domain.supply_sheets import read_supply_sheet
from tariffs.domain.calendar_files import CalendarFileRefused, read_calendar_file
from tariffs.domain.grids import GridColumn, TableFaulty, parse_table, read_day, read_decimal
from tariffs.domain.rate_decks import MAX_ROWS_ABOVE, DeckUnreadable, doubled_prefixes, read_deck
from tests.factories.payments import SEMICOLON_MAP
from tests.factories.usage_damage import damaged
from tests.fixtures.nightly import at_night
from tests.reconciliation.domain.test_accounting_files import CLASSES, HEAD, SHEET, TABLE
from tests.reconciliation.domain.test_register_forms import XLSX, XML, xml

ROUNDS = at_night(100_000, else_=200)
PER_WORKBOOK = 50
DECK = "Prefix;Destination;Price;Valid from\n374;Armenia;0,15;2026-03-01\n3749;Armenia mobile;0,2;05.03.2026\n"
SUPPLY = "day;centre;item;move;first;last;quantity;price;note\n2026-03-04;C1;SIM;SOLD;001;003;3;100;\n"
CHARGES = "account;item;kind;amount;day;note;line\n17;SETUP;FEE;5,00;2026-03-04;new line;99910300000\n"
CALENDAR = "day,counts_as,name\n2026-03-08,off,Women's day\n2026-03-14,work,\n"
RESULT_MAP = {"columns": {"reference": "Ref", "outcome": "Said", "amount": "Sum"}, "outcomes": {"ok": "PAID"}}
PAIN = (
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt><OrgnlGrpInfAndSts>'
    "<OrgnlMsgId>7</OrgnlMsgId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>D-1"
    "</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf></TxInfAndSts>"
    "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
)


def workbook(text: str) -> bytes:
    """A table of text as a workbook."""
    book, stream = Workbook(), io.BytesIO()
    for row in text.splitlines():
        book.worksheets[0].append(row.split(";"))
    book.save(stream)
    return stream.getvalue()


def register(plain: dict[str, Any]) -> Callable[[bytes], int]:
    register_map, zone = read_register_map(plain), ZoneInfo("Asia/Yerevan")

    def read(content: bytes) -> int:
        day = date(2026, 3, 4)
        found = read_register(content, register_map=register_map, file_name="f", day=day, digits=2, zone=zone)
        assert sum(line.amount_minor for line in found.lines) == found.amount_minor
        return len(found.lines)

    return read


def ledger(plain: dict[str, Any], *, is_book: bool = False) -> Callable[[bytes], int]:
    layout = read_accounting_map(plain)

    def read(content: bytes) -> int:
        one = TurnoverReader(layout=layout, classes=CLASSES, digits=2)
        if is_book:
            rows = [FileRow(row.number, row.texts, row.numbers) for row in read_sheet(content).rows]
            lines = list(one.read_rows(rows))
        else:
            lines = list(one.read_bytes(content))
        if one.faults:
            raise AccountingFileRefused(file_name="f", faults=one.faults)
        assert sum(line.debit for line in lines) == sum(found.debit for found in one.sums.values())
        return len(lines)

    return read


def deck(content: bytes) -> int:
    table = read_sheet(content)
    found = read_deck([(row.number, row.texts, row.numbers) for row in table.rows], decimal_mark=",")
    doubled_prefixes(found.rows)
    above = len(table.rows) - len(found.rows) - len(found.faults)
    assert 0 <= above <= MAX_ROWS_ABOVE
    return len(found.rows)


def supply(content: bytes) -> int:
    rows = [(row.number, row.texts, row.numbers) for row in read_sheet(content).rows]
    return len(read_supply_sheet(rows, moves=("SOLD", "ISSUED")).moves)


def charges(content: bytes) -> int:
    rows = [(row.number, row.texts, row.numbers) for row in read_sheet(content).rows]
    return len(read_charge_sheet(rows, kinds=("FEE",)).charges)


def bank(content: bytes) -> int:
    plan = {"columns": {"day": "Day", "amount": "Sum", "text": "Text"}}
    form = StatementForm(format=StatementFormat.COLUMNS, account="1", digits=2, column_map=plan)
    (statement,) = read_statements(content, form=form, file_name="f")
    return len(statement.lines)


def pasted(content: bytes) -> int:
    columns = [GridColumn(key="a", label="A", read=read_decimal), GridColumn(key="b", label="B", read=read_day)]
    lines, faults = parse_table(content.decode(errors="replace"), columns)
    if faults:
        raise TableFaulty(faults)
    return len(lines)


def calendar(content: bytes) -> int:
    days = read_calendar_file(content)
    assert all("".join(day.names.values()).isprintable() for day in days)
    return len(days)


def results(content: bytes) -> int:
    return len(read_results(content, result_map=read_result_map(RESULT_MAP), currency="AMD", digits=2))


REGISTER_ROWS = "txn_id;account;sum;date\n17;124;1500.50;2026-03-04 12:00:00\n18;125;1.00;2026-03-04 12:00:01\n"
TURNOVER = f"{HEAD}221.1;7;0;5,00;1,00;4,00\n221.1;Total;0;5,00;1,00;4,00\n"
SHEET_1C = (
    "Счет\tДт\tКт\n611.1\t\t\t5,00\t\t5,00\t\nООО Ромашка 10000017\t\t\t5,00\t\t5,00\t\nИтого\t\t\t5,00\t\t5,00\t\n"
)
FORMS: dict[str, tuple[bytes, Callable[[bytes], int]]] = {
    "register csv": (REGISTER_ROWS.encode(), register(SEMICOLON_MAP)),
    "register xlsx": (workbook(REGISTER_ROWS), register(XLSX)),
    "register xml": (xml(("17", "124", "1500.50"), ("18", "125", "1.00")), register(XML)),
    "ledger csv": (TURNOVER.encode(), ledger(TABLE)),
    "ledger 1C": (SHEET_1C.encode("cp1251"), ledger(SHEET)),
    "ledger xlsx": (workbook(TURNOVER), ledger(TABLE, is_book=True)),
    "deck csv": (DECK.encode(), deck),
    "deck xlsx": (workbook(DECK), deck),
    "supply csv": (SUPPLY.encode(), supply),
    "charges csv": (CHARGES.encode(), charges),
    "bank xlsx": (workbook("Bank\nDay;Sum;Text\n04.03.2026;5.00;x\n"), bank),
    "pasted text": (b'A\tB\n1,50\t2026-03-04\n"2"\t05.03.2026\n', pasted),
    "calendar csv": (CALENDAR.encode(), calendar),
    "calendar json": (b'{"days": [{"date": "2026-03-08", "isOffDay": true, "name": "\\u0544"}]}', calendar),
    "debit table": (b"Ref;Said;Sum\nD-1;ok;10.00\n", results),
    "debit xml": (PAIN.encode(), results),
}
REFUSALS = (
    AccountingFileRefused,
    CalendarFileRefused,
    DeckUnreadable,
    RegisterRefused,
    ResultsRefused,
    SheetRefused,
    StatementRefused,
    TableFaulty,
)


@pytest.mark.parametrize("name", sorted(FORMS))
def test_damaged_table_is_read_or_refused_with_a_sentence(name):
    """Issues 3 and 5, bad input; 3b, 3c row 10, 3h: nothing but rows, or one refusal that says where and what."""
    content, read = FORMS[name]
    chance = random.Random(name)
    assert read(content) >= 1

    for _ in range(ROUNDS // (PER_WORKBOOK if "xlsx" in name else 1)):
        refusal = refusal_of(read, damaged(content, chance))
        assert refusal is None or (isinstance(refusal, REFUSALS) and str(refusal).endswith((".", "”"))), repr(refusal)
        assert "%(" not in str(refusal)


def refusal_of(read, content):
    """What a reader says of content that it does not take; it raises nothing else."""
    try:
        read(content)
    except BillingError as refusal:
        return refusal
    return None


@pytest.mark.parametrize(
    "rows", ['374;"Armenia;10\n375;Belarus;12\n', '374;"Armenia;10\n375;Belarus";12\n', '374;Arm;1\n375;"Bel"arus;12\n']
)
def test_quote_that_is_not_closed_swallows_no_row(rows):
    """3a.6 for tables: neither to the end of the file, nor up to the next quote; a heading of two lines is none."""
    with pytest.raises(SheetRefused, match=r"Line [34]"):
        deck(f'Prefix;Destination;"Price"\n373;Moldova;9\n{rows}'.encode())
    assert deck(b'Prefix;Destination;"Price"\n373;"Moldova\n(all)";9\n') == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_table_saved_as_unicode_text_is_read(encoding):
    assert deck("Префикс\tНаправление\tЦена\n374\tАрмения\t0,15\n".encode(encoding)) == 1


def test_pasted_text_with_a_quote_that_is_never_closed_has_a_fault_at_its_row():
    columns = [GridColumn(key="a", label="A", read=str)]
    lines, faults = parse_table('first\n"' + "x\n" * 100_000, columns)

    assert [line.row for line in lines] == [1]
    assert [fault.row for fault in faults] == [2]


@pytest.mark.parametrize(
    "text",
    [
        "prefix|zone|price\n374|A|0,1\n",
        "\n;;\nprefix;zone;price\n374;A;0,1\n",
        "Rates of March, 2026\n\nprefix;zone;price\n374;A;0,1\n",
        'Dial code,Country,Rate/min\n374,"A; all of it","0,1"\n',
        "prefix;zone;price\n374;A;1\u00a0000,1\n",
        "prefix;zone;price;per;connect fee\n374;A;0,1;60;0,5\n",
    ],
)
def test_deck_in_the_ways_of_spreadsheets(text):
    assert deck(text.encode()) == 1


def test_prefix_as_dialled_is_no_prefix_of_a_number():
    """3b.3: kept so it would never be found; the cell is named instead."""
    table = read_sheet(b"prefix;zone;price\n00374;A;1\n")
    found = read_deck([(row.number, row.texts, row.numbers) for row in table.rows], decimal_mark=".")

    assert [fault.address for fault in found.faults] == ["A2"]
