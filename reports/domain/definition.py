"""
A report as data: its columns, what may be asked, how it is read and what is drawn of it. One face shows them all.

Words are English msgids, marked by ``gettext_noop`` where a report is defined; the face translates them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

Row = Sequence[Any]


class Kind(StrEnum):
    """What a column holds; the face writes, aligns and exports it accordingly."""

    TEXT = "TEXT"
    NAME = "NAME"  # a mapping of names in several languages
    CODE = "CODE"
    WORD = "WORD"  # a code with a word of ours, see ``ReportField.words``
    DATE = "DATE"
    INSTANT = "INSTANT"
    STAMP = "STAMP"  # an instant by the machine's time, shown by the operator's clock
    PHONE = "PHONE"
    COUNT = "NUM"
    AMOUNT = "AMOUNT"  # a decimal
    MONEY = "MONEY"  # minor units
    MICRO = "MICRO"  # millionths
    DURATION = "DURATION"  # seconds
    PERCENT = "PERCENT"  # one column as a share of another, see ``ReportField.share_of``


class Span(StrEnum):
    """Of which time a report is."""

    NOW = "NOW"
    DAYS = "DAYS"
    MONTH = "MONTH"
    YEAR = "YEAR"  # thirteen months up to the one asked for


class Usual(StrEnum):
    """Which days a report of days is of unless others are asked for."""

    YESTERDAY = "YESTERDAY"
    THIS_MONTH = "THIS_MONTH"


class Picture(StrEnum):
    """How a report is drawn."""

    BARS = "BARS"
    LINES = "LINES"
    HEAT = "HEAT"
    AGES = "AGES"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportField:
    """
    One column.

    :param total: its sum stands below the last row
    :param words: what the codes of a ``WORD`` are called
    :param share_of: positions of the part and the whole of a ``PERCENT``
    """

    label: str
    kind: Kind = Kind.TEXT
    total: bool = False
    words: Mapping[str, Any] = field(default_factory=dict)
    share_of: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """
    What is drawn: positions of columns.

    Bars: one for each ``label`` with the sum of the first value, the share of the percentage that it is, or without a
    value the number of rows. Lines: a line for each value, summed over the labels. Heat: a row for each ``label``, a
    cell for each ``across``. Ages: a bar for each value, which is a class of age, and a table of them by ``label``.

    :param target: of percentages: the level drawn across, in tenths of a percent
    """

    kind: Picture
    title: str
    label: int
    values: tuple[int, ...]
    across: int = 0
    target: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    What is asked: days, both included, and whose figures.

    :param department_id: of one department; ``None`` for all of them
    :param centre_id: of one of its service centres
    """

    first: date
    last: date
    department_id: int | None = None
    centre_id: int | None = None

    @property
    def month(self) -> date:
        """The first day of the month of its last day."""
        return self.last.replace(day=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A figure of the report beside the same figure from elsewhere; both of the kind given."""

    label: str
    ours: int
    theirs: int
    kind: Kind = Kind.MONEY

    @property
    def is_agreed(self) -> bool:
        """Whether both say the same."""
        return self.ours == self.theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """
    Where the rows behind a row of a report are.

    :param url_name: the name of an address, ``args`` its parts, ``asked`` its filter
    :param permission: the verb that opens it
    """

    url_name: str
    permission: str
    args: tuple[int | str, ...] = ()
    asked: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    The rows, as many cells as there are columns, and what must say the same.

    :param drills: what is behind each row, in the order of the rows; empty where rows open nothing
    :param behind: what is behind all of them
    :param as_of: when summaries were added to, of figures that hold what came later too
    :param counted_at: of when figures are that hold nothing that came later
    """

    rows: Sequence[Row]
    drills: Sequence[Drill | None] = ()
    controls: tuple[Control, ...] = ()
    as_of: datetime | None = None
    counted_at: datetime | None = None
    behind: Drill | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """
    A report.

    :param code: its name in addresses and commands
    :param permission: who may read it
    :param is_by_department: may be asked for a department; others show figures of the whole network and are not for
        people of a department
    :param is_confirmed: departments confirm its figures of a month
    """

    code: str
    title: str
    about: str
    group: str
    permission: str
    span: Span
    fields: tuple[ReportField, ...]
    read: Callable[[Question], Answer]
    empty: str
    usual: Usual = Usual.THIS_MONTH
    drawing: Drawing | None = None
    is_by_department: bool = True
    is_confirmed: bool = False


def totals_of(fields: Sequence[ReportField], rows: Sequence[Row]) -> tuple[Any, ...]:
    """
    Return what stands below the last row: a sum for each column that has one, of a percentage the pair of the sums.

    ``None`` for the other columns.
    """
    sums = [sum(row[index] or 0 for row in rows) if one.total else None for index, one in enumerate(fields)]
    return tuple(_pair(sums, one.share_of) if one.share_of else value for one, value in zip(fields, sums, strict=True))


def share_in(row: Row, share_of: tuple[int, int]) -> tuple[int, int]:
    """Return part and whole of a row's percentage."""
    return row[share_of[0]] or 0, row[share_of[1]] or 0


def _pair(sums: Sequence[Any], share_of: tuple[int, int]) -> tuple[int, int] | None:
    part, whole = (sums[index] for index in share_of)
    return None if part is None or whole is None else (part, whole)
