"""Workbooks: numbers are numbers, totals are formulas that add up, no cell starts a formula (decisions.md 26)."""

import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings, strategies as st

from billing_site.documents.workbooks import (
    TEXT_LENGTH,
    Column,
    ColumnKind,
    Formula,
    Sheet,
    Total,
    criteria_sheet,
    safe_text,
    write_workbook,
)

ZONE = ZoneInfo("Asia/Yerevan")
COLUMNS = (
    Column(title="Who"),
    Column(title="Sum", kind=ColumnKind.AMOUNT),
    Column(title="Count", kind=ColumnKind.INTEGER),
    Column(title="Length", kind=ColumnKind.DURATION),
)
STARTERS = "=+-@\t\r\n\0"


def written(*sheets, **options):
    stream = BytesIO()
    write_workbook(stream, sheets, zone=ZONE, **options)
    return stream


def opened(*sheets, **options):
    return openpyxl.load_workbook(written(*sheets, **options))


def only_page(*sheets, **options):
    return opened(*sheets, **options).worksheets[0]


def sheet_of(rows, **options):
    totals = {1: Total.SUM, 2: Total.SUM, 3: Total.SUM}
    return Sheet(title="Payments", columns=COLUMNS, rows=rows, totals=totals, total_label="Total", **options)


def day(*clock):
    """Return an instant as a workbook holds it: without a zone."""
    return datetime(2026, 3, 5, *clock)  # noqa: DTZ001 - the point


def value_of(book, page, formula):
    """Work a formula of ours out: a sum of a range, or a sum of cells of other sheets."""
    found = re.fullmatch(r"=SUM\(([A-Z]+\d+:[A-Z]+\d+)\)", formula)
    if found:
        cells = [cell.value for row in page[found[1]] for cell in row]
        return sum((cell for cell in cells if cell is not None), start=type(cells[0])())
    parts = re.findall(r"'([^']+)'!([A-Z]+\d+)", formula)
    values = [value_of(book, book[title], book[title][cell].value) for title, cell in parts]
    return sum(values[1:], start=values[0])


def test_workbook_holds_real_numbers_and_dates():
    columns = (
        Column(title="Amount", kind=ColumnKind.AMOUNT, digits=3),
        Column(title="Day", kind=ColumnKind.DATE),
        Column(title="At", kind=ColumnKind.INSTANT),
        Column(title="Length", kind=ColumnKind.DURATION),
        Column(title="Count", kind=ColumnKind.INTEGER),
    )
    row = (Decimal("-1234567.125"), date(2026, 3, 5), datetime(2026, 3, 4, 21, 0, 5, tzinfo=UTC), 3845, 7)

    page = only_page(Sheet(title="One", columns=columns, rows=[row]))

    values = [cell.value for cell in page[2]]
    assert values == [-1234567.125, day(0, 0, 0), day(1, 0, 5), timedelta(seconds=3845), 7]
    assert [cell.number_format for cell in page[2]] == [
        "#,##0.000",
        "yyyy-mm-dd",
        "yyyy-mm-dd hh:mm:ss",
        "[h]:mm:ss",
        "#,##0",
    ]


def test_workbook_head_is_frozen_and_filter_covers_the_data_alone():
    page = only_page(sheet_of([("a", Decimal(1), 2, 3), ("b", Decimal(4), 5, 6)]))

    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", "A1:D3")
    assert [cell.value for cell in page[1]] == ["Who", "Sum", "Count", "Length"]
    assert page[4][0].value == "Total"


def test_workbook_totals_add_up_from_their_ranges():
    rows = [("a", Decimal("0.10"), 2, 65), ("b", None, 5, 3600), ("c", Decimal("-7.35"), -1, 1)]

    book = opened(sheet_of(rows))

    totals = [value_of(book, book.worksheets[0], cell.value) for cell in book.worksheets[0][5][1:]]
    assert [Decimal(str(totals[0])), *totals[1:]] == [Decimal("-7.25"), 6, timedelta(seconds=3666)]


def test_workbook_without_rows_has_a_head_and_a_zero():
    page = only_page(sheet_of([]))

    assert [cell.value for cell in page[2]] == ["Total", "=0", "=0", "=0"]
    assert page.auto_filter.ref is None


