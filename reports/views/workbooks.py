"""Reports as workbooks."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404, HttpResponseBase

from billing_site.core.money import currency_digits
from billing_site.documents.workbooks import CellValue, Column, ColumnKind, Formula, Sheet
from billing_site.identity.http import StaffRequest
from billing_site.web.exports import workbook_response
from billing_site.web.views import StaffPage
from billing_site.web.wrapping import current_language
from reports.domain.report import Figure, Report, ReportCell
from reports.queries.book_comparison import find_book_comparison_reports
from reports.queries.terminal_check import find_terminal_check_reports


class TerminalCheckWorkbook(StaffPage):
    """The workbook of a network's day."""

    permission: ClassVar[str] = "reconciliation.view_terminal_checks"

    def get(self, request: StaffRequest, network_code: str, day: date, **_: Any) -> HttpResponseBase:
        """Send it."""
        reports = find_terminal_check_reports(network_code=network_code, day=day)
        if reports is None:
            raise Http404
        sheets = [report_sheet(report, right_to_left=current_language() == "ar") for report in reports]
        return workbook_response(name=f"terminal-check-{network_code}-{day}", sheets=sheets)


class BookComparisonWorkbook(StaffPage):
    """The workbook of a comparison of billing with accounting."""

    permission: ClassVar[str] = "reconciliation.view_book_comparisons"

    def get(self, request: StaffRequest, comparison_id: int, **_: Any) -> HttpResponseBase:
        """Send it."""
        reports = find_book_comparison_reports(comparison_id=comparison_id)
        if reports is None:
            raise Http404
        sheets = [report_sheet(report, right_to_left=current_language() == "ar") for report in reports]
        return workbook_response(name=f"billing-against-accounting-{comparison_id}", sheets=sheets)


def report_sheet(report: Report, *, right_to_left: bool) -> Sheet:
    """Return a report as a sheet."""
    digits = currency_digits(settings.SALDO_CURRENCY)
    return Sheet(
        title=report.title,
        columns=[
            Column(title=column.label, kind=ColumnKind(column.kind), width=column.width, digits=digits)
            for column in report.columns
        ],
        rows=_cells(report),
        right_to_left=right_to_left,
    )


def _cells(report: Report) -> Iterator[Sequence[CellValue]]:
    for row in report.rows:
        yield [_cell(value) for value in row]


def _cell(value: ReportCell) -> CellValue:
    return Formula(value.expression) if isinstance(value, Figure) else value
