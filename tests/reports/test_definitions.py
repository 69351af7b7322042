"""Reports as data: each is whole, and its shares and days are what they say."""

from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given, strategies as st

from billing_site.documents.workbooks import Column, ColumnKind, Sheet, Total, write_workbook
from billing_site.web.formatting import format_percent
from reports.domain.asking import days_of_month, days_sent, usual_days
from reports.domain.definition import Kind, totals_of
from reports.queries.catalogue import REPORTS
from tests.reports.recomputing import open_book

TODAY = date(2026, 3, 5)


def test_every_report_is_whole():
    for report in REPORTS.values():
        places = range(len(report.fields))
        assert report.about.endswith(".")
        assert report.empty.endswith(".")
        drawing = report.drawing
        assert drawing is None or {drawing.label, drawing.across, *drawing.values} <= {*places}
        for one in report.fields:
            assert (one.share_of is not None) == (one.kind is Kind.PERCENT)
            assert one.share_of is None or all(report.fields[index].total for index in one.share_of)


@given(st.integers(0, 10**15), st.integers(1, 10**15))
def test_percentages_are_within_half_of_a_tenth(part, whole):
    """001-19: one decimal, rounded half up."""
    shown = Decimal(format_percent(part, whole, language="en").replace(",", "").removesuffix("\u00a0%"))

    assert abs(shown * whole - 100 * part) * 20 <= whole


@given(st.lists(st.tuples(st.integers(-(10**12), 10**12), st.integers(0, 10**12)), max_size=20))
def test_totals_are_sums_and_the_share_is_of_the_sums(pairs):
    report = REPORTS["collection-by-agent"]
    rows = [("x", whole, part, None, 0, 0) for part, whole in pairs]

    assert totals_of(report.fields, rows)[1:4] == (
        sum(whole for _part, whole in pairs),
        sum(part for part, _whole in pairs),
        (sum(part for part, _whole in pairs), sum(whole for _part, whole in pairs)),
    )


def test_days_that_nobody_named():
    assert usual_days(REPORTS["line-movements"], today=TODAY) == (date(2026, 3, 4), date(2026, 3, 4))
    assert usual_days(REPORTS["settlements"], today=TODAY) == (date(2026, 3, 1), TODAY)
    assert days_of_month(date(2026, 2, 9), today=TODAY) == (date(2026, 2, 1), date(2026, 2, 28))
    assert days_of_month(TODAY, today=TODAY) == (date(2026, 3, 1), TODAY)
    first = date(2026, 3, 1)
    assert days_sent(REPORTS["collection"], is_monthly=True, due_on=first) == (date(2026, 2, 1), date(2026, 2, 28))
    assert days_sent(REPORTS["line-reasons"], is_monthly=False, due_on=TODAY) == (date(2026, 3, 4), date(2026, 3, 4))


def test_shares_in_a_workbook_are_formulas_on_every_part_of_a_long_sheet():
    """Also where the sheet goes on: each share is of its own row."""
    columns = [Column(title="Part", kind=ColumnKind.INTEGER), Column(title="Whole", kind=ColumnKind.INTEGER),
               Column(title="Share", kind=ColumnKind.PERCENT, ratio=(0, 1))]  # fmt: skip
    stream = BytesIO()
    sheet = Sheet(
        title="S", columns=columns, rows=[(n, 4, None) for n in range(3)], totals=dict.fromkeys((0, 1), Total.SUM)
    )
    write_workbook(stream, [sheet], zone=ZoneInfo("UTC"), rows_per_sheet=5)
    first, second = open_book(stream.getvalue()).worksheets

    assert [cell.value for cell in first["C"]][1:] == [f'=IF(B{n}=0,"",A{n}/B{n})' for n in (2, 3, 4)]
    assert [cell.value for cell in second["C"]][1:] == [f'=IF(B{n}=0,"",A{n}/B{n})' for n in (2, 3, 4)]
    assert (first["C2"].number_format, second["A4"].value) == ("0.0%", "='S'!A4+'S (2)'!A3")


@pytest.mark.django_db
def test_command_writes_what_the_page_shows(tmp_path, ani):
    out = StringIO()
    call_command("report", "customers", "--format", "json", "--last", "2026-03-05", stdout=out)
    call_command("report", "customers", "--format", "xlsx", "--out", str(tmp_path / "c.xlsx"), stdout=out)

    assert '"All lines": "1"' in out.getvalue()
    assert open_book((tmp_path / "c.xlsx").read_bytes()).worksheets[0]["H2"].value == 1
    with pytest.raises(CommandError):
        call_command("report", "traffic", "--department", "nowhere", stdout=out)
