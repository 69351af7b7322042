"""
Rows of cells out of a register's bytes: separated text, a workbook, or XML.

A row that cannot be read is handed on as such: what to do about it is for the reader to say.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lxml import etree

from billing_site.documents.sheets import read_sheet
from rating.domain.cdr_formats.lines import RawLine, split_lines
from reconciliation.domain import register_faults as faults
from reconciliation.domain.register_faults import BadRow
from reconciliation.domain.register_maps import RegisterMap

MAX_LINE_BYTES = 4096
# Of a file that ends in the middle, and of one that calls for other files.
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")


class RegisterRow(NamedTuple):
    """
    A row: its number in the sender's file, its cells, which of them a workbook keeps as numbers; or what is bad in it.

    The rows of XML are counted from 1, those of a file with lines by its lines.
    """

    number: int
    cells: Sequence[str] = ()
    numbers: frozenset[int] = frozenset()
    bad: BadRow | None = None


def rows_of(content: bytes, *, register_map: RegisterMap) -> Iterator[RegisterRow]:
    """
    Yield the rows of a register, in the order of the file.

    :raises SheetRefused: if a workbook is none, or holds what no table holds
    """
    if register_map.form == "xlsx":
        for row in read_sheet(content).rows:
            yield RegisterRow(row.number, row.texts, row.numbers)
    elif register_map.form == "xml":
        yield from _rows_of_xml(content, register_map)
    else:
        for raw in split_lines([content], max_line_bytes=MAX_LINE_BYTES):
            yield _row_of_line(raw, register_map)


def _row_of_line(raw: RawLine, register_map: RegisterMap) -> RegisterRow:
    try:
        return RegisterRow(raw.line_no, _cells_of(raw, register_map))
    except BadRow as bad:
        return RegisterRow(raw.line_no, bad=bad)


def _cells_of(raw: RawLine, register_map: RegisterMap) -> Sequence[str]:
    if raw.is_cut:
        raise BadRow("", "", faults.LINE_TOO_LONG, limit=MAX_LINE_BYTES)
    try:
        text = raw.raw.decode(register_map.encoding)
    except UnicodeDecodeError as error:
        shown = raw.raw[error.start : error.start + 8].hex(" ")
        raise BadRow("", shown, faults.NOT_DECODABLE, encoding=register_map.encoding) from error
    if '"' not in text:
        return [cell.strip() for cell in text.split(register_map.delimiter)]
    try:
        rows = list(csv.reader([text], delimiter=register_map.delimiter, strict=True))
    except csv.Error as error:
        raise BadRow("", text, faults.BAD_QUOTES) from error
    return [cell.strip() for cell in rows[0]] if rows else []


def _rows_of_xml(content: bytes, register_map: RegisterMap) -> Iterator[RegisterRow]:
    number = 0
    if any(mark in content for mark in _DECLARATIONS):
        yield RegisterRow(1, bad=BadRow("", "DOCTYPE", faults.BAD_XML))
        return
    try:
        for number, element in enumerate(_elements(content, register_map.row), start=1):
            yield _row_of_element(number, element, register_map)
            element.clear()
            # What was read is let go, so that a long file needs no more memory than a short one.
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        yield RegisterRow(number + 1, bad=BadRow("", str(error.msg or ""), faults.BAD_XML))


def _elements(content: bytes, name: str) -> Iterator[Any]:
    events = etree.iterparse(
        io.BytesIO(content),
        events=("end",),
        tag=f"{{*}}{name}",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
    )
    for _event, element in events:
        yield element


def _row_of_element(number: int, element: Any, register_map: RegisterMap) -> RegisterRow:
    cells = []
    for name, path in register_map.headings.items():
        text = _text_at(element, path)
        if text is None:
            return RegisterRow(number, bad=BadRow(name, path, faults.NO_ELEMENT))
        cells.append(text.strip())
    return RegisterRow(number, cells)


def _text_at(element: Any, path: str) -> str | None:
    """Return the text of an element below, or of an attribute, whatever namespace they are of."""
    *steps, last = path.split("/")
    holder = element.find("/".join(f"{{*}}{step}" for step in steps)) if steps else element
    if holder is None:
        return None
    if last.startswith("@"):
        found: str | None = holder.get(last[1:])
        return found
    text: str | None = holder.findtext(f"{{*}}{last}")
    return text
