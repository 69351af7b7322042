"""The workbook of every report: totals are formulas that tie to the page, values are real, and it is whole."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from billing_site.documents.workbooks import workbook_bytes
from reports.domain.definition import Answer, Definition, Kind, totals_of
from reports.forms.tables import Line, columns_of, foot_of, sheets_of
from reports.queries.catalogue import REPORTS
from tests.reports.recomputing import open_book

# The offset of the clock is kept in the database.
pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Yerevan")
NUMBERS = {Kind.COUNT, Kind.AMOUNT, Kind.MONEY, Kind.MICRO, Kind.DURATION}
_SUM = re.compile(r"=SUM\(([A-Z]+)2:\1(\d+)\)")


def row_of(report: Definition, n: int) -> list[object]:
    """Return the n-th row of what a report of its columns may hold; what people wrote looks like a formula."""
    values = {
        Kind.TEXT: f"=1+{n}",
        Kind.NAME: {"en": f"@name {n}", "hy": f"@անուն {n}"},
        Kind.CODE: f"00{n}",
        Kind.DATE: date(2026, 3, n),
        Kind.INSTANT: datetime(2026, 3, n, 8, tzinfo=UTC),
        Kind.STAMP: datetime(2026, 3, n, 8, tzinfo=UTC),
        Kind.PHONE: f"1020000{n}",
        Kind.COUNT: n,
        Kind.AMOUNT: Decimal(n) / 4,
        Kind.MONEY: 1000 + n,
        Kind.MICRO: 1_500_000 * n,
        Kind.DURATION: 61 * n,
        Kind.PERCENT: None,
    }
    return [next(iter(one.words), "") if one.kind is Kind.WORD else values[one.kind] for one in report.fields]


def made(report: Definition) -> tuple[list[list[object]], bytes]:
    rows = [row_of(report, n) for n in (1, 2, 3)]
    return rows, workbook_bytes(sheets_of(report, Answer(rows=rows), facts=[("Report", "=x")]), zone=ZONE)


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_totals_are_formulas_and_tie_to_the_page(report):
    """004-19, 001-21, 001-22: each total of the page is a sum over the cells above it; numbers are numbers."""
    rows, content = made(report)
    sheet = open_book(content).worksheets[0]
    totals, columns = totals_of(report.fields, rows), columns_of(report)
    shown = Line(cells=[{} if total is None else total for total in totals])

    for index, (one, total) in enumerate(zip(report.fields, totals, strict=True)):
        cells = [sheet.cell(row=n, column=index + 1) for n in (2, 3, 4)]
        if one.kind in NUMBERS:
            assert {cell.data_type for cell in cells} <= {"n", "d"}
        elif one.kind is Kind.PERCENT:
            assert all(str(cell.value).startswith("=IF(") for cell in [*cells, sheet.cell(row=5, column=index + 1)])
        if total is not None and one.kind is not Kind.PERCENT:
            formula = _SUM.fullmatch(sheet.cell(row=5, column=index + 1).value)
            assert formula is not None
            assert formula[2] == "4"
            first, *more = (cell.value for cell in cells)
            found = columns[index].cell(shown, language="en")
            assert sum(more, start=first) == (timedelta(seconds=total) if one.kind is Kind.DURATION else found)
    assert bool(foot_of(report, columns, rows)) == any(total is not None for total in totals)


def test_workbook_is_whole_and_holds_no_formula_of_others():
    """000-20, 3h.5: every part is declared and linked, once; what people wrote is text with an apostrophe before it."""
    for report in REPORTS.values():
        content = made(report)[1]
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            kinds = etree.fromstring(archive.read("[Content_Types].xml"))
            links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
            assert archive.testzip() is None
        declared = {one.get("PartName", "").lstrip("/") for one in kinds} - {""}
        endings = {one.get("Extension") for one in kinds if one.get("Extension")}
        targets = {f"xl/{one.get('Target', '').lstrip('/').removeprefix('xl/')}" for one in links}

        assert len(names) == len(set(names))
        assert declared <= set(names)
        assert targets <= set(names)
        assert all(name in declared or name.rpartition(".")[2] in endings for name in names if name[0] != "[")
        for sheet in open_book(content).worksheets:
            assert len(sheet.title) <= 31
            texts = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
            ours = re.compile(r"=(SUM|IF)\(")
            assert [cell.value for cell in texts if cell.value[:1] in "=+@" and not ours.match(cell.value)] == []