@pytest.mark.parametrize("count", [3, 4, 10])
def test_workbook_too_long_goes_on_in_parts_that_add_up(count):
    rows = [(f"row {number}", Decimal(number), number, number) for number in range(1, count + 1)]

    book = opened(sheet_of(rows), rows_per_sheet=6)

    parts = [page.title for page in book]
    shown = [row[0] for page in book for row in page.iter_rows(min_row=2, values_only=True) if row[0] != "Total"]
    assert parts == ["Payments", *(f"Payments ({part})" for part in range(2, -(-count // 3) + 1))]
    assert shown == [row[0] for row in rows]
    assert all(page.max_row <= 6 for page in book)
    assert value_of(book, book[parts[-1]], book[parts[-1]].cell(book[parts[-1]].max_row, 2).value) == sum(
        range(1, count + 1)
    )


def test_workbook_reads_its_rows_as_it_writes_them():
    seen = []

    def rows():
        for number in range(5):
            seen.append(number)
            yield (str(number), Decimal(number), number, number)

    assert write_workbook(BytesIO(), [sheet_of(rows())], zone=ZONE) == 5
    assert seen == [0, 1, 2, 3, 4]


def test_workbook_in_arabic_runs_from_right_to_left():
    book = opened(sheet_of([], right_to_left=True), sheet_of([]))

    assert [page.sheet_view.rightToLeft for page in book] == [True, False]


def test_workbook_titles_are_cleaned_cut_and_unique():
    long = "Payments [terminals]: 1/2 " * 3
    book = opened(
        *(Sheet(title=title, columns=COLUMNS, rows=[]) for title in (long, long, "", "'", "a" * 31, "A" * 31))
    )

    assert len({page.title.casefold() for page in book}) == 6
    assert all(1 <= len(page.title) <= 31 and not set(page.title) & set("[]:*?/\\") for page in book)


def test_criteria_sheet_says_what_was_asked():
    page = only_page(criteria_sheet(title="Criteria", facts=[("State", "Done"), ("Made by", "=Անի")]))

    assert list(page.iter_rows(min_row=2, values_only=True)) == [("State", "Done"), ("Made by", "'=Անի")]
    assert page.auto_filter.ref is None


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("+99910234567", "+99910234567"),
        ("+999 90 000 1XX", "+999 90 000 1XX"),
        ("#N/A", "#N/A"),
        ("a\0b\x1fc", "a\ufffdb\ufffdc"),
        ("'quoted", "'quoted"),
        ("", ""),
        ("x" * 40_000, "x" * (TEXT_LENGTH - 1) + "…"),
    ],
)
def test_safe_text(text, safe):
    assert safe_text(text) == safe


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["", *STARTERS]), st.text(max_size=20)).map("".join), min_size=1, max_size=8))
def test_workbook_no_cell_is_a_formula_whatever_the_text(texts):
    """Invariant 39: no exported cell starts a formula."""
    stream = written(Sheet(title="Texts", columns=COLUMNS[:1], rows=[(text,) for text in texts]))

    with zipfile.ZipFile(stream) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml
    assert 't="e"' not in xml
    page = openpyxl.load_workbook(stream).worksheets[0]
    cells = [str(cell or "") for (cell,) in page.iter_rows(min_row=2, values_only=True)]
    assert all(not cell.startswith(tuple(STARTERS)) or re.fullmatch(r"\+[0-9][0-9 X*()-]*", cell) for cell in cells)


def test_workbook_number_in_a_text_column_is_text():
    page = only_page(Sheet(title="One", columns=COLUMNS[:1], rows=[(10234567,), ("00741",)]))

    assert [(cell.value, cell.data_type) for (cell,) in page.iter_rows(min_row=2)] == [
        ("10234567", "s"),
        ("00741", "s"),
    ]


def test_workbook_instant_without_zone_is_refused():
    columns = (Column(title="At", kind=ColumnKind.INSTANT),)

    with pytest.raises(ValueError, match="zone"):
        written(Sheet(title="One", columns=columns, rows=[(day(0, 0, 0),)]))


def test_workbook_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="3 cells, the sheet 4 columns"):
        written(sheet_of([("a", Decimal(1), 2)]))


def test_workbook_without_sheets_is_refused():
    with pytest.raises(ValueError, match="at least one sheet"):
        written()


def test_workbook_whose_rows_break_off_leaves_no_files(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def rows():
        yield ("a", Decimal(1), 2, 3)
        raise LookupError

    with pytest.raises(LookupError):
        written(sheet_of(rows()))
    assert list(tmp_path.iterdir()) == []


def test_workbook_formula_of_ours_is_one():
    row = ("sum", Decimal(1), Formula("=1+1"), 3)

    page = only_page(sheet_of([row]))

    assert [(cell.value, cell.data_type) for cell in page[2]][2] == ("=1+1", "f")
    assert page[2][2].number_format == "#,##0"
