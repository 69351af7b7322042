"""A report as a table: the same columns make page, workbook and text file."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from billing_site.core.money import round_half_up
from billing_site.core.names import name_in
from billing_site.documents.workbooks import Sheet, criteria_sheet, safe_text
from billing_site.identity.models import Department, ServiceCentre
from billing_site.web.formatting import format_date, format_instant
from billing_site.web.tables import Column, Kind, TableCell, table_sheet
from billing_site.web.wrapping import current_language
from reports.domain.definition import (
    Answer,
    Definition,
    Drill,
    Kind as FieldKind,
    Question,
    ReportField,
    Row,
    share_in,
    totals_of,
)

PER_MILLE = 1000
EMPTY = mark_safe("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of a report, and what it opens."""

    cells: Row
    drill: Drill | None = None


def lines_of(answer: Answer) -> Sequence[Line]:
    """Return the rows of an answer with what is behind them."""
    if not answer.drills:
        return [Line(cells=row) for row in answer.rows]
    return [Line(cells=row, drill=drill) for row, drill in zip(answer.rows, answer.drills, strict=True)]


def columns_of(report: Definition) -> tuple[Column[Line], ...]:
    """Return the columns of a report in the page's language."""
    return tuple(_column(index, one) for index, one in enumerate(report.fields))


def word_of(one: ReportField, code: Any) -> str:
    """Return what a code of a column is called."""
    word = one.words.get(code, code)
    return gettext(word) if isinstance(word, str) and word and code in one.words else str(word)


def foot_of(report: Definition, columns: Sequence[Column[Line]], rows: Sequence[Row]) -> tuple[TableCell, ...]:
    """Return the line of totals; nothing for a report without totals, or without rows."""
    totals = totals_of(report.fields, rows)
    if not rows or not any(total is not None for total in totals):
        return ()
    line = Line(cells=[_unless_none(one, total) for one, total in zip(report.fields, totals, strict=True)])
    cells = [
        TableCell(html=column.html(line) if total is not None else EMPTY, css=column.css)
        for column, total in zip(columns, totals, strict=True)
    ]
    if totals[0] is None:
        cells[0] = TableCell(html=format_html("{}", gettext("Total")), css="")
    return tuple(cells)


def sheets_of(report: Definition, answer: Answer, *, facts: Sequence[tuple[str, str]]) -> list[Sheet]:
    """Return the workbook of a report: the table with formulas for totals and shares, and what was asked."""
    language = current_language()
    sheet = table_sheet(
        title=gettext(report.title),
        columns=columns_of(report),
        rows=lines_of(answer),
        language=language,
        total_label=gettext("Total"),
    )
    return [sheet, criteria_sheet(title=gettext("Criteria"), facts=facts, right_to_left=language == "ar")]


def text_lines(report: Definition, answer: Answer) -> Iterator[str]:
    """Yield the lines of a text file: separated by commas, amounts with points, days as 2026-03-05."""
    language, columns = current_language(), columns_of(report)
    yield _text_line([str(column.label) for column in columns])
    for line in lines_of(answer):
        yield _text_line([_text(column, line, language) for column in columns])


def plain_rows(report: Definition, answer: Answer) -> list[dict[str, str]]:
    """Return the rows as a text file has them, by the names of the columns."""
    language, columns = current_language(), columns_of(report)
    return [{str(column.label): _text(column, line, language) for column in columns} for line in lines_of(answer)]


def facts_of(report: Definition, question: Question, *, at: datetime) -> list[tuple[str, str]]:
    """Say what was asked: the report, its days, when it was made."""
    language = current_language()
    return [
        (gettext("Report"), gettext(report.title)),
        (gettext("From"), format_date(question.first, language=language)),
        (gettext("To"), format_date(question.last, language=language)),
        *_whose(question, language),
        (gettext("As of"), format_instant(at, language=language)),
    ]


def _whose(question: Question, language: str) -> Iterator[tuple[str, str]]:
    """Name the department and the service centre that were asked for."""
    for label, rows, pk in (
        (gettext("Department"), Department.objects, question.department_id),
        (gettext("Service centre"), ServiceCentre.objects, question.centre_id),
    ):
        for row in rows.filter(pk=pk) if pk is not None else ():
            yield label, name_in(row.names, language)


def _column(index: int, one: ReportField) -> Column[Line]:
    label = gettext(one.label)
    if one.kind is FieldKind.WORD:
        return Column(label=label, value=lambda line: word_of(one, line.cells[index]))
    if one.kind is FieldKind.PERCENT:
        share_of = one.share_of or (0, 0)
        return Column(
            label=label,
            value=lambda line: line.cells[index] or share_in(line.cells, share_of),
            kind=Kind.PERCENT,
            ratio=share_of,
        )
    return Column(
        label=label,
        value=lambda line: line.cells[index],
        kind=Kind(one.kind),
        total=one.total,
        currency=(lambda _line: settings.SALDO_CURRENCY) if one.kind is FieldKind.MONEY else None,
    )


def _unless_none(one: ReportField, total: Any) -> Any:
    """Return a cell of the line of totals; names and words are empty there."""
    return {} if total is None and one.kind is FieldKind.NAME else total


def _text_line(cells: Sequence[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerow(cells)
    return stream.getvalue()


def _text(column: Column[Line], line: Line, language: str) -> str:
    if column.kind is Kind.PERCENT:
        part, whole = column.raw(line)
        return str(Decimal(round_half_up(numerator=part * PER_MILLE, denominator=whole)) / 10) if whole else ""
    value = column.cell(line, language=language)
    if value is None:
        return ""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return safe_text(value) if isinstance(value, str) else str(value)
