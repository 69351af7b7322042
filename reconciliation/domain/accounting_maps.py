"""
How an accounting program writes its ledger: a table with headings, or the turnover sheet as 1C saves it.

A map is data. ``layout`` is ``TABLE`` (one line for each class and customer, columns found by their headings) or
``SHEET_1C`` (the turnover sheet: a line for each class, its customers below it, columns by their place).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

ENCODINGS = ("utf-8", "cp1251", "cp866", "cp1250", "cp1252", "koi8-r")
DELIMITERS = (";", ",", "\t", "|")
SIDES = ("opening", "closing")
TURNOVER = ("debit", "credit")
# What 1C shows in its turnover sheet, from the left.
SHEET_1C_PLACES: Mapping[str, int] = {
    "name": 0,
    "opening_debit": 1,
    "opening_credit": 2,
    "debit": 3,
    "credit": 4,
    "closing_debit": 5,
    "closing_credit": 6,
}
_KEYS = frozenset({"layout", "encoding", "delimiter", "decimal_mark", "columns", "total_mark"})


class AccountingMapRefused(BillingError):
    """The map says nothing that could be followed."""

    default_message = gettext_noop("The column map is not usable: %(reason)s")
    default_code = "ACCOUNTING_MAP_REFUSED"


class Layout(StrEnum):
    """How a file is built."""

    TABLE = "TABLE"
    SHEET_1C = "SHEET_1C"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingFileMap:
    """
    A map that was read.

    :param headings: of a table: field to heading. Fields: class, account, name, opening and closing (debits positive)
        or opening_debit, opening_credit, closing_debit, closing_credit; debit, credit
    :param places: of a 1C sheet: field to place from 0
    :param total_mark: a line that begins so is a total
    """

    layout: Layout
    encoding: str
    delimiter: str
    decimal_mark: str
    headings: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
    total_mark: str = ""


def read_accounting_map(plain: Mapping[str, Any]) -> AccountingFileMap:
    """
    Read a map from its plain form, as it is kept.

    :raises AccountingMapRefused: with what is wrong in it
    """
    unknown = sorted(set(plain) - _KEYS)
    if unknown:
        raise _refusal(f"unknown word {unknown[0]}")
    layout = str(plain.get("layout", Layout.TABLE))
    encoding = str(plain.get("encoding", "utf-8")).lower()
    delimiter = plain.get("delimiter", ";")
    decimal_mark = plain.get("decimal_mark", ".")
    if layout not in set(Layout):
        raise _refusal("layout is TABLE or SHEET_1C")
    if encoding not in ENCODINGS:
        raise _refusal(f"encoding is one of {', '.join(ENCODINGS)}")
    if delimiter not in DELIMITERS:
        raise _refusal("delimiter is ; or , or | or a tab")
    if decimal_mark not in {".", ","} or decimal_mark == delimiter:
        raise _refusal("decimal_mark is a point or a comma, and not the delimiter")
    is_table = layout == Layout.TABLE
    return AccountingFileMap(
        layout=Layout(layout),
        encoding=encoding,
        delimiter=delimiter,
        decimal_mark=decimal_mark,
        headings=_headings(plain.get("columns")) if is_table else {},
        places={} if is_table else SHEET_1C_PLACES,
        total_mark=str(plain.get("total_mark", "" if is_table else "Итого")),
    )


def _headings(plain: object) -> dict[str, str]:
    """Return the headings of a table; each side is one signed column or a pair."""
    if not isinstance(plain, Mapping) or not all(isinstance(one, str) and one.strip() for one in plain.values()):
        raise _refusal("columns names a heading for each field")
    names = {str(name) for name in plain}
    known = {"class", "account", "name", *TURNOVER}
    for side in SIDES:
        pair = {f"{side}_debit", f"{side}_credit"}
        if (side in names) == (pair <= names):
            raise _refusal(f"columns names {side}, or {side}_debit and {side}_credit")
        known |= pair if pair <= names else {side}
    missing, strange = {"class", *TURNOVER} - names, names - known
    if missing or strange:
        raise _refusal(
            f"columns: {', '.join(sorted(missing or strange))} {'is missing' if missing else 'is not known'}"
        )
    return {str(name): str(heading).strip() for name, heading in plain.items()}


def _refusal(reason: str) -> AccountingMapRefused:
    return AccountingMapRefused(context={"reason": reason})
