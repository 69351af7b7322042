"""Recompute a workbook's formulas from the cells they name, as a spreadsheet program does."""

import re
from decimal import Decimal
from io import BytesIO

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string

_CALL = re.compile(r"(SUM|COUNTA)\('((?:[^']|'')+)'!\$([A-Z]+)\$(\d+):\$[A-Z]+\$(\d+)\)")
_CELL = re.compile(r"(?<![A-Z$'!])([A-Z]+)(\d+)")
_TERMS = re.compile(r"[+-]?[0-9.]+(?:[+-][0-9.]+)*")


def open_book(content):
    return load_workbook(BytesIO(content))


def value_of(book, title, address):
    """Return the value of a cell, its formula recomputed."""
    cell = book[title][address]
    if cell.data_type != "f":
        return Decimal(str(cell.value or 0))
    text = cell.value.removeprefix("=")
    text = _CALL.sub(lambda found: str(_call(book, found)), text)
    text = _CELL.sub(lambda found: f"{value_of(book, title, found[0])}", text)
    text = text.replace("+-", "-").replace("--", "+")
    assert _TERMS.fullmatch(text), text
    return sum((Decimal(term) for term in re.findall(r"[+-]?[0-9.]+", text)), Decimal(0))


def _call(book, found):
    name, title, letter, first, last = found.groups()
    number = column_index_from_string(letter)
    cells = book[title.replace("''", "'")].iter_rows(
        min_row=int(first),
        max_row=min(int(last), book[title].max_row),
        min_col=number,
        max_col=number,
        values_only=True,
    )
    filled = [value for (value,) in cells if value is not None]
    return len(filled) if name == "COUNTA" else sum((Decimal(str(value)) for value in filled), Decimal(0))
