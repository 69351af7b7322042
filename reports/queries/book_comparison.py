"""The workbook of billing against accounting: classes, the lines that differ, totals that follow."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.documents.workbooks import sheet_title
from reconciliation.models import BookFigure
from reconciliation.queries.book_comparisons import book_comparisons, differences_of, figures_of, movements_of
from reconciliation.queries.book_words import CASE_KINDS, CASE_STATES
from reports.domain.report import (
    ColumnOf,
    Kind,
    Report,
    ReportCell,
    ReportColumn,
    difference_of_cells,
    sum_of,
    sum_of_cells,
)

ROWS_AT_A_TIME = 1000


def find_book_comparison_reports(*, comparison_id: int) -> tuple[Report, ...] | None:
    """
    Return the tables of a comparison, the summary first, or ``None`` where there is none.

    Amounts are of the major unit of the operator's currency. Of each class what agrees and the control totals are
    values; all other figures of the summary are formulas over the class's own sheet.
    """
    if not book_comparisons().filter(pk=comparison_id).exists():
        return None
    figures = list(figures_of(comparison_id))
    titles = {figure.pk: sheet_title(figure.accounting_class.code) for figure in figures}
    return (
        Report(title=sheet_title(_("Summary")), columns=_summary_columns(), rows=_summary_rows(figures, titles)),
        Report(title=sheet_title(_("Movements")), columns=_movement_columns(), rows=_movement_rows(comparison_id)),
        *(
            Report(title=titles[figure.pk], columns=_difference_columns(), rows=_difference_rows(figure))
            for figure in figures
        ),
    )


def _major(minor: int) -> Decimal:
    return minor_to_decimal(minor, digits=currency_digits(settings.SALDO_CURRENCY))


def _amount(label: str) -> ReportColumn:
    return ReportColumn(label=label, kind=Kind.AMOUNT, width=18)


def _summary_columns() -> Sequence[ReportColumn]:
    return (
        ReportColumn(label=_("Class")),
        ReportColumn(label=_("Holds"), width=24),
        ReportColumn(label=_("Fixed or mobile")),
        _amount(_("Agreed")),
        _amount(_("Differing: ours")),
        _amount(_("Differing: theirs")),
        _amount(_("Our books")),
        _amount(_("Accounting")),
        _amount(_("Difference")),
        _amount(_("Control total of our books")),
        _amount(_("Control total of accounting")),
        _amount(_("Our books less their control total")),
        _amount(_("Accounting less its control total")),
    )


def _summary_rows(figures: Sequence[BookFigure], titles: dict[int, str]) -> Iterator[Sequence[ReportCell]]:
    for row, figure in enumerate(figures, start=2):
        held, title = figure.accounting_class, titles[figure.pk]
        yield (
            held.code,
            str(held.get_measure_display()),
            str(held.get_section_display()),
            _major(figure.matched_minor),
            sum_of(ColumnOf(title=title, letter="B")),
            sum_of(ColumnOf(title=title, letter="C")),
            sum_of_cells(f"D{row}", f"E{row}"),
            sum_of_cells(f"D{row}", f"F{row}"),
            difference_of_cells(f"G{row}", f"H{row}"),
            _major(figure.our_minor),
            _major(figure.their_minor),
            difference_of_cells(f"G{row}", f"J{row}"),
            difference_of_cells(f"H{row}", f"K{row}"),
        )


def _movement_columns() -> Sequence[ReportColumn]:
    return (
        ReportColumn(label=_("Fixed or mobile")),
        _amount(_("Opening")),
        _amount(_("Billed")),
        _amount(_("Corrected")),
        _amount(_("Paid")),
        _amount(_("Written off")),
        _amount(_("Other")),
        _amount(_("Closing")),
        _amount(_("Accounting: opening")),
        _amount(_("Accounting: debit turnover")),
        _amount(_("Accounting: credit turnover")),
        _amount(_("Accounting: closing")),
        _amount(_("Closing, ours less theirs")),
    )


def _movement_rows(comparison_id: int) -> Iterator[Sequence[ReportCell]]:
    for row, move in enumerate(movements_of(comparison_id), start=2):
        yield (
            str(move.get_section_display()),
            _major(move.opening_minor),
            _major(move.billed_minor),
            _major(move.corrected_minor),
            _major(move.paid_minor),
            _major(move.written_off_minor),
            _major(move.other_minor),
            sum_of_cells(*(f"{letter}{row}" for letter in "BCDEFG")),
            _major(move.their_opening_minor),
            _major(move.their_debit_minor),
            _major(-move.their_credit_minor),
            sum_of_cells(*(f"{letter}{row}" for letter in "IJK")),
            difference_of_cells(f"H{row}", f"L{row}"),
        )


def _difference_columns() -> Sequence[ReportColumn]:
    return (
        ReportColumn(label=_("Account")),
        _amount(_("Our books")),
        _amount(_("Accounting")),
        ReportColumn(label=_("What is wrong"), width=30),
        ReportColumn(label=_("State"), width=20),
        ReportColumn(label=_("How it was corrected"), width=40),
        ReportColumn(label=_("Letter, credit note or entry"), width=24),
    )


def _difference_rows(figure: BookFigure) -> Iterator[Sequence[ReportCell]]:
    lines = differences_of(figure.comparison_id, class_code=figure.accounting_class.code).order_by("account_number")
    for line in lines.iterator(chunk_size=ROWS_AT_A_TIME):
        yield (
            line.account_number,
            _major(line.our_minor),
            _major(line.their_minor),
            str(CASE_KINDS[line.case.kind]),
            str(CASE_STATES[line.case.state]),
            line.case.correction or None,
            line.case.document or None,
        )
