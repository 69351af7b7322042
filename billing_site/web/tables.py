"""
Tables are declared: which columns, what they hold, where a row leads.

The same declaration makes the page and the workbook, so both show the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from billing_site.core import clock
from billing_site.core.money import currency_digits, micro_to_decimal, minor_to_decimal
from billing_site.core.names import name_in
from billing_site.documents import workbooks
from billing_site.web import wrapping
from billing_site.web.addresses import Holder, is_open
from billing_site.web.states import look_of

Row = TypeVar("Row")
Accessor = str | Callable[[Any], Any]
MICRO_DIGITS = 6


class Kind(StrEnum):
    """What a column holds; decides how it is written, aligned and exported."""

    TEXT = "TEXT"
    SENTENCE = "SENTENCE"  # words of ours with numbers among them
    NAME = "NAME"  # a mapping of names in several languages
    NUM = "NUM"
    MONEY = "MONEY"  # minor units
    MICRO = "MICRO"  # micro units
    AMOUNT = "AMOUNT"  # Decimal of the major unit
    DATE = "DATE"
    INSTANT = "INSTANT"
    STAMP = "STAMP"  # an instant by the machine's time, shown by the operator's clock
    DURATION = "DURATION"  # seconds
    PHONE = "PHONE"
    CODE = "CODE"
    STATE = "STATE"
    PERCENT = "PERCENT"  # a pair: a part and its whole


END_ALIGNED = frozenset({Kind.NUM, Kind.MONEY, Kind.MICRO, Kind.AMOUNT, Kind.DURATION, Kind.PERCENT})
WORKBOOK_KINDS = {
    Kind.NUM: workbooks.ColumnKind.INTEGER,
    Kind.MONEY: workbooks.ColumnKind.AMOUNT,
    Kind.MICRO: workbooks.ColumnKind.AMOUNT,
    Kind.AMOUNT: workbooks.ColumnKind.AMOUNT,
    Kind.DATE: workbooks.ColumnKind.DATE,
    Kind.INSTANT: workbooks.ColumnKind.INSTANT,
    Kind.STAMP: workbooks.ColumnKind.INSTANT,
    Kind.DURATION: workbooks.ColumnKind.DURATION,
    Kind.PERCENT: workbooks.ColumnKind.PERCENT,
}
_WITH_CURRENCY: Mapping[Kind, Callable[..., SafeString]] = {
    Kind.MONEY: wrapping.minor_html,
    Kind.MICRO: wrapping.micro_html,
    Kind.AMOUNT: wrapping.amount_html,
}
_TO_HTML: Mapping[Kind, Callable[[Any], SafeString]] = {
    Kind.TEXT: wrapping.text_html,
    Kind.SENTENCE: lambda value: wrapping.ready_sentence_html(str(value)) if value else wrapping.NOTHING,
    Kind.NAME: wrapping.name_html,
    Kind.NUM: wrapping.number_html,
    Kind.DATE: wrapping.date_html,
    Kind.INSTANT: wrapping.instant_html,
    Kind.STAMP: wrapping.stamp_html,
    Kind.DURATION: wrapping.duration_html,
    Kind.PHONE: wrapping.phone_html,
    Kind.CODE: wrapping.code_html,
    Kind.STATE: wrapping.state_html,
    Kind.PERCENT: wrapping.percent_html,
}
_TO_WORKBOOK: Mapping[Kind, Callable[[Any], workbooks.CellValue]] = {
    Kind.MICRO: micro_to_decimal,
    Kind.STAMP: clock.moved,
    Kind.STATE: lambda state: str(look_of(state).label),
    Kind.TEXT: str,
    Kind.SENTENCE: str,
    Kind.CODE: str,
    Kind.PHONE: str,
}
WIDTHS = {
    Kind.TEXT: 32,
    Kind.SENTENCE: 40,
    Kind.NAME: 32,
    Kind.INSTANT: 20,
    Kind.STAMP: 20,
    Kind.CODE: 20,
    Kind.PHONE: 18,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[Row]):
    """
    One column.

    :param value: attribute path (``"account.number"``), key of a mapping, or a function of the row
    :param href: where the cell leads, empty for nowhere
    :param currency: code shown with the amount (a path or function); decides the decimals too
    :param total: sum the column up in the workbook
    :param ratio: of a percentage: the positions of part and whole among the columns; the workbook has a formula
    """

    label: str | Promise
    value: Accessor
    kind: Kind = Kind.TEXT
    href: Callable[[Row], str] | None = None
    currency: Accessor | None = None
    total: bool = False
    width: int = 0
    ratio: tuple[int, int] | None = None

    @property
    def css(self) -> str:
        """The class of its cells."""
        return "end" if self.kind in END_ALIGNED else ""

    def raw(self, row: Row) -> Any:
        """Return the value as the row has it."""
        return _read(row, self.value)

    def html(self, row: Row, *, holder: Holder | None = None) -> SafeString:
        """Return the cell as HTML; whoever may not open what it leads to reads it alone."""
        shown = self._shown(row, self.raw(row))
        target = _way_of(holder, self.href(row) if self.href else "")
        return format_html('<a href="{}">{}</a>', target, shown) if target else shown

    def cell(self, row: Row, *, language: str) -> workbooks.CellValue:
        """Return the cell as a workbook holds it."""
        value = self.raw(row)
        if value is None or self.kind is Kind.PERCENT:
            return None
        if self.kind is Kind.MONEY:
            return minor_to_decimal(value, digits=currency_digits(self._currency_of(row) or settings.SALDO_CURRENCY))
        if self.kind is Kind.NAME:
            return name_in(value, language)
        convert = _TO_WORKBOOK.get(self.kind)
        result: workbooks.CellValue = convert(value) if convert else value
        return result

    def workbook_column(self) -> workbooks.Column:
        """Return the column of the workbook."""
        digits = {Kind.MONEY: currency_digits(settings.SALDO_CURRENCY), Kind.MICRO: MICRO_DIGITS}
        return workbooks.Column(
            title=str(self.label),
            kind=WORKBOOK_KINDS.get(self.kind, workbooks.ColumnKind.TEXT),
            width=self.width or WIDTHS.get(self.kind, workbooks.DEFAULT_WIDTH),
            digits=digits.get(self.kind, 2),
            ratio=self.ratio,
        )

    def _currency_of(self, row: Row) -> str:
        return "" if self.currency is None else str(_read(row, self.currency) or "")

    def _shown(self, row: Row, value: Any) -> SafeString:
        if self.kind in _WITH_CURRENCY:
            return _WITH_CURRENCY[self.kind](value, currency=self._currency_of(row))
        return _TO_HTML[self.kind](value)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCell:
    """One cell made ready."""

    html: SafeString
    css: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row made ready; ``href`` is where Enter leads."""

    cells: tuple[TableCell, ...]
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[Row]):
    """
    What ``components/table.html`` shows.

    ``caption`` is read aloud; ``empty`` says what will be here, why it is empty, and the next step.
    """

    columns: Sequence[Column[Row]]
    rows: Sequence[Row]
    caption: str | Promise
    empty: str | Promise = ""
    row_href: Callable[[Row], str] | None = None
    # The line of totals, if the page has one: as many cells as columns.
    foot: Sequence[TableCell] = ()

    def body(self, holder: Holder | None = None) -> Iterator[TableRow]:
        """Return the rows, each cell wrapped, with the ways that a person may go; with all of them for nobody."""
        for row in self.rows:
            cells = tuple(TableCell(html=column.html(row, holder=holder), css=column.css) for column in self.columns)
            yield TableRow(cells=cells, href=_way_of(holder, self.row_href(row) if self.row_href else ""))


def table_sheet(
    *, title: str, columns: Sequence[Column[Row]], rows: Iterable[Row], language: str, total_label: str = ""
) -> workbooks.Sheet:
    """Return the sheet with the same columns; ``rows`` is read once."""
    totals: Mapping[int, workbooks.Total] = {
        index: workbooks.Total.SUM for index, column in enumerate(columns) if column.total
    }
    return workbooks.Sheet(
        title=title,
        columns=[column.workbook_column() for column in columns],
        rows=([column.cell(row, language=language) for column in columns] for row in rows),
        totals=totals,
        total_label=total_label,
        right_to_left=language == "ar",
    )


def _way_of(holder: Holder | None, url: str) -> str:
    return url if url and (holder is None or is_open(holder, url)) else ""


def _read(row: object, accessor: Accessor) -> Any:
    """Follow a path of attributes and keys; a gap on the way is nothing, a wrong name is an error."""
    if callable(accessor):
        return accessor(row)
    value: Any = row
    for part in accessor.split("."):
        if value is None:
            return None
        value = value[part] if isinstance(value, Mapping) else getattr(value, part)
        if callable(value):
            value = value()
    return value
