"""
What a report is: titled tables, each with columns and rows; figures that follow from other tables are formulas.

A formula reads whole columns below the heading, so that it stays true when a row is added or removed in the sheet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

LAST_ROW = 1_048_576


class Kind(StrEnum):
    """What a column holds; amounts are of the major unit."""

    TEXT = "TEXT"
    INTEGER = "INTEGER"
    AMOUNT = "AMOUNT"
    DATE = "DATE"
    INSTANT = "INSTANT"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportColumn:
    """One column: its heading, what it holds, how wide it is (in characters)."""

    label: str
    kind: Kind = Kind.TEXT
    width: int = 16


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that is computed from other cells: ``=`` and an expression over them."""

    expression: str


ReportCell = str | int | Decimal | date | datetime | Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One table; ``rows`` is read once and may be a generator over a million."""

    title: str
    columns: Sequence[ReportColumn]
    rows: Iterable[Sequence[ReportCell]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnOf:
    """A column of another table: its title and the letter of the column."""

    title: str
    letter: str

    @property
    def cells(self) -> str:
        """The cells below the heading, as formulas write them."""
        quoted = self.title.replace("'", "''")
        return f"'{quoted}'!${self.letter}$2:${self.letter}${LAST_ROW}"


def sum_of(column: ColumnOf) -> Figure:
    """Return the sum of a column."""
    return Figure(f"=SUM({column.cells})")


def count_of(column: ColumnOf) -> Figure:
    """Return how many cells of a column are filled."""
    return Figure(f"=COUNTA({column.cells})")


def excess_of(column: ColumnOf, *, over: ColumnOf) -> Figure:
    """Return the sum of one column less that of another."""
    return Figure(f"=SUM({column.cells})-SUM({over.cells})")


def sum_of_cells(*cells: str) -> Figure:
    """Return the sum of single cells of the same table, such as ``C2``."""
    return Figure("=" + "+".join(cells))


def difference_of_cells(cell: str, less: str) -> Figure:
    """Return one cell of the same table less another."""
    return Figure(f"={cell}-{less}")


def excess_of_cells(*cells: str, over: str) -> Figure:
    """Return the sum of single cells of the same table less another cell."""
    return Figure("=" + "+".join(cells) + f"-{over}")
