"""Where the records of a file begin: below the names of its columns, and below what stands above these."""

from collections.abc import Sequence
from typing import NamedTuple

from billing_site.core.messages import gettext_noop
from rating.domain.cdr_formats.column_maps import ColumnMap, ColumnMapRefused, columns_of
from rating.domain.cdr_formats.csv_lines import positions_of, read_header
from rating.domain.cdr_formats.lines import RawLine


class Headings(NamedTuple):
    """How many lines stand above the first record, and the names of the last of them where it names the columns."""

    line_count: int
    names: tuple[str, ...] | None


def find_headings(lines: Sequence[RawLine], *, column_map: ColumnMap) -> Headings:
    """
    Find the first record by the lines that a file begins with.

    Where the map names columns, the first line that has all the names is looked for; at most ``preamble_lines`` stand
    above it. Where it does not, there are exactly so many, and then the line of names, if files have one.

    :param lines: the first ``preamble_lines`` + 1 lines, or all of a shorter file
    :raises ColumnMapRefused: if no such line is there
    """
    above = column_map.preamble_lines
    named = [
        column for name in column_map.columns for column in columns_of(column_map, name) if isinstance(column, str)
    ]
    if not column_map.has_header:
        if len(lines) < above:
            raise _refusal(above, named)
        return Headings(above, None)
    if not named or not above:
        if len(lines) <= above:
            raise _refusal(above + 1, named)
        names = read_header(lines[above], column_map=column_map)
        positions_of(column_map, names)
        return Headings(above + 1, names)
    for at, line in enumerate(lines[: above + 1], start=1):
        try:
            names = read_header(line, column_map=column_map)
            positions_of(column_map, names)
        except ColumnMapRefused:
            continue
        return Headings(at, names)
    raise _refusal(above + 1, named)


def _refusal(count: int, named: Sequence[str]) -> ColumnMapRefused:
    return ColumnMapRefused(
        gettext_noop("None of the first %(count)s lines names all columns of the map (%(names)s)."),
        context={"count": count, "names": ", ".join(named) or "–"},
    )
